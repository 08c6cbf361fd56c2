"""Arithmetic with one defined answer.

Beside each other: `x.py`, the definition, in NumPy and readable; `x.cc`, its twin, bit-equal and fast. Both sides of a
kernel have the same name and arguments and write to `out`, so either can run a model:

    GLASSWRIGHT_KERNELS = definition | generic | avx2 | avx512 | neon     (unset: the widest this machine has)

Kernels read and write C-contiguous arrays on the CPU, NumPy's or torch's, and never keep them. Torch's tensors get to
them through `backends`, which go by where a tensor lies.
"""

import importlib.util
import os
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import ModuleType, SimpleNamespace
from typing import Any

from glasswright.errors import Misuse, Unknown


class NotCompiled(Unknown):
    """Glasswright was installed without its compiled part, so that it reads and checks, and computes nothing."""

    def __init__(self) -> None:
        again = "pip install --force-reinstall --no-deps --no-cache-dir ARCHIVE"
        hint = f"install a C++ compiler (GCC 11, clang 14 or newer), then the source archive again: `{again}`"
        super().__init__("the kernels were not compiled when Glasswright was installed", hint=hint)


ENVIRONMENT_VARIABLE = "GLASSWRIGHT_KERNELS"
DEFINITION, ISAS = "definition", ("generic", "avx2", "avx512", "neon")


def wanted(environment: Mapping[str, str] = os.environ) -> str | None:
    """What GLASSWRIGHT_KERNELS says at this moment: "definition", an instruction set of this machine, or None.

    Raises:  Misuse for a name that is none, or of an instruction set that this machine has not.
    """
    name = environment.get(ENVIRONMENT_VARIABLE) or None
    if name is None:
        return None
    here = (DEFINITION, *supported_isas())
    hint = f"this machine has {', '.join(here)}; unset it for the widest: none changes a bit"
    if name not in (DEFINITION, *ISAS):
        raise Misuse(f"{ENVIRONMENT_VARIABLE}={name}: expected one of {', '.join((DEFINITION, *ISAS))}", hint=hint)
    if name not in here:
        raise Misuse(f"{ENVIRONMENT_VARIABLE}={name}: not on this machine", hint=hint)
    return name


@cache
def supported_isas() -> tuple[str, ...]:
    """The instruction sets that the twins can run on here."""
    return tuple(native().supported_isas())


def definitions() -> SimpleNamespace:
    """Every kernel's definition by name, gathered from the modules of this package. They run on one thread."""
    found: dict[str, Any] = {"set_num_threads": _run_on_one_thread}
    for module in pkgutil.iter_modules(__path__):
        if module.name.startswith("_") or module.ispkg:
            continue
        definition = importlib.import_module(f"{__name__}.{module.name}")
        found.update({name: getattr(definition, name) for name in getattr(definition, "KERNELS", [module.name])})
    return SimpleNamespace(**found)


def native(isa: str | None = None) -> ModuleType:
    """The C++ twins, running on `isa` from now on (for the whole process), or on the one already chosen.

    Raises:  ValueError if this machine has no such instruction set; NotCompiled.
    """
    twins = _twins()
    if twins is None:
        raise NotCompiled
    if isa is not None:
        twins.use_isa(isa)
    return twins


def looking() -> Any:
    """The kernels of `looks`: the twins, or where none were compiled the definitions, which take longer."""
    return _twins() or importlib.import_module(f"{__name__}.looks")


@cache
def _twins() -> ModuleType | None:
    name = f"{__name__}._native"
    return importlib.import_module(name) if importlib.util.find_spec(name) else None


def active() -> Any:
    """The kernels that GLASSWRIGHT_KERNELS names: the definitions, or the twins on one instruction set.

    Raises:  Misuse if it names none.
    """
    return definitions() if wanted() == DEFINITION else native(wanted())


def _run_on_one_thread(num_threads: int) -> None:
    """What a definition makes of a number of threads: it cannot change a bit."""
