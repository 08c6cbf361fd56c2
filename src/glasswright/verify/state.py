"""The tensors of a full training state, from the recipe alone.

model.NAME                  the parameters, named as in model.safetensors
adamw.first_moment.NAME     and adamw.second_moment.NAME, of every parameter that AdamW updates
muon.momentum.NAME          of every parameter that Muon updates: the layers' matrices, where the recipe says muon
"""

import re
from collections.abc import Mapping
from itertools import zip_longest

from glasswright.errors import ClaimFalse, Misuse
from glasswright.records.adapter import adapter_parameters
from glasswright.records.decoder import Parameter, decoder_of, muon_s
from glasswright.records.recipe import Recipe
from glasswright.records.transcript import StateRecord
from glasswright.verify.decode import EDITED

PARAMETER = "model."
FIRST_MOMENT, SECOND_MOMENT, MOMENTUM = "adamw.first_moment.", "adamw.second_moment.", "muon.momentum."
DTYPE = "F32"
DIGEST = re.compile("[0-9a-f]{64}")

Shapes = Mapping[str, tuple[int, ...]]


def layout_of(recipe: Recipe, vocab_size: int) -> tuple[Parameter, ...]:
    """What the recipe trains: all parameters of its model, or those of its adapter.

    Raises:  ClaimFalse if there is no such adapter.
    """
    config = decoder_of(recipe, vocab_size=vocab_size, end_of_text=None)
    if recipe.adapter is None:
        return config.parameters()
    try:
        return adapter_parameters(config, recipe.adapter)
    except Misuse as error:
        raise ClaimFalse(f"recipe.yaml: {error}", hint=EDITED) from error


def expected_state(recipe: Recipe, vocab_size: int) -> dict[str, tuple[int, ...]]:
    """The shape of every tensor of a state by name, ordered by name."""
    layout, shapes = layout_of(recipe, vocab_size), dict[str, tuple[int, ...]]()
    moved_by_muon = muon_s(recipe.train.optimizer, layout)
    for it in layout:
        moments = (MOMENTUM,) if it.name in moved_by_muon else (FIRST_MOMENT, SECOND_MOMENT)
        shapes |= {prefix + it.name: it.shape for prefix in (PARAMETER, *moments)}
    return dict(sorted(shapes.items()))


def check_state(state: StateRecord, expected: Shapes, where: str) -> None:
    """That a state's record lists the tensors expected, in their order, each once and with a digest.

    Raises:  ClaimFalse naming `where` and the tensor.
    """
    for listed, name in zip_longest((tensor.name for tensor in state.tensors), expected):
        if listed != name:
            raise ClaimFalse(f"{where}: expected tensor {name or 'no more'}, found {listed!r:.200}", hint=EDITED)
    for tensor in state.tensors:
        shape = expected[tensor.name]
        if (tensor.dtype, tensor.shape) != (DTYPE, shape):
            found = f"{tensor.dtype!r:.20} of shape {tensor.shape!s:.80}"
            raise ClaimFalse(
                f"{where}: tensor {tensor.name}: expected {DTYPE} of shape {shape}, found {found}", hint=EDITED
            )
        _require_digest(tensor.digest, f"{where}: tensor {tensor.name}: digest")
    _require_digest(state.root, f"{where}: root")


def _require_digest(digest: str, where: str) -> None:
    if not DIGEST.fullmatch(digest):
        raise ClaimFalse(f"{where}: expected 64 hex digits, found {digest!r:.80}", hint=EDITED)
