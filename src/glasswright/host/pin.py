"""What this process can fix about its surroundings, so that they neither disturb the work nor slow it down.

The bits do not rest on this: the kernels fix their own order and floating-point mode, and records hold no formatted
numbers. Threads of other libraries would compete with the kernels' own for the same cores.
"""

import os
import sys

from glasswright import kernels

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def pin() -> None:
    """One thread for BLAS and OpenMP, no telemetry. Best called before NumPy and torch are imported.

    The locale is left alone: it decides how Python reads text files, and no record depends on it.

    Raises:  Misuse if GLASSWRIGHT_KERNELS asks for kernels that are not to be had here: before the work, not after it.
    """
    kernels.wanted()
    for name in ONE_THREAD:
        os.environ[name] = "1"
    os.environ["DO_NOT_TRACK"] = "1"
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(1)
