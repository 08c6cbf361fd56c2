"""Where two releases, or two training runs, first differ.

    recipe -> ledger -> tokens -> schedule -> reads -> steps -> states -> weights

in the order in which one gives rise to the next, so the first difference is the cause of those after it. Records are
compared by digest and opened where the digests differ, down to a field; tensors down to one element and its bits.
"""

import math
from collections.abc import Callable
from dataclasses import asdict
from itertools import zip_longest
from pathlib import Path
from typing import Any

from glasswright.attest.tensors import CHUNK_BYTES
from glasswright.errors import ClaimFalse, Misuse, Unknown
from glasswright.records.private import PRIVATE, SaltedLedger
from glasswright.records.progress import silent
from glasswright.records.recipe import Recipe
from glasswright.records.transcript import StateRecord
from glasswright.records.verdict import Answer, Finding, Verdict
from glasswright.verify.decode import decode, read_record
from glasswright.verify.evidence import Evidence
from glasswright.verify.folder import Folder
from glasswright.verify.layout import BYTES_OF, Place, read_layout
from glasswright.verify.ledger import LEDGER, read_ledger
from glasswright.verify.model import ADAPTER, FOLDER, WHOLE
from glasswright.verify.recipe import read_recipe
from glasswright.verify.transcript import TRANSCRIPT, Transcript

# A step record's keys that say what came of what was read; what was read is compared by itself.
STEP_KEYS = ("step", "num_tokens", "loss_nats", "gradient_norm", "clip", "validation_bits_per_byte")

Difference = str | None  # None: equal


class Side:
    """One of the two: a release, or the folder of a training run, which holds less."""

    def __init__(self, root: Path):
        self.folder = Folder(root)
        self.is_release = (root / "release.json").exists()
        if not self.is_release and not (root / TRANSCRIPT).exists():
            raise Misuse(f"{root}: neither a release nor a training run", hint="give a folder with release.json")

    def recipe(self) -> Recipe:
        return read_recipe(self.folder.read("recipe.yaml"), "recipe.yaml")

    def transcript(self) -> Transcript:
        if not self.is_release:
            return Transcript(self.folder, reads_file="reads.parquet")
        return Evidence(self.folder.root, 1, silent).transcript()

    def weights(self) -> str:
        """The file of what was trained: a whole model's, or an adapter's."""
        adapter = FOLDER + ADAPTER[-1]
        return adapter if (self.folder.root / adapter).exists() else FOLDER + WHOLE[-1]


def diff(first: Path, second: Path) -> Verdict:
    """Compare two folders part by part; the first finding that is REFUTED is the first difference.

    Raises:  Misuse if one is neither a release nor a training run.
    """
    a, b = Side(first), Side(second)
    both_are_releases = a.is_release and b.is_release
    parts = OF_RELEASES | OF_RUNS if both_are_releases else OF_RUNS
    if any((side.folder.root / PRIVATE).exists() for side in (a, b)):
        parts = OF_PRIVATE | parts
    findings = tuple(_compare(name, look, a, b) for name, look in parts.items())
    not_checked = ["whether either is what it says: `glasswright verify`"]
    if not both_are_releases:
        not_checked.append(f"{', '.join(OF_RELEASES)}: only releases hold them")
    return Verdict(subject=f"{first} and {second} are equal", findings=findings, not_checked=tuple(not_checked))


def _compare(name: str, look: Callable[[Side, Side], Difference], a: Side, b: Side) -> Finding:
    claim = f"equal {name}"
    try:
        difference = look(a, b)
    except (ClaimFalse, Unknown, OSError) as error:
        return Finding(claim=claim, answer=Answer.UNKNOWN, evidence=f"could not be compared: {error}")
    if difference is None:
        return Finding(claim=claim, answer=Answer.PROVED, evidence="no difference")
    return Finding(claim=claim, answer=Answer.REFUTED, evidence=difference)


def _recipes(a: Side, b: Side) -> Difference:
    return first_difference(a.recipe().resolved(), b.recipe().resolved(), "recipe.yaml")


def _ledgers(a: Side, b: Side) -> Difference:
    where = LEDGER
    left, right = (read_ledger(side.folder) for side in (a, b))
    for number, (one, other) in enumerate(zip_longest(left.rows, right.rows), start=1):
        place = f"{where}: row {number}"
        if one is not None and (other is None or one.document_id < other.document_id):
            return f"{place}: document {one.document_id[:12]} ({one.path}) is only in the first"
        if other is not None and (one is None or one.document_id > other.document_id):
            return f"{place}: document {other.document_id[:12]} ({other.path}) is only in the second"
        if one is not None and other is not None and one != other:
            return first_difference(one.record(), other.record(), f"{place} ({one.path})")
    return None


def _salted_ledgers(a: Side, b: Side) -> Difference:
    """Of releases with one salt a document that is in both has one row."""
    left, right = (decode(SaltedLedger, read_record(side.folder, PRIVATE), PRIVATE) for side in (a, b))
    here, there = ({row.id: row for row in ledger.documents} for ledger in (left, right))
    only = {"first": [*(here.keys() - there.keys())], "second": [*(there.keys() - here.keys())]}
    told = [f"{len(ids)} only in the {side}, {min(ids)[:12]} among them" for side, ids in only.items() if ids]
    if told:
        return f"{PRIVATE}: of {len(here)} and {len(there)} rows {'; '.join(told)}"
    return first_difference(left.record(), right.record(), PRIVATE)


def _token_maps(a: Side, b: Side) -> Difference:
    return _records(a, b, "tokens/map.json", "tokens/map.json")


def _schedules(a: Side, b: Side) -> Difference:
    for one, other in zip_longest(a.transcript().schedule(), b.transcript().schedule()):
        if one is None or other is None:
            return f"schedule: step {(one or other)[0]}: only in the {'first' if other is None else 'second'}"
        (step, columns, row), (_, other_columns, other_row) = one, other
        left, right = (
            dict(zip(names, values, strict=True)) for names, values in ((columns, row), (other_columns, other_row))
        )
        difference = first_difference(left, right, f"schedule: step {step}")
        if difference is not None:
            return difference
    return None


def _reads(a: Side, b: Side) -> Difference:
    for number, (one, other) in enumerate(zip_longest(a.transcript().reads(), b.transcript().reads()), start=1):
        if one is None or other is None:
            return f"step {number}: read only in the {'first' if other is None else 'second'}"
        if one != other:
            left, right = ([[asdict(span) for span in spans] for spans in reads] for _, reads in (one, other))
            return first_difference(left, right, f"step {number}: sequences")
    return None


def _steps(a: Side, b: Side) -> Difference:
    for number, (one, other) in enumerate(zip_longest(a.transcript().steps(), b.transcript().steps()), start=1):
        if one is None or other is None:
            return f"step {number}: only in the {'first' if other is None else 'second'}"
        left, right = one.record(), other.record()
        differences = (first_difference(left[key], right[key], f"step {number}: {key}") for key in STEP_KEYS)
        found = next(filter(None, differences), None)
        if found is not None:
            return found
    return None


def _states(a: Side, b: Side) -> Difference:
    states_a, states_b = (list(side.transcript().states()) for side in (a, b))
    for one, other in zip(states_a, states_b, strict=False):
        if one.root != other.root or one.step != other.step:
            return _state(one, other, a, b)
    if len(states_a) != len(states_b):
        return f"{len(states_a)} states and {len(states_b)}, the first {min(len(states_a), len(states_b))} equal"
    return None


def _state(one: StateRecord, other: StateRecord, a: Side, b: Side) -> Difference:
    """The first tensor that differs; down to the element if both carry the state."""
    where = f"state after step {one.step}"
    if one.step != other.step:
        return f"{where}: the second has one after step {other.step} there"
    here, there = ({tensor.name: tensor for tensor in state.tensors} for state in (one, other))
    name = next((name for name in sorted(here.keys() | there.keys()) if here.get(name) != there.get(name)), None)
    if name is None:
        return f"{where}: root {one.root[:12]} and {other.root[:12]}, but equal tensors"
    path = f"checkpoints/state-{one.step:08d}.safetensors"
    if all((side.folder.root / path).exists() for side in (a, b)):
        return _tensors(a, b, path, path)
    return f"{where}: tensor {name}: its digest differs; with checkpoints in both, the element could be shown"


def _weights(a: Side, b: Side) -> Difference:
    return _tensors(a, b, a.weights(), b.weights())


OF_RELEASES: dict[str, Callable[[Side, Side], Difference]] = {
    "recipe": _recipes,
    "ledger": _ledgers,
    "tokens": _token_maps,
}
OF_PRIVATE = {"recipe": _recipes, "salted ledgers": _salted_ledgers}  # before the rest, of private releases
OF_RUNS: dict[str, Callable[[Side, Side], Difference]] = {
    "schedule": _schedules,
    "reads": _reads,
    "steps": _steps,
    "states": _states,
    "weights": _weights,
}


def first_difference(one: Any, other: Any, where: str) -> Difference:
    """The first place, in the order of keys and items, at which two records differ."""
    if type(one) is type(other) and isinstance(one, dict):
        for key in sorted(one.keys() | other.keys()):
            if key not in one or key not in other:
                return f"{where}: {key}: only in the {'first' if key in one else 'second'}"
            difference = first_difference(one[key], other[key], f"{where}: {key}")
            if difference is not None:
                return difference
        return None
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        for index, (left, right) in enumerate(zip(one, other, strict=False)):
            difference = first_difference(left, right, f"{where}[{index}]")
            if difference is not None:
                return difference
        return None if len(one) == len(other) else f"{where}: {len(one)} items and {len(other)}"
    return None if one == other else f"{where}: {one!r} and {other!r}"


def _records(a: Side, b: Side, path_a: str, path_b: str) -> Difference:
    return first_difference(read_record(a.folder, path_a), read_record(b.folder, path_b), path_a)


def _tensors(a: Side, b: Side, path_a: str, path_b: str) -> Difference:
    with a.folder.open(path_a) as left, b.folder.open(path_b) as right:
        size_a, size_b = (side.folder.root.joinpath(path).stat().st_size for side, path in ((a, path_a), (b, path_b)))
        places_a = read_layout(left, size_a, path_a).places
        places_b = {place.name: place for place in read_layout(right, size_b, path_b).places}
        for one in places_a:
            other = places_b.pop(one.name, None)
            where = f"{path_a}: tensor {one.name}"
            if other is None:
                return f"{where}: only in the first"
            if (one.dtype, one.shape) != (other.dtype, other.shape):
                return f"{where}: {one.dtype} {list(one.shape)} and {other.dtype} {list(other.shape)}"
            difference = _elements(left, right, one, other)
            if difference is not None:
                return f"{where}: {difference}"
        return f"{path_a}: tensor {min(places_b)}: only in the second" if places_b else None


def _elements(left: Any, right: Any, one: Place, other: Place) -> Difference:
    """The first element that differs, and both its bit patterns."""
    width = BYTES_OF[one.dtype]
    for offset in range(0, one.end - one.begin, CHUNK_BYTES):
        size = min(CHUNK_BYTES, one.end - one.begin - offset)
        left.seek(one.begin + offset)
        right.seek(other.begin + offset)
        here, there = left.read(size), right.read(size)
        if here == there:
            continue
        at = next(i for i, (x, y) in enumerate(zip(here, there, strict=True)) if x != y) // width
        bits = [
            f"0x{int.from_bytes(data[at * width : (at + 1) * width], 'little'):0{2 * width}x}" for data in (here, there)
        ]
        return f"element {_index(offset // width + at, one.shape)}: {bits[0]} and {bits[1]}"
    return None


def _index(flat: int, shape: tuple[int, ...]) -> list[int]:
    index = []
    for axis in range(len(shape)):
        stride = math.prod(shape[axis + 1 :])
        index.append(flat // stride % shape[axis])
    return index
