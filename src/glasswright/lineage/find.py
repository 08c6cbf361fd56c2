"""Which derivation a child is to be held to: the one that was named, or the one that what was given leaves.

the child is a GGUF file       quantize
an adapter is given            merge-adapter
a place on the arc             merge-slerp
several parents                merge-linear, with the weights given, or of two with the one that one tensor tells
one parent                     copy where no type is another, else convert
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

import numpy as np

from glasswright.errors import Misuse, Unknown
from glasswright.lineage.adapted import adapted
from glasswright.lineage.copied import copied, is_plain
from glasswright.lineage.derived import Derivation
from glasswright.lineage.merged import linear, slerp
from glasswright.lineage.quantized import quantized
from glasswright.lineage.stored import Stored
from glasswright.records.lineage import Kind

PLACES = 3  # of a weight that is found
PIECE = 2**20  # numbers looked at at a time
MOST_SHARE = 1000  # beyond which it is no merge that fits
MAX_DIGITS = 40  # of a number that is given
PLACES_OF_WEIGHTS = range(-12, 4)  # of its first digit, so that no exact sum of them is long


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """What was said of how a child was made; nothing of it has to be."""

    kind: Kind | None = None
    adapter: Path | None = None
    weights: tuple[Decimal, ...] = ()
    t: Decimal | None = None


def derivation(child: Stored, parents: Sequence[Stored], how: How) -> Derivation:
    """The child's tensors as they should be.

    Raises:  Misuse for what does not go together; Unknown if nothing can be derived.
    """
    kind = how.kind or _kind(child, parents, how)
    if (child.header is not None) != (kind == "quantize"):
        told = "a GGUF file" if child.header is not None else "no GGUF file"
        raise Misuse(f"{child.path}: {told}, so --kind {kind} does not go with it", hint=MERGED_FIRST)
    if (how.adapter is not None) != (kind == "merge-adapter"):
        raise Misuse(f"--adapter goes with the kind merge-adapter alone, not {kind}", hint=MERGED_FIRST)
    if kind == "merge-linear":
        return linear(parents, how.weights or _weights_of(child, parents))
    if kind == "merge-slerp":
        if how.t is None:
            raise Misuse("merge-slerp: where on the arc is not said", hint="--slerp 0.5")
        return slerp(parents, how.t)
    if len(parents) != 1:
        raise Misuse(f"{len(parents)} parents, where {kind} has one", hint="name one with --from")
    if how.adapter is not None:
        return adapted(parents[0], how.adapter)
    return quantized(parents[0]) if kind == "quantize" else copied(parents[0], child)


MERGED_FIRST = "a file made of a merged model has that model for its parent"


def _kind(child: Stored, parents: Sequence[Stored], how: How) -> Kind:
    if child.header is not None:
        return "quantize"
    if how.adapter is not None:
        return "merge-adapter"
    if how.t is not None:
        return "merge-slerp"
    return "merge-linear" if len(parents) > 1 else "copy"


def _weights_of(child: Stored, parents: Sequence[Stored]) -> tuple[Decimal, ...]:
    """Of two parents: the share of the first that fits the child's largest tensor best.

    Raises:  Misuse for more parents; Unknown if no tensor tells.
    """
    if len(parents) != 2:
        raise Misuse(f"{len(parents)} parents: their weights are not found", hint="--linear 0.2,0.3,0.5")
    first, second = parents
    names = [name for name in child.tensors if _is_in_all(name, child, first, second)]
    for name in sorted(names, key=lambda it: -child.tensors[it].size_bytes):
        share = _share(child.numbers(name), first.parameter(name), second.parameter(name))
        if abs(share) <= MOST_SHARE:
            weight = round(Decimal(share), PLACES)
            return weight, 1 - weight
    raise Unknown("the parents are equal in every tensor that the child has, so no weight is told")


def _share(child: np.ndarray, a: np.ndarray, b: np.ndarray) -> float:
    """Of a in a child between a and b, by least squares; NaN where the two are equal, or one is no number."""
    along = square = 0.0
    for begin in range(0, child.size, PIECE):
        x, y, z = (it.reshape(-1)[begin : begin + PIECE].astype(np.float64) for it in (child, a, b))
        along += float(np.sum((x - z) * (y - z)))
        square += float(np.sum((y - z) * (y - z)))
    return along / square if square else float("nan")


def _is_in_all(name: str, child: Stored, first: Stored, second: Stored) -> bool:
    there = [parent.find(name) for parent in (first, second)]
    return is_plain(child, name) and all(
        it is not None and is_plain(parent, it) and parent.tensors[it].shape == child.tensors[name].shape
        for parent, it in zip((first, second), there, strict=True)
    )


def weights_of(text: str | None) -> tuple[Decimal, ...]:
    """The weights of `--linear`.

    Raises:  Misuse for what is no number.
    """
    return tuple(_number("--linear", it) for it in text.split(",")) if text is not None else ()


def place_on_arc(text: str | None) -> Decimal | None:
    """The place of `--slerp`.

    Raises:  Misuse for what is no number from 0 to 1.
    """
    if text is None:
        return None
    place = _number("--slerp", text)
    if not 0 <= place <= 1:
        raise Misuse(f"--slerp {text}: expected 0 to 1")
    return place


def _number(option: str, text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or len(text) > MAX_DIGITS or number.adjusted() not in PLACES_OF_WEIGHTS:
        raise Misuse(f"{option} {text[:80]}: expected numbers such as 0.3", hint="--linear 0.3,0.7; --slerp 0.5")
    return number
