"""Repetition across documents: exact and near-duplicates, documents inside others, and evaluation sets.

sketch(texts) -> Sketches                            for one batch, anywhere, in any order
join([Sketches, ...]) -> Sketches
duplicates(ids, sha256s, sketches, Bounds(...), text_of) -> [Duplicate, ...]      once, over all documents

Contamination({name: items(path), ...}).hits(texts) -> [[Hit, ...], ...]   for one batch, anywhere
"""

from glasswright.corpus.dedup.contamination import Contamination, EvaluationSet, Hit
from glasswright.corpus.dedup.evaluations import Item, items
from glasswright.corpus.dedup.resolve import Bounds, Duplicate, duplicates
from glasswright.corpus.dedup.sketches import Sketches, join, sketch

__all__ = [
    "Bounds",
    "Contamination",
    "Duplicate",
    "EvaluationSet",
    "Hit",
    "Item",
    "Sketches",
    "duplicates",
    "items",
    "join",
    "sketch",
]
