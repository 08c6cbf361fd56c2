"""Which documents repeat another one, and which: exact, near, contained, in that order.

    exact_duplicate               the same text; kept: the lowest document id
    near_duplicate                in one cluster of similar texts; kept: most words, then lowest id      (`near`)
    contained_in_longer_document  half or more inside a longer one; kept: the longer                     (`contained`)

Each step looks only at what the step before kept. `duplicate_of` always names a document that is kept in the end.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from glasswright.corpus.dedup.contained import TextOf, contained
from glasswright.corpus.dedup.near import near_duplicates
from glasswright.corpus.dedup.sketches import Sketches


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What counts as a duplicate besides equal text. Shares are exact; None switches a step off."""

    near_similarity: Fraction | None = None  # Jaccard similarity of shingles, e.g. 1/2
    contained_share: Fraction | None = None  # of the shorter document's 8-grams, e.g. 1/2


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """A document that is dropped, for which kept one, and why."""

    document_id: str
    duplicate_of: str
    reason: str


def duplicates(
    document_ids: Sequence[str], sha256s: Sequence[str], sketches: Sketches, bounds: Bounds, text_of: TextOf
) -> list[Duplicate]:
    """The documents that repeat another one, in order of id: the same for any order of the input.

    document_ids, sha256s, sketches:  of the same documents in the same order; sha256 of the text as it is learned from
    text_of:                          that text, by its place in this order; asked for where sketches cannot tell

    Raises:  ValueError if the lengths differ or an id comes twice.
    """
    if not len(document_ids) == len(sha256s) == len(sketches):
        raise ValueError(f"expected as many ids as digests and sketches, got {len(document_ids)}, {len(sha256s)}")
    if len(set(document_ids)) != len(document_ids):
        raise ValueError("document_ids: an id comes twice")
    place_D = np.array(sorted(range(len(document_ids)), key=document_ids.__getitem__), np.int64)
    holder_D = np.arange(len(place_D))
    reason: list[str | None] = [None] * len(place_D)
    for name, step in _steps(bounds, sha256s, sketches, text_of):
        open_ = np.flatnonzero(holder_D == np.arange(len(place_D)))
        found = open_[step(place_D[open_])]
        holder_D[open_] = found
        for index in open_[found != open_].tolist():
            reason[index] = name
    return [
        Duplicate(document_id=document_ids[place_D[index]], duplicate_of=document_ids[place_D[last]], reason=why)
        for index, why in enumerate(reason)
        if why is not None
        for last in [_last(holder_D, index)]
    ]


_Step = Callable[[np.ndarray], np.ndarray]  # places in order of id -> for each, the index of the one that is kept


def _steps(bounds: Bounds, sha256s: Sequence[str], sketches: Sketches, text_of: TextOf) -> Iterator[tuple[str, _Step]]:
    """The steps that are asked for, in order, with the reason that each gives."""
    yield "exact_duplicate", lambda places: _equal([sha256s[place] for place in places.tolist()])
    if similarity := bounds.near_similarity:
        yield "near_duplicate", lambda places: near_duplicates(sketches.take(places), similarity)
    if share := bounds.contained_share:
        yield (
            "contained_in_longer_document",
            lambda places: contained(sketches.take(places), share, lambda index: text_of(int(places[index]))),
        )


def _equal(sha256s: Sequence[str]) -> np.ndarray:
    """For each text, the first that equals it."""
    first: dict[str, int] = {}
    return np.array([first.setdefault(sha256, index) for index, sha256 in enumerate(sha256s)], np.int64)


def _last(holder_D: np.ndarray, index: int) -> int:
    """The end of the chain: a holder that was itself dropped hands over to its own."""
    while holder_D[index] != index:
        index = int(holder_D[index])
    return index
