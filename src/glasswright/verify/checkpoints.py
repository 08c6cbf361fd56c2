"""Steps 16 and 17: the checkpoints carried are the states recorded, and none is where no training can lead."""

import re
from array import array
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import BinaryIO, NamedTuple

from glasswright import foreign
from glasswright.errors import ClaimFalse, DigestMismatch
from glasswright.kernels import looking
from glasswright.records.release import weights_of
from glasswright.records.transcript import TensorDigest
from glasswright.verify.bounds import largest_gradient
from glasswright.verify.evidence import Evidence
from glasswright.verify.folder import REPLACE
from glasswright.verify.layout import Place
from glasswright.verify.leaps import Leap, Numbers, State
from glasswright.verify.state import DTYPE, Shapes, expected_state

FOLDER = "checkpoints/"
STRETCH_BYTES = 2**20  # before and after lie in a core's cache
NUMBER_BYTES = 4
CHECKPOINT = re.compile(r"checkpoints/state-(\d{8})\.safetensors")


def checkpoints_are_states(evidence: Evidence) -> str:
    """Every checkpoint carried is the state recorded for its step."""
    states = {state.step: state for state in evidence.states()}
    paths = evidence.listed(FOLDER)
    for path in paths:
        match = CHECKPOINT.fullmatch(path)
        state = states.get(int(match[1])) if match else None
        if state is None:
            raise ClaimFalse(f"{path}: the transcript records no such state", hint=REPLACE)
        require_same(path, evidence.hashed_file(path).tensors(), state.tensors)
    return f"{len(paths)} of {len(states)} states carried"


def nothing_leaps(evidence: Evidence) -> str:
    """All numbers are finite, and no checkpoint is farther from the one before than the optimizer can go."""
    paths = {int(match[1]): path for path in evidence.listed(FOLDER) if (match := CHECKPOINT.fullmatch(path))}
    gradients = array("d", map(largest_gradient, evidence.steps()))
    recipe, steps = evidence.recipe(), sorted(paths)
    vocab_size = recipe.tokenizer.vocab_size
    states = [State(recipe, step) for step in steps]
    leaps = [Leap(recipe, vocab_size, first, gradients[first:last]) for first, last in pairwise(steps)]
    shapes = expected_state(recipe, vocab_size)
    with ExitStack() as opened, ThreadPoolExecutor(evidence.num_threads) as pool:
        files = [opened.enter_context(_checkpoint(evidence, paths[step], shapes)) for step in steps]
        look = partial(_first_wrong, files=files, states=states, leaps=leaps)
        wrong = [error for error in pool.map(look, _stretches(files[0]) if files else ()) if error is not None]
    if wrong:
        raise min(wrong, key=lambda error: error.place["step"])
    if len(gradients) not in paths:  # else the weights were looked at with the last state
        _require_finite_weights(evidence)
    return f"{len(steps)} checkpoints, {max(0, len(steps) - 1)} leaps between them; every number looked at"


class Stretch(NamedTuple):
    """Some of a tensor's bytes, `offset` of them from its first."""

    name: str
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class _Tensors:
    """A safetensors file of F32 tensors, open for reading."""

    path: str
    file: BinaryIO
    places: dict[str, Place]

    def read_into(self, numbers: Numbers, stretch: Stretch) -> None:
        """Raises:  ClaimFalse if the file ends before."""
        rest, place = numbers.cast("B"), self.places[stretch.name].begin + stretch.offset
        while rest:
            num_read = foreign.read_at(self.file, rest, place)
            if not num_read:
                raise ClaimFalse(f"{self.path}: ends at byte {place}, within what it lists", hint=REPLACE)
            rest, place = rest[num_read:], place + num_read


def _stretches(tensors: _Tensors) -> Iterator[Stretch]:
    for place in tensors.places.values():
        size = place.end - place.begin
        for offset in range(0, size, STRETCH_BYTES):
            yield Stretch(place.name, offset, min(STRETCH_BYTES, size - offset))


def _first_wrong(
    stretch: Stretch, *, files: list[_Tensors], states: list[State], leaps: list[Leap]
) -> ClaimFalse | None:
    """What is wrong with a stretch of a tensor in the first checkpoint in which something is; each is read once."""
    before, now = _numbers(stretch), _numbers(stretch)
    for number, (tensors, state) in enumerate(zip(files, states, strict=True)):
        before, now = now, before
        tensors.read_into(now, stretch)
        found = state.wrong(stretch.name, now)
        if found is None and number > 0:
            found = leaps[number - 1].wrong(stretch.name, before, now)
        if found is not None:
            return _false(tensors.path, stretch, found, step=state.step)
    return None


def _require_finite_weights(evidence: Evidence) -> None:
    path = weights_of(evidence.recipe())
    with _opened(evidence, path) as weights:
        for stretch in _stretches(weights):
            numbers = _numbers(stretch)
            weights.read_into(numbers, stretch)
            if (index := looking().first_not_finite(numbers)) >= 0:
                raise _false(path, stretch, (index, f"{numbers[index]} is not finite"))


def _numbers(stretch: Stretch) -> Numbers:
    return memoryview(bytearray(stretch.size)).cast("f")


def _false(path: str, stretch: Stretch, found: tuple[int, str], **step: int) -> ClaimFalse:
    index = stretch.offset // NUMBER_BYTES + found[0]
    place: dict[str, int | str] = {**step, "file": path, "tensor": stretch.name, "index": index}
    return ClaimFalse(f"{path}: tensor {stretch.name}: index {index}: {found[1]}", hint=REPLACE, place=place)


@contextmanager
def _checkpoint(evidence: Evidence, path: str, shapes: Shapes) -> Iterator[_Tensors]:
    """A checkpoint, which has the tensors of the recipe's state and no others."""
    with _opened(evidence, path) as tensors:
        found = {name: place.shape for name, place in tensors.places.items()}
        if found != shapes:
            name = min(found.keys() ^ shapes.keys(), default="some")
            raise ClaimFalse(f"{path}: tensor {name}: not as the recipe's state has it", hint=REPLACE)
        yield tensors


@contextmanager
def _opened(evidence: Evidence, path: str) -> Iterator[_Tensors]:
    layout = evidence.hashed_file(path).layout
    if layout is None or any(place.dtype != DTYPE for place in layout.places):
        raise ClaimFalse(f"{path}: expected every tensor in {DTYPE}", hint=REPLACE)
    with evidence.folder.open(path) as file:
        yield _Tensors(path, file, {place.name: place for place in layout.places})


def require_same(where: str, found: list[TensorDigest], recorded: tuple[TensorDigest, ...]) -> None:
    """Raises:  ClaimFalse naming the first tensor that only one of the two has, or that is another one."""
    here = {tensor.name: tensor for tensor in found}
    there = {tensor.name: tensor for tensor in recorded}
    for name in sorted(here.keys() | there.keys()):
        if name not in here or name not in there:
            raise ClaimFalse(f"{where}: tensor {name}: {'not recorded' if name in here else 'missing'}", hint=REPLACE)
        if here[name] != there[name]:
            raise DigestMismatch(
                f"{where}: tensor {name}",
                recorded=there[name].digest,
                found=here[name].digest,
                hint=REPLACE,
                place={"tensor": name},
            )
