"""The tensors of a state: those that the trainer has, each once, with its shape and a digest."""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import product

import pytest
import torch

from glasswright.errors import ClaimFalse
from glasswright.model.decoder import Decoder
from glasswright.records.decoder import decoder_of
from glasswright.records.recipe import Recipe
from glasswright.records.transcript import StateRecord, TensorDigest
from glasswright.train.optimizer import Optimizer
from glasswright.verify.state import check_state, expected_state

VOCAB_SIZE = 300


def recipe(kind: str = "muon", *, tied: bool = True) -> Recipe:
    return Recipe.model_validate(
        {
            "name": "r",
            "sources": [{"name": "s", "kind": "python-docs"}],
            "model": {
                "hidden_size": 8,
                "num_layers": 2,
                "num_heads": 2,
                "num_kv_heads": 1,
                "intermediate_size": 12,
                "tied_embeddings": tied,
            },
            "train": {"optimizer": {"kind": kind}},
        }
    )


@pytest.mark.parametrize(("kind", "tied"), list(product(("muon", "adamw"), (True, False))))
def test_the_tensors_are_those_the_trainer_has(kind: str, tied: bool) -> None:
    some = recipe(kind, tied=tied)
    with torch.no_grad():
        model = Decoder(decoder_of(some, vocab_size=VOCAB_SIZE, end_of_text=0))
    parameters = {f"model.{name}": tuple(p.shape) for name, p in model.named_parameters()}
    state = Optimizer(some.train.optimizer, model.layout).initial_state(dict(model.named_parameters()))
    moments = {name: tuple(moment.shape) for name, moment in state.moments.items()}
    found = expected_state(some, VOCAB_SIZE)
    assert found == parameters | moments
    assert list(found) == sorted(found)


def state(shapes: dict[str, tuple[int, ...]]) -> StateRecord:
    tensors = tuple(TensorDigest(name=n, dtype="F32", shape=shape, digest="ab" * 32) for n, shape in shapes.items())
    return StateRecord(segment=0, step=0, root="cd" * 32, tensors=tensors)


def change_first(**fields: object) -> Callable[[StateRecord], StateRecord]:
    return lambda state: replace(state, tensors=(replace(state.tensors[0], **fields), *state.tensors[1:]))


NAME = "adamw.first_moment.model.embed_tokens.weight"
CHANGES: list[tuple[Callable[[StateRecord], StateRecord], str]] = [
    (lambda s: replace(s, tensors=s.tensors[1:]), f"expected tensor {NAME}, found 'adamw.first_moment"),
    (lambda s: replace(s, tensors=s.tensors[:-1]), "found None"),
    (lambda s: replace(s, tensors=(s.tensors[0], *s.tensors)), f"layernorm.weight, found '{NAME}'"),
    (lambda s: replace(s, tensors=(*s.tensors, s.tensors[0])), f"expected tensor no more, found '{NAME}'"),
    (lambda s: replace(s, tensors=s.tensors[::-1]), f"expected tensor {NAME}, found 'muon.momentum"),
    (change_first(name="x"), f"expected tensor {NAME}, found 'x'"),
    (change_first(shape=(8, 300)), f"{NAME}: expected F32 of shape (300, 8), found 'F32' of shape (8, 300)"),
    (change_first(dtype="F64"), f"{NAME}: expected F32 of shape (300, 8), found 'F64'"),
    (change_first(digest="AB" * 32), f"{NAME}: digest: expected 64 hex digits, found 'AB"),
    (change_first(digest="ab" * 31), f"{NAME}: digest: expected 64 hex digits"),
    (change_first(digest="ab" * 32 + "\n"), f"{NAME}: digest: expected 64 hex digits"),
    (lambda s: replace(s, root="x" * 64), "root: expected 64 hex digits"),
]


@pytest.mark.parametrize(("change", "message"), CHANGES)
def test_another_state_is_refused_by_tensor(change: Callable[[StateRecord], StateRecord], message: str) -> None:
    expected = expected_state(recipe(), VOCAB_SIZE)
    check_state(state(expected), expected, "here")
    with pytest.raises(ClaimFalse, match=f"^here: .*{re.escape(message)}"):
        check_state(change(state(expected)), expected, "here")
