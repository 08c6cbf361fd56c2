"""Steps 16 and 17: the checkpoints carried are the states recorded, and none is where no training can lead."""

import mmap
import re
from array import array
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

from glasswright.errors import ClaimFalse, DigestMismatch
from glasswright.kernels import native
from glasswright.records.transcript import TensorDigest
from glasswright.verify.bounds import largest_gradient
from glasswright.verify.decode import placed
from glasswright.verify.evidence import Evidence
from glasswright.verify.folder import REPLACE
from glasswright.verify.leaps import Tensors, check_leap, check_numbers, tensors_of
from glasswright.verify.state import expected_state

FOLDER = "checkpoints/"
WEIGHTS = "model/model.safetensors"
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
    recipe, vocab_size, steps = evidence.recipe(), evidence.token_map().vocab_size, sorted(paths)

    def look(before: int | None, after: int) -> None:
        with placed(step=after):
            check_numbers(recipe, after, states[after], paths[after])
            if before is not None:
                leap = gradients[before:after]
                check_leap(recipe, vocab_size, before, leap, states[before], states[after], paths[after])

    # Each file is mapped once, for the two looks at it: what costs here is to bring its pages in.
    with ExitStack() as mapped, ThreadPoolExecutor(evidence.num_threads) as pool:
        states = {step: mapped.enter_context(_checkpoint(evidence, path)) for step, path in paths.items()}
        for _ in pool.map(look, [None, *steps[:-1]], steps):
            pass
    if len(gradients) not in paths:  # else the weights were looked at with the last state
        _require_finite_weights(evidence)
    return f"{len(steps)} checkpoints, {max(0, len(steps) - 1)} leaps between them; every number looked at"


def _require_finite_weights(evidence: Evidence) -> None:
    with _mapped(evidence, WEIGHTS) as weights:
        for name, numbers in weights.items():
            if (index := native().first_not_finite(numbers)) >= 0:
                raise ClaimFalse(
                    f"{WEIGHTS}: tensor {name}: index {index}: {numbers[index]} is not finite",
                    hint=REPLACE,
                    place={"file": WEIGHTS, "tensor": name, "index": index},
                )


@contextmanager
def _checkpoint(evidence: Evidence, path: str) -> Iterator[Tensors]:
    """The tensors of a checkpoint, which has those of the recipe's state and no others."""
    shapes = expected_state(evidence.recipe(), evidence.token_map().vocab_size)
    layout = evidence.hashed_file(path).layout
    found = {place.name: place.shape for place in layout.places} if layout else {}
    if found != shapes:
        name = min(found.keys() ^ shapes.keys(), default="some")
        raise ClaimFalse(f"{path}: tensor {name}: not as the recipe's state has it", hint=REPLACE)
    with _mapped(evidence, path) as tensors:
        yield tensors


@contextmanager
def _mapped(evidence: Evidence, path: str) -> Iterator[Tensors]:
    """The tensors of a safetensors file, all of F32, as they lie on the disk."""
    layout = evidence.hashed_file(path).layout
    if layout is None or any(place.dtype != "F32" for place in layout.places):
        raise ClaimFalse(f"{path}: expected every tensor in F32", hint=REPLACE)
    with (
        evidence.folder.open(path) as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
        memoryview(data) as view,
    ):
        tensors = tensors_of(view, layout)
        try:
            yield tensors
        finally:
            for numbers in tensors.values():
                numbers.release()


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
