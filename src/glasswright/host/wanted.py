"""Which kernels the environment asks for: refused before any work if this machine has none such."""

import os
from collections.abc import Mapping

from glasswright.errors import Misuse
from glasswright.host.describe import instruction_sets

VARIABLE = "GLASSWRIGHT_KERNELS"
DEFINITION = "definition"
KERNELS = (DEFINITION, "generic", "avx2", "avx512", "neon")


def kernels_wanted(environment: Mapping[str, str] = os.environ) -> str | None:
    """The name of the kernels to compute with, or None for the widest that this machine has.

    Raises:  Misuse for a name that is none, or of an instruction set that this machine has not.
    """
    name = environment.get(VARIABLE)
    here = [DEFINITION, *(instruction_sets() or ())]
    hint = f"this machine has {', '.join(here)}; unset it for the widest: none changes a bit"
    if name is not None and name not in KERNELS:
        raise Misuse(f"{VARIABLE}={name}: expected one of {', '.join(KERNELS)}", hint=hint)
    if name is not None and name not in here:
        raise Misuse(f"{VARIABLE}={name}: not on this machine", hint=hint)
    return name
