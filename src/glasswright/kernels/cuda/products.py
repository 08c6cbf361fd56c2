"""Matrix products on a GPU: rule 3 of version 1, and the rules of version 2, in the layouts of matmul.py."""

from typing import Protocol

import torch
from torch import Tensor

from glasswright.kernels.cuda.threads import BLOCK, Gpu, blocks, threads, warps
from glasswright.kernels.matmul import CHUNK

TILE = 128  # outputs of a block along each axis, by fused multiply-adds
ROWS_A, ROWS_B = 128, 64  # and by integers
STEP = 64  # terms of K that integers come in
COLUMNS = 32  # turned at once

# Whether the K of a and of b lie side by side.
LAYOUTS = {"nt": (True, True), "nn": (True, False), "tn": (False, False)}


class Product(Protocol):
    """Write a matrix product. Where it is continued, its chunks are added to what lies in `out`."""

    def __call__(self, gpu: Gpu, layout: str, a: Tensor, b: Tensor, out: Tensor, *, is_continued: bool = False) -> None:
        """The product in a layout of matmul.py."""


def by_fma(gpu: Gpu, layout: str, a: Tensor, b: Tensor, out: Tensor, *, is_continued: bool = False) -> None:
    """A chain of fused multiply-adds an output."""
    (num_m, num_n), num_k = out.shape, _num_k(layout, a)
    if out.numel():
        grid = blocks(num_n, TILE), blocks(num_m, TILE)
        gpu.launch("matmul", f"matmul_{layout}", grid, BLOCK, (a, b, out, num_m, num_n, num_k, int(is_continued)))


def by_integers(gpu: Gpu, layout: str, a: Tensor, b: Tensor, out: Tensor, *, is_continued: bool = False) -> None:
    """Exact sums of integers, a chunk of K at a time."""
    (num_m, num_n), num_k = out.shape, _num_k(layout, a)
    if num_k == 0:
        by_fma(gpu, layout, a, b, out, is_continued=is_continued)  # a sum of no terms
    elif out.numel():
        is_a_along_k, is_b_along_k = LAYOUTS[layout]
        operands = *_integers(gpu, a, num_m, num_k, is_a_along_k), *_integers(gpu, b, num_n, num_k, is_b_along_k)
        grid = blocks(num_n, ROWS_B), blocks(num_m, ROWS_A)
        arguments = (*operands, out, num_m, num_n, num_k, int(is_continued))
        gpu.launch("integer_matmul", "integer_product", grid, BLOCK, arguments)


def _integers(gpu: Gpu, x: Tensor, num_rows: int, num_k: int, is_along_k: bool) -> tuple[Tensor, Tensor, Tensor]:
    """The two slices of an operand, four bytes in a word, and its scales."""
    num_chunks, words = blocks(num_k, CHUNK), blocks(num_k, STEP) * STEP // 4
    hi, lo = (gpu.empty(num_rows, words, dtype=torch.int32) for _ in range(2))
    scale = gpu.empty(num_rows, num_chunks)
    arguments = (x, hi, lo, scale, num_rows, num_k)
    if is_along_k:
        warps(gpu, "integer_matmul", "quantize_rows", num_rows * num_chunks, *arguments)
    else:
        num_threads = blocks(num_rows, COLUMNS) * BLOCK
        threads(gpu, "integer_matmul", "quantize_columns", num_threads, *arguments, rows=num_chunks)
    return hi, lo, scale


def _num_k(layout: str, a: Tensor) -> int:
    return a.shape[0] if layout == "tn" else a.shape[1]
