"""A merge written as a folder: its tensors one at a time, the base's other files as they are, and the record.

The folder has its name when all of it is there, or never.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from glasswright.errors import Misuse
from glasswright.export.folder import KEPT
from glasswright.lineage.derived import Derivation
from glasswright.lineage.edge import write_edge
from glasswright.lineage.narrow import PLAIN, narrowed
from glasswright.lineage.stored import CONFIG, Stored, read_stored
from glasswright.model.weights import ONE_FILE
from glasswright.records.progress import Report, silent
from glasswright.store.atomic import atomic_folder, write_atomic
from glasswright.store.tensors import BITS, Place, save_each


def make(derivation: Derivation, parents: Sequence[Stored], out: Path, report: Report = silent) -> None:
    """Write what is derived to the folder `out`. Each tensor keeps the type that it has in the first parent.

    Raises:  Misuse if `out` exists, or a parent is no checkpoint in safetensors; WriteFailed if the disk does not take
             it.
    """
    base = parents[0]
    for parent in parents:
        if parent.header is not None:
            raise Misuse(f"{parent.path}: a GGUF file is not merged", hint="name the model that it was made from")
    kinds = {name: (tensor.kind, tensor.shape) for name, tensor in base.tensors.items()}

    def bytes_of(place: Place) -> np.ndarray:
        return tensor_bytes(derivation, place.name, place.dtype)

    with atomic_folder(out) as folder:
        save_each(folder / ONE_FILE, kinds, bytes_of, report=report)
        for name in (CONFIG, *KEPT):
            if base.files.has(name):
                write_atomic(folder / name, base.files.read(name))
        write_edge(read_stored(folder), parents, derivation, name=out.name, report=report)


def tensor_bytes(derivation: Derivation, name: str, kind: str) -> np.ndarray:
    """What a derivation says a tensor is, in a type."""
    derived = derivation.tensors[name]
    if derived.as_it_is is not None and derived.as_it_is[0] == kind:
        return derived.as_it_is[1]()
    assert kind in PLAIN
    assert kind in BITS
    return narrowed(derived.numbers(), kind)
