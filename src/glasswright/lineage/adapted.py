"""merge-adapter: a base and what a LoRA adapter adds to it.

    child = base + scaling (B A)

B A is a matrix product of version 1 (docs/numerics.md, rule 3); the product with the scaling and the sum are each
rounded once, to binary32, and the result once more to the child's type.
"""

from pathlib import Path

import numpy as np

from glasswright import kernels
from glasswright.errors import Misuse
from glasswright.lineage.adapter import Adapter, Factors, modules_beyond, read_adapter
from glasswright.lineage.compare import UNITS
from glasswright.lineage.copied import taken_over
from glasswright.lineage.derived import Derivation, Derived
from glasswright.lineage.stored import Stored

WORDS = "base plus adapter, by docs/lineage.md"
CASTS = 5  # roundings to the child's type, of A, B, their product, that with the scaling, and the sum


def adapted(base: Stored, path: Path) -> Derivation:
    """The base's tensors with what the adapter in a folder adds.

    Raises:  Misuse if the adapter is not one that is read, or is one for another base.
    """
    adapter = read_adapter(path)
    for name in modules_beyond(adapter, base):
        raise _of_another(adapter, f"{name} is not in {base.path}")
    tensors = {name: taken_over(base, name) for name in base.tensors}
    for name, instead in adapter.saved.items():
        there = base.find(name) or name
        if adapter.stored.tensors[instead].shape != base.tensors[there].shape:
            raise _of_another(adapter, f"{name} has another shape in {base.path}")
        tensors[there] = taken_over(adapter.stored, instead)
    for module, factors in adapter.factors.items():  # on what was saved, where peft saved an embedding as well
        there = base.find(f"{module}.weight") or module
        tensors[there] = _sum(tensors[there], there, adapter, factors)
    return Derivation(kind="merge-adapter", tensors=tensors, words=WORDS, is_optional=base.is_unused)


def _of_another(adapter: Adapter, why: str) -> Misuse:
    return Misuse(
        f"{adapter.stored.path}: an adapter for another base: {why}", hint="name the base that it was made on"
    )


def _sum(base: Derived, name: str, adapter: Adapter, factors: Factors) -> Derived:
    shape, rank = base.shape, adapter.stored.tensors[factors.a].shape[0]
    outs, ins = shape[::-1] if factors.is_transposed and len(shape) == 2 else (shape[0], shape[-1])
    found = adapter.stored.tensors[factors.b].shape, adapter.stored.tensors[factors.a].shape
    if len(shape) != 2 or found != ((outs, rank), (rank, ins)):
        raise _of_another(adapter, f"{name} is {list(shape)}, the matrices {found[0]} and {found[1]}")

    def product(of: np.ufunc | None = None) -> np.ndarray:
        a, b = (np.ascontiguousarray(adapter.stored.numbers(it)) for it in (factors.a, factors.b))
        if of is not None:
            a, b = of(a), of(b)
        out = np.empty((outs, ins), np.float32)
        kernels.active().matmul_nn(b, a, out)
        kernels.active().scale(out, factors.scaling, out)
        return np.ascontiguousarray(out.T) if factors.is_transposed else out

    def numbers() -> np.ndarray:
        out = np.array(base.numbers())
        kernels.active().add(out, product(), out)
        return out

    def slack(unit: float) -> np.ndarray:
        terms = rank + 1
        summed = terms * UNITS["F32"] / (1 - terms * UNITS["F32"])
        most = product(np.abs)
        return np.asarray((summed + CASTS * unit) * most + unit * (np.abs(base.numbers()) + most), np.float32)

    return Derived(shape=shape, numbers=numbers, slack=slack)
