"""A tensor against what it should be, and where it is not that.

bits equal                                       PROVED
bits differ, in a type that is written one way   REFUTED, with every block that differs
within what another order of addition allows     UNKNOWN: consistent, by an arithmetic that is not known
in a type whose writers choose scales            UNKNOWN, with the distance: K-quants, IQ, importance matrices
... and farther off than zeros would be          REFUTED: no quantization of these numbers
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from glasswright.errors import Unknown
from glasswright.lineage.derived import Derived, Slack
from glasswright.lineage.narrow import PLAIN, SEARCHED, WRITTEN, block, fused, narrowed, widened
from glasswright.lineage.stored import Stored
from glasswright.records.verdict import Answer

THROUGH = ("F16", "BF16")  # what converters write first, and quantize then
UNITS = {"F32": 2.0**-24, "F16": 2.0**-11, "BF16": 2.0**-8}  # half a step between neighbours, at 1
LEAST = {"F32": 2.0**-149, "F16": 2.0**-24, "BF16": 2.0**-133}  # the step between the least numbers
MOST_NAMED = 8  # runs of blocks that a line names
MOST_LISTED = 10_000  # ... and that a place lists


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What a tensor is found to be; `note` where something is known by it of how it was made."""

    answer: Answer
    evidence: str = ""
    note: str = ""
    place: dict[str, int | str] = field(default_factory=dict)


PROVED = Compared(answer=Answer.PROVED)


def compare(child: Stored, name: str, derived: Derived) -> Compared:
    """One tensor of a child.

    Raises:  Unknown if it cannot be derived.
    """
    found = _Found(child, name)
    if found.tensor.shape != derived.shape:
        return found.refuted(f"shape {list(found.tensor.shape)}, where it would be {list(derived.shape)}")
    if derived.as_it_is is not None and derived.as_it_is[0] == found.kind:
        return _by_bytes(found, derived.as_it_is[1]())
    numbers = derived.numbers()
    if found.kind not in WRITTEN:
        return _by_distance(found, numbers, f"{found.kind} leaves the choice of scales to its writer")
    if derived.shape and derived.shape[-1] % block(found.kind)[0]:
        raise Unknown(f"its rows are no blocks of {found.kind}")
    expected = narrowed(numbers, found.kind)
    if np.array_equal(found.raw, expected):
        return PROVED
    if found.kind in PLAIN:
        return _by_slack(found, expected, numbers, derived.slack)
    return _by_other_ways(found, expected, numbers)


class _Found:
    """A child's tensor under examination."""

    def __init__(self, child: Stored, name: str):
        self.child, self.name, self.tensor = child, name, child.tensors[name]
        self.kind = self.tensor.kind

    @cached_property
    def raw(self) -> np.ndarray:
        return self.child.raw(self.name)

    @cached_property
    def numbers(self) -> np.ndarray:
        return widened(self.raw, self.kind, self.child.where(self.name)).reshape(self.tensor.shape)

    def refuted(self, evidence: str, **place: int | str) -> Compared:
        named: dict[str, int | str] = {"file": self.tensor.file, "tensor": self.name}
        return Compared(answer=Answer.REFUTED, evidence=evidence, place=named | place)

    def blocks_refuted(self, unequal: np.ndarray, in_block: int) -> Compared:
        """The blocks that are not what they should be, by their numbers in the tensor."""
        blocks = np.flatnonzero(unequal)
        in_row = max(self.tensor.shape[-1] if self.tensor.shape else 1, 1)
        rows = np.unique(blocks * in_block // in_row)
        runs, thing = _runs(blocks), "block" if in_block > 1 else "number"
        told = f"{len(blocks):,} of {len(unequal):,} {thing}s differ: {_listed(runs, MOST_NAMED)}"
        told += f"; in {len(rows):,} of {max(int(np.prod(self.tensor.shape)) // in_row, 1):,} rows: "
        told += _listed(_runs(rows), MOST_NAMED)
        where: dict[str, int | str] = {thing: int(blocks[0]), "row": int(rows[0]), f"num_{thing}s": len(blocks)}
        return self.refuted(told, **where, **{f"{thing}s": _listed(runs, MOST_LISTED)})


def _by_bytes(found: _Found, expected: np.ndarray) -> Compared:
    if np.array_equal(found.raw, expected):
        return PROVED
    in_block, size = block(found.kind) if found.kind in WRITTEN else (1, _bytes_of_each(found))
    return found.blocks_refuted(_unequal(found.raw, expected, size), in_block)


def _bytes_of_each(found: _Found) -> int:
    return max(found.tensor.size_bytes // max(int(np.prod(found.tensor.shape)), 1), 1)


def _by_slack(found: _Found, expected: np.ndarray, numbers: np.ndarray, slack: Slack | None) -> Compared:
    """Numbers each by itself: ours, or those that another order of addition may lead to."""
    unequal = _unequal(found.raw, expected, block(found.kind)[1])
    if slack is None:
        return found.blocks_refuted(unequal, 1)
    unit = UNITS[found.kind]
    with np.errstate(all="ignore"):
        reach = slack(unit) + slack(UNITS["F32"])
        reach += unit * (np.abs(numbers) + reach) + LEAST[found.kind]
        off = np.abs(found.numbers - numbers)
        beyond = ~(off <= reach).reshape(-1) & unequal
    if beyond.any():
        return found.blocks_refuted(beyond, 1)
    told = f"{int(unequal.sum()):,} of {unequal.size:,} numbers differ, each by no more than another order of the same "
    told += f"additions, or rounding each step to {found.kind}, may change it: by {float(off.max()):.3g} at most"
    return Compared(answer=Answer.UNKNOWN, evidence=f"{told}. Which arithmetic made it is not known")


def _by_other_ways(found: _Found, expected: np.ndarray, numbers: np.ndarray) -> Compared:
    """Blocks: of numbers that were in 16 bits first, by a compiler that fuses, or with scales that were searched."""
    in_block, size = block(found.kind)
    unequal = _unequal(found.raw, expected, size)
    rows = numbers.reshape(-1, numbers.shape[-1])
    per_row = numbers.shape[-1] // in_block
    row = int(unequal.argmax()) // per_row
    for through in THROUGH:  # all rows if the first that differs is explained by it
        for some, raw in ((rows[row : row + 1], found.raw.reshape(len(rows), -1)[row]), (rows, found.raw)):
            if not np.array_equal(raw, narrowed(_through(some, through), found.kind)):
                break
        else:
            return Compared(answer=Answer.PROVED, note=f"through {through}")
    if found.kind in SEARCHED and np.array_equal(found.raw, fused(numbers, found.kind)):
        return Compared(answer=Answer.PROVED, note="with fused multiply-adds")
    if found.kind in SEARCHED and unequal.mean() > 0.5:
        return _by_distance(found, numbers, f"{unequal.mean():.0%} of its blocks have other scales than `gguf` gives")
    return found.blocks_refuted(unequal, in_block)


def _through(numbers: np.ndarray, kind: str) -> np.ndarray:
    """Numbers as they are after they were in 16 bits."""
    return widened(narrowed(numbers, kind), kind, kind).reshape(numbers.shape)


def _by_distance(found: _Found, numbers: np.ndarray, why: str) -> Compared:
    """A type whose writers choose: all that can be said is how far off it is."""
    with np.errstate(all="ignore"):
        off, whole = (float(np.sqrt(np.mean(np.square(it, dtype=np.float64))))
                      for it in (found.numbers - numbers, numbers))  # fmt: skip
    if not off < whole and (off, whole) != (0, 0):
        return found.refuted(f"{off:.3g} off in the mean square, where {whole:.3g} is all there is: zeros were nearer")
    return Compared(answer=Answer.UNKNOWN, evidence=f"{why}; {off / (whole or 1):.1%} off in the mean square")


def _unequal(found: np.ndarray, expected: np.ndarray, size: int) -> np.ndarray:
    """Which of the blocks of so many bytes differ."""
    differs: np.ndarray = (found.reshape(-1, size) != expected.reshape(-1, size)).any(axis=1)
    return differs


def _runs(numbers: np.ndarray) -> list[str]:
    """0, 1, 2, 7 -> "0-2", "7"."""
    ends = np.flatnonzero(np.diff(numbers) > 1)
    firsts, lasts = numbers[np.append(0, ends + 1)], numbers[np.append(ends, len(numbers) - 1)]
    return [f"{a}" if a == b else f"{a}-{b}" for a, b in zip(firsts, lasts, strict=True)]


def _listed(runs: list[str], most: int) -> str:
    more = f" and {len(runs) - most:,} more places" if len(runs) > most else ""
    return ", ".join(runs[:most]) + more
