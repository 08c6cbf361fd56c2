"""Every value of a description says something: it is computed with, or a family refuses it, and no file loses it.

The fields are those of the record itself, so that a new one is tried without a line here.
"""

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any, Literal, get_args, get_origin

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from tests.families.cases import CASES

from glasswright.errors import Misuse
from glasswright.model import ops
from glasswright.model.decoder import Decoder
from glasswright.records.decoder import DecoderConfig
from glasswright.records.families import FAMILIES
from glasswright.records.families.family import Family, Written
from glasswright.records.huggingface import from_hugging_face, to_hugging_face
from glasswright.records.model import Model

TOKENS_ST = torch.randint(0, 20, (1, 12), generator=torch.Generator().manual_seed(3))
# Heads of eight pairs, so that a ramp over frequencies has some to lie between; windows narrower than the text.
WIDE = {"hidden_size": 32, "num_heads": 2, "num_kv_heads": 2, "num_layers": 3, "intermediate_size": 24}
LONGER = {"factor": 4, "original_max_position_embeddings": 32}
SCALINGS: list[dict[str, Any] | None] = [
    None,
    {"kind": "linear", "factor": 4},
    LONGER | {"kind": "llama3", "low_freq_factor": 1, "high_freq_factor": 4},
    LONGER | {"kind": "yarn", "mscale": 2, "mscale_all_dim": 3},
]  # fmt: skip


def fields(part: type[BaseModel] = Model, path: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """The values of a description by path, those of its parts with them."""
    for name, field in part.model_fields.items():
        inner = [it for it in (field.annotation, *get_args(field.annotation)) if isinstance(it, type)]
        parts = [it for it in inner if issubclass(it, BaseModel)]
        if parts:
            yield from fields(parts[0], f"{path}{name}.")
        elif name != "family":
            yield path + name, field


def values(field: FieldInfo) -> list[Any]:
    """What may be tried in place of a value."""
    if field.annotation is bool:
        return [True, False]
    if get_origin(field.annotation) is Literal:
        return list(get_args(field.annotation))
    if field.annotation is int:
        return [0, 1, 2, 3, 4, 5, 8, 16, 24, 40, 2**53]
    assert field.annotation is Decimal, field
    return ["0", "0.001", "0.5", "1.2", "2", "7", "50", "123456.789"]


FIELDS = {path: values(field) for path, field in fields()}


def changed(description: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A description with another value in one place; a part that is not there comes to be."""
    name, _, rest = path.partition(".")
    if not rest:
        return description | {name: value}
    return description | {name: changed(description.get(name) or {}, rest, value)}


def described(description: dict[str, Any]) -> Model | None:
    """The description, if there is a model of it."""
    try:
        return Model.model_validate(description)
    except ValidationError:
        return None


@cache
def bases() -> list[dict[str, Any]]:
    """Of every family, with every scaling of its rotation, all that can be said."""
    found = []
    for case in CASES.values():
        own = {key: value for key, value in case.recipe.items() if key in ("family", "experts", "latent")}
        for scaling in SCALINGS:
            recipe = changed(changed(own | WIDE, "positions.scaling", scaling), "attention.window", 5)
            for said in (recipe, recipe | {"attention": {}}, recipe | {"attention": {}, "intermediate_size": 0}):
                if (model := described(said)) is not None:
                    found.append(model.model_dump(mode="json"))
                    break
    return found


def computed(model: Model) -> tuple[dict[str, tuple[int, ...]], bytes]:
    """Shapes by name, and the bits of the logits of weights that a tensor's name decides."""
    decoder = Decoder(DecoderConfig(model=model, vocab_size=20, max_positions=16))
    parameters = dict(decoder.named_parameters())
    for name, parameter in parameters.items():
        seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
        ops.uniform_(parameter, seed=seed, purpose=0, half_width=0.5)
    shapes = {name: tuple(parameter.shape) for name, parameter in parameters.items()}
    return shapes, decoder.logits(TOKENS_ST).numpy().tobytes()


def test_every_family_is_a_base() -> None:
    assert {it["family"] for it in bases()} == FAMILIES.keys()
    assert len(bases()) > 2 * len(FAMILIES)


@pytest.mark.parametrize("path", FIELDS)
def test_another_value_is_computed_with_or_is_what_a_family_is_known_by(path: str) -> None:
    """Of a field that no family lets anybody change, two families have different values."""
    own = set()
    for base in bases():
        before = Model.model_validate(base)
        own.add(str(at(base, path)))
        for value in FIELDS[path]:
            after = described(changed(base, path, value)) if value != 2**53 else None
            if after not in (None, before) and computed(after) != computed(before):
                return
    assert len(own - {"None"}) > 1


def at(description: dict[str, Any], path: str) -> Any:
    found: Any = description
    for step in path.split("."):
        found = (found or {}).get(step)
    return found


@st.composite
def drawn(draw: st.DrawFn) -> dict[str, Any]:
    """Any description: one of a family, with other values in up to five places."""
    description = draw(st.sampled_from(bases()))
    for path in draw(st.lists(st.sampled_from(sorted(FIELDS)), max_size=5, unique=True)):
        description = changed(description, path, draw(st.sampled_from(FIELDS[path])))
    return description


@given(drawn())
@settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_a_description_comes_back_from_the_file_written_of_it_or_is_refused(description: dict[str, Any]) -> None:
    if (model := described(description)) is None:
        return
    written = to_hugging_face(DecoderConfig(model=model, vocab_size=20, max_positions=16))
    back = from_hugging_face(written, "config.json")
    assert numbers(back.model) == numbers(model)
    assert to_hugging_face(back) == written


@given(drawn(), st.data())
@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_a_file_comes_back_from_the_description_read_of_it_or_is_refused(
    description: dict[str, Any], data: st.DataObject
) -> None:
    """With a value of another file of the family behind one of its keys, or of none."""
    if (model := described(description)) is None:
        return
    config = to_hugging_face(DecoderConfig(model=model, vocab_size=20, max_positions=16))
    config[data.draw(st.sampled_from(sorted(config)))] = data.draw(
        st.sampled_from([None, True, False, 0, 1, 2, 8, 0.5])
    )
    try:
        read = from_hugging_face(config, "config.json")
    except Misuse:
        return
    again = to_hugging_face(read)
    assert from_hugging_face(again, "config.json") == read
    for key in config.keys() - says_nothing(FAMILIES[read.model.family]):
        assert config[key] in (None, again[key]), key


def says_nothing(family: Family) -> set[str]:
    """Keys that are written anew, whatever stood there; of groups of experts, where there are none."""
    return {it.name for it in family.keys if isinstance(it, Written)} | {"dtype", "n_group", "topk_group"}


def numbers(model: Model) -> Any:
    """A description whose decimals are as config.json has them, in binary64."""
    return with_floats(model.model_dump())


def with_floats(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: with_floats(inner) for key, inner in value.items()}
    return float(value) if isinstance(value, Decimal) else value
