"""The text of a kernel source, whole: the headers of native/ stand where they are included, each once.

So the digest of the text says what is compiled, and a compiler without a standard library meets no header of one.
"""

import re
from pathlib import Path

KERNELS = Path(__file__).resolve().parent.parent
HEADERS = KERNELS / "native"

_OURS = re.compile(r'#include "(.+)"')
_OTHERS = re.compile(r"#include <.+>|#pragma once|#pragma GCC .*")
_KERNEL = re.compile(r'extern "C" __global__ (?:__launch_bounds__\([\w, ]+\) )?void (\w+)\(')


def names() -> list[str]:
    """Every kernel source, by its name without .cu."""
    return sorted(path.stem for path in KERNELS.glob("*.cu"))


def text(name: str) -> str:
    """The text of x.cu."""
    return "\n".join(_lines(KERNELS / f"{name}.cu", set())) + "\n"


def kernels_of(name: str) -> list[str]:
    """The kernels that x.cu has, as they stand in it."""
    return _KERNEL.findall(text(name))


def _lines(path: Path, met: set[Path]) -> list[str]:
    lines: list[str] = []
    for line in path.read_text().splitlines():
        if ours := _OURS.fullmatch(line):
            header = HEADERS / ours[1]
            if header not in met:
                met.add(header)
                lines += _lines(header, met)
        elif not _OTHERS.fullmatch(line.strip()):
            lines.append(line)
    return lines
