"""A kernel source as machine code of one kind of GPU, by NVIDIA's run-time compiler, and kept for the next time.

    options      no contraction, no flush to zero, IEEE division and square root: rules 1, 2 and 7
    kept         $XDG_CACHE_HOME/glasswright/cuda/DIGEST: the code behind its own digest

DIGEST is that of all that goes in: text, options, the compiler's version. What is kept and has changed is made anew.
"""

import hashlib
import os
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from glasswright.errors import Misuse
from glasswright.kernels.cuda import source

# Unnamed functions and constants are the device's, so that headers need not say so.
OPTIONS = (
    "--std=c++20",
    "--fmad=false",
    "--ftz=false",
    "--prec-div=true",
    "--prec-sqrt=true",
    "--device-as-default-execution-space",
)
PRELUDE = "#define GW_ISA cuda\n"
INSTALL = 'pip install "glasswright[gpu]"'


def machine_code(name: str, architecture: str) -> bytes:
    """x.cu as a cubin for `architecture`, as in sm_90.

    Raises:  Misuse if the compiler is not installed.
    """
    text, options = source_of(name), (*OPTIONS, f"--gpu-architecture={architecture}")
    made_of = "\n".join([text, *options, str(_nvrtc().nvrtcVersion())])
    kept = cache_folder() / hashlib.sha256(made_of.encode()).hexdigest()
    found = _found(kept)
    if found is None:
        found = compiled(name, text, options, "CUBIN")
        _keep(kept, found)
    return found


def source_of(name: str) -> str:
    """All that the compiler reads for x.cu."""
    return PRELUDE + (source.HEADERS / "cuda" / "std.h").read_text() + source.text(name)


def compiled(name: str, text: str, options: tuple[str, ...], form: str) -> bytes:
    """What NVRTC makes of a text: its "CUBIN" or its "PTX".

    Raises:  Misuse if the compiler is not installed; RuntimeError with its words if it refuses.
    """
    nvrtc = _nvrtc()
    program = _checked(nvrtc.nvrtcCreateProgram(text.encode(), f"{name}.cu".encode(), 0, [], []))
    try:
        (status,) = nvrtc.nvrtcCompileProgram(program, len(options), [option.encode() for option in options])
        log = bytes(_checked(nvrtc.nvrtcGetProgramLogSize(program)))
        _checked(nvrtc.nvrtcGetProgramLog(program, log))
        if int(status):
            raise RuntimeError(f"{name}.cu: {log.decode(errors='replace')}")
        code = bytes(_checked(getattr(nvrtc, f"nvrtcGet{form}Size")(program)))
        _checked(getattr(nvrtc, f"nvrtcGet{form}")(program, code))
        return code
    finally:
        nvrtc.nvrtcDestroyProgram(program)


def cache_folder() -> Path:
    """Where compiled kernels are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "glasswright" / "cuda"


@cache
def _nvrtc() -> Any:
    try:
        from cuda.bindings import nvrtc
    except ImportError as missing:
        raise Misuse(f"NVIDIA's run-time compiler is not installed: {missing}", hint=INSTALL) from missing
    return nvrtc


def _checked(answer: tuple[Any, ...]) -> Any:
    """What a call of NVRTC gave; nothing, where it gives nothing.

    Raises:  RuntimeError if it failed.
    """
    status, *given = answer
    if int(status):
        raise RuntimeError(f"NVRTC: {status}")
    return given[0] if given else None


def _found(kept: Path) -> bytes | None:
    try:
        content = kept.read_bytes()
    except OSError:
        return None
    digest, code = content[:32], content[32:]
    return code if hashlib.sha256(code).digest() == digest else None


def _keep(kept: Path, code: bytes) -> None:
    """Whole or not at all; where nothing can be kept, it is compiled again the next time."""
    with suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=kept.parent, delete=False) as file:
            file.write(hashlib.sha256(code).digest() + code)
        Path(file.name).replace(kept)
