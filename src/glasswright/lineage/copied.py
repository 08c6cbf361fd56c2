"""copy, convert: each tensor is the parent's of the same name, as it is or in another type."""

from glasswright.lineage.derived import Derivation, Derived
from glasswright.lineage.narrow import PLAIN
from glasswright.lineage.stored import Stored


def copied(parent: Stored, child: Stored) -> Derivation:
    """The parent's tensors under the child's names: a copy where no type is another, else a conversion."""
    tensors, is_copy = {}, True
    for name, tensor in parent.tensors.items():
        there = child.find(name) or name
        tensors[there] = taken_over(parent, name)
        is_copy = is_copy and (there not in child.tensors or child.tensors[there].kind == tensor.kind)
    words = "the parent's, bit for bit" if is_copy else "the parent's, as it is or in the nearest numbers of its type"
    return Derivation(kind="copy" if is_copy else "convert", tensors=tensors, words=words, is_optional=parent.is_unused)


def taken_over(parent: Stored, name: str) -> Derived:
    """A parent's tensor."""
    tensor = parent.tensors[name]
    return Derived(
        shape=tensor.shape,
        numbers=lambda: parent.numbers(name),
        as_it_is=(tensor.kind, lambda: parent.raw(name)),
    )


def is_plain(parent: Stored, name: str) -> bool:
    """Whether arithmetic is done with a tensor: one of floating-point numbers, each by itself."""
    return parent.tensors[name].kind in PLAIN
