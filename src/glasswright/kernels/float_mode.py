"""The floating-point mode of a thread: rule 1 held from here to there, and said when it was not.

The C++ kernels set the mode themselves. The definitions, and whatever else computes on a thread, go by the thread's own
mode, which any library can switch: one built with -ffast-math flushes subnormals for the whole process when loaded.
"""

import platform
from collections.abc import Iterator
from contextlib import contextmanager

from glasswright.errors import GlasswrightError
from glasswright.kernels import native

KERNELS: list[str] = []  # the mode that kernels run in, not a kernel

# Bits of the mode (see _native.float_mode): on x86-64 those of MXCSR and of the x87, on aarch64 those of FPCR.
MEANINGS = {
    "x86_64": {0x0C006000: "rounding", 0x8000: "flush to zero", 0x40: "subnormals read as zero"},
    "aarch64": {0xC00000: "rounding", 0x1000000: "flush to zero", 0x7: "subnormals read as zero or NaN handling"},
}


class FloatModeChanged(GlasswrightError):
    """The float mode was switched while a step was computed: its bits are not those of the rules."""

    def __init__(self, what: str, mode: int):
        super().__init__(
            f"{what}: the floating-point mode of its thread was changed on the way: {meaning(mode)}",
            hint="some library in this process switches it, perhaps one built with -ffast-math: leave it out. "
            "What was saved before is sound",
        )
        self.mode = mode


@contextmanager
def exact_float_mode(what: str) -> Iterator[None]:
    """This thread in the mode of rule 1; the mode it had is set aside and comes back.

    Raises:  FloatModeChanged naming `what` if the mode is another at the end.
    """
    kernels = native()
    earlier = kernels.set_float_mode(0)
    try:
        yield
    finally:
        found = kernels.set_float_mode(earlier)
    if found:
        raise FloatModeChanged(what, found)


def meaning(mode: int) -> str:
    """A mode in words: in what it differs from rule 1."""
    names = [name for bits, name in MEANINGS.get(platform.machine(), {}).items() if mode & bits]
    return f"{', '.join(names) or 'unknown bits'} (0x{mode:08x})"
