"""What the kernel tests share: running a kernel as definition and as twin, and comparing every bit it left behind."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from glasswright.kernels import definitions, native

GUARD = np.uint32(0xDEADBEEF)
NUM_GUARDS = 16


class Twins:
    """One kernel, several ways to run it. `isas` are the instruction sets this machine has."""

    def __init__(self) -> None:
        self.isas: list[str] = native().supported_isas()
        self.definitions = definitions()

    def run(self, kernels: Any, name: str, *arguments: Any, offset: int = 0) -> list[np.ndarray]:
        """Call a kernel on copies; return every array as it is afterwards, then what the call returned, if anything.

        Copies start `offset` elements after a 64-byte boundary, with guards around them that must stay whole.
        """
        memories: list[np.ndarray] = []
        placed = [place(a, offset, memories) if isinstance(a, np.ndarray) else a for a in arguments]
        returned = getattr(kernels, name)(*placed)
        for memory in memories:
            assert (memory[:NUM_GUARDS] == GUARD).all(), f"{name} wrote before an array"
            assert (memory[-NUM_GUARDS:] == GUARD).all(), f"{name} wrote behind an array"
        arrays = [a for a in placed if isinstance(a, np.ndarray)]
        return arrays if returned is None else [*arrays, np.asarray(returned)]

    def agree(self, name: str, *arguments: Any, threads: tuple[int, ...] = (1, 3), offset: int = 0) -> bool:
        """Whether every instruction set and number of threads leaves the definition's bits in every array."""
        wanted = self.run(self.definitions, name, *arguments)
        for isa in self.isas:
            twin = native(isa)
            for num_threads in threads:
                twin.set_num_threads(num_threads)
                difference = first_difference(wanted, self.run(twin, name, *arguments, offset=offset))
                if difference:
                    print(f"{name} on {isa} with {num_threads} threads: {difference}")  # shown where a test fails
                    return False
        return True

    def each(self) -> list[tuple[str, Any]]:
        """The definitions and the twin on every instruction set, by name."""
        return [("definition", self.definitions), *((isa, native(isa)) for isa in self.isas)]


def place(array: np.ndarray, offset: int, memories: list[np.ndarray]) -> np.ndarray:
    """A copy of `array` between guards, `offset` elements after a 64-byte boundary."""
    words = -(-array.nbytes // 4)
    buffer = np.empty(words + 2 * NUM_GUARDS + 32, np.uint32)
    start = (-buffer.ctypes.data // 4) % 16 + offset * array.itemsize // 4
    memory = buffer[start : start + words + 2 * NUM_GUARDS]
    memory[...] = GUARD
    memories.append(memory)
    room = memory[NUM_GUARDS : NUM_GUARDS + words].view(np.uint8)[: array.nbytes]
    copy = room.view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


def first_difference(definition: list[np.ndarray], twin: list[np.ndarray]) -> str:
    """Where two lists of arrays first differ in a bit, and how; empty where they do not."""
    for k, (x, y) in enumerate(zip(definition, twin, strict=True)):
        places = np.argwhere(bits(x) != bits(y))
        if len(places):
            at = tuple(int(i) for i in places[0])
            return f"array {k} at {at}: definition {x[at]!r}, twin {y[at]!r}; {len(places)} of {x.size} differ"
    return ""


def bits(x: np.ndarray) -> np.ndarray:
    """Bit patterns, every NaN as one; integers as they are."""
    if x.dtype != np.float32:
        return x
    return np.where(np.isnan(x), np.uint32(0x7FC00000), x.view(np.uint32))


@pytest.fixture(scope="session")
def twins() -> Twins:
    return Twins()


@pytest.fixture(autouse=True)
def _restore_kernels() -> Iterator[None]:
    yield
    native().set_num_threads(1)
    native(native().supported_isas()[-1])


@pytest.fixture(scope="session")
def specials() -> np.ndarray:
    """Zeros of both signs, subnormals, the ends of the range, infinities and NaN."""
    texts = "0 1p-149 1p-140 1.fffffcp-127 1p-126 1p-24 1 1.000002p0 1.8p0 1p24 1.62e42cp6 1.fffffep127 inf nan"
    sizes = [float.fromhex(f"0x{text}" if text[0].isdigit() else text) for text in texts.split()]
    return np.array([sign * size for size in sizes for sign in (1, -1)], np.float32)
