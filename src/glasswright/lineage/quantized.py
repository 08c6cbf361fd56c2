"""quantize: a checkpoint as one GGUF file, each tensor in a type of its own."""

import numpy as np

from glasswright.errors import Misuse, Unknown
from glasswright.export.layout import Laid, laid_out, own_head
from glasswright.lineage.copied import taken_over
from glasswright.lineage.derived import Derivation, Derived
from glasswright.lineage.stored import Stored

FACTORS = "rope_freqs.weight"  # computed, not taken from the parent: converters round on the way
ROOM = 16  # roundings
WORDS = "the parent's numbers, as `gguf` writes them"


def quantized(parent: Stored) -> Derivation:
    """The tensors of a GGUF file, from a folder or from another such file.

    Raises:  Unknown if the parent is of a family whose tensors llama.cpp has no names for.
    """
    if parent.header is not None:
        tensors = {name: taken_over(parent, name) for name in parent.tensors}
        return Derivation(kind="quantize", tensors=tensors, words=WORDS)
    config = parent.config
    try:
        laid = list(laid_out(config, parent.parameter))
    except Misuse as error:
        raise Unknown(f"{parent.path}: {error}", hint=error.hint) from error
    tensors = {it.name: _derived(it) for it in laid}
    optional = {FACTORS}
    if config.model.tied_embeddings:  # which some writers store twice
        head = own_head(config, parent.parameter)
        optional |= {head.name} - tensors.keys()
        tensors.setdefault(head.name, _derived(head))
    return Derivation(kind="quantize", tensors=tensors, words=WORDS, is_optional=optional.__contains__)


def _derived(it: Laid) -> Derived:
    def slack(unit: float) -> np.ndarray:
        return np.asarray(ROOM * unit * np.abs(it.numbers()))

    return Derived(shape=it.shape, numbers=it.numbers, slack=slack if it.name == FACTORS else None)
