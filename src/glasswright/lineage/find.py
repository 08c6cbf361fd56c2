"""Which derivation a child is to be held to: the one that was named, or the one that what was given leaves.

the child is a GGUF file       quantize
an adapter is given            merge-adapter
a place on the arc             merge-slerp
several parents                merge-linear, with the weights given, or of two with the one that one tensor tells
one parent                     copy where no type is another, else convert
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np

from glasswright.errors import Misuse, Unknown
from glasswright.lineage.adapted import adapted
from glasswright.lineage.copied import copied, is_plain
from glasswright.lineage.derived import Derivation, Kind
from glasswright.lineage.merged import linear, slerp
from glasswright.lineage.quantized import quantized
from glasswright.lineage.stored import Stored

PLACES = 3  # of a weight that is found


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
        a, b = first.parameter(name).astype(np.float64), second.parameter(name)
        away = a - b
        if (square := float(np.sum(away * away))) > 0:
            share = float(np.sum((child.numbers(name) - b) * away)) / square
            if np.isfinite(share):
                weight = round(Decimal(share), PLACES)
                return weight, 1 - weight
    raise Unknown("the parents are equal in every tensor that the child has, so no weight is told")


def _is_in_all(name: str, child: Stored, first: Stored, second: Stored) -> bool:
    there = [parent.find(name) for parent in (first, second)]
    return is_plain(child, name) and all(
        it is not None and is_plain(parent, it) and parent.tensors[it].shape == child.tensors[name].shape
        for parent, it in zip((first, second), there, strict=True)
    )
