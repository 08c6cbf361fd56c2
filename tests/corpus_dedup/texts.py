"""Copies with mistakes, and sketches as bytes."""

import random

from glasswright.corpus.dedup import Sketches


def mutated(text: str, share: float, seed: int = 0) -> str:
    """The text with about this share of its words replaced by new ones."""
    draw = random.Random(seed)
    return " ".join(f"new{draw.randrange(10**6)}" if draw.random() < share else word for word in text.split())


def as_bytes(sketches: Sketches) -> bytes:
    arrays = (sketches.num_words_D, sketches.signature_DH, sketches.sample_G, sketches.offsets)
    return b"".join(array.tobytes() for array in arrays)
