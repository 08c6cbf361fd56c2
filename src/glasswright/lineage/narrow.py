"""A tensor's numbers as the bytes of a type, and back.

    F32, F16, BF16                     each number alone: the nearest, ties to even
    Q8_0                               blocks of 32: integers of 8 bits and a scale in binary16
    Q4_0, Q5_0                         ... of 4 and 5 bits
    Q4_1, Q5_1                         ... and the least of the block in binary16

The arithmetic is that of the `gguf` package, one IEEE operation after the other on binary32 (docs/lineage.md writes it
out): no sum is taken, so there is no order that could differ.
"""

import numpy as np
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, dequantize, quantize

from glasswright.errors import Unknown
from glasswright.kernels.fma import fma
from glasswright.store.floats import HALVES, widen

PLAIN = ("F32", *HALVES)
WRITTEN = (*PLAIN, "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1")
SEARCHED = ("Q4_0", "Q4_1", "Q5_0", "Q5_1")  # for which llama.cpp, given an importance matrix, tries other scales


def narrowed(numbers: np.ndarray, kind: str) -> np.ndarray:
    """The bytes of float32 numbers in one of WRITTEN.

    Shapes:  rows of whole blocks.
    """
    with np.errstate(all="ignore"):
        found: np.ndarray = quantize(np.ascontiguousarray(numbers), GGMLQuantizationType[kind])
    return found.reshape(-1).view(np.uint8)


def fused(numbers: np.ndarray, kind: str) -> np.ndarray:
    """The bytes in one of SEARCHED where a compiler has fused the last product and sum of a number into one rounding.

    Source:  llama.cpp, `quantize_row_q4_0_ref` and its kin, compiled for a processor that has such an operation.
    """
    bits, has_least = int(kind[1]), kind.endswith("_1")
    levels = 2**bits
    blocks = numbers.reshape(-1, block(kind)[0])
    with np.errstate(all="ignore"):
        if has_least:
            least = blocks.min(axis=1, keepdims=True)
            step, x, half = (blocks.max(axis=1, keepdims=True) - least) / (levels - 1), blocks - least, 0.5
        else:
            largest = np.take_along_axis(blocks, np.abs(blocks).argmax(axis=1, keepdims=True), axis=1)
            step, x, half = largest / -(levels // 2), blocks, levels / 2 + 0.5
        q = fma(x, np.where(step == 0, np.float32(0), 1 / step), half).astype(np.uint8).clip(0, levels - 1)
    found = narrowed(numbers, kind).reshape(len(blocks), -1)
    found[:, -16:] = (q[:, :16] & 15) | (q[:, 16:] << 4)
    if bits == 5:
        found[:, -20:-16] = np.packbits(q >> 4, axis=1, bitorder="little")
    return found.reshape(-1)


def widened(raw: np.ndarray, kind: str, where: str) -> np.ndarray:
    """The numbers behind bytes in float32.

    Raises:  Unknown naming `where` if the type is none that becomes float32 without a change, or that `gguf` decodes.
    """
    if kind == "F32":
        return raw.view(np.float32)
    if kind in HALVES:
        wide = np.empty(len(raw) // 2, np.float32)
        widen(raw.view(np.uint16), kind, wide)
        return wide
    try:
        with np.errstate(all="ignore"):
            found: np.ndarray = dequantize(raw.reshape(1, -1), GGMLQuantizationType[kind])
    except (KeyError, NotImplementedError) as error:
        raise Unknown(f"{where}: {kind} is not decoded here") from error
    return found.reshape(-1)


def block(kind: str) -> tuple[int, int]:
    """How many numbers a block of a type holds, and in how many bytes."""
    numbers, size = GGML_QUANT_SIZES[GGMLQuantizationType[kind]]
    return numbers, size
