"""What a recipe builds is counted exactly; what does not fit is refused."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glasswright.errors import Misuse
from glasswright.recipe import parse
from glasswright.recipe.size import count_parameters, require_memory, size_of
from glasswright.records.decoder import decoder_of
from glasswright.records.model import Model
from glasswright.records.recipe import Recipe, Source, Tokenizer

SOURCES = (Source(name="a", kind="python-docs"),)


@given(st.integers(1, 4), st.integers(1, 3), st.integers(1, 8), st.integers(1, 5), st.integers(1, 500), st.booleans())
def test_parameters_are_those_of_the_model(kv: int, groups: int, width: int, layers: int, inner: int, tied: bool):
    decoder = pytest.importorskip("glasswright.model.decoder", reason="did not run: torch is not installed")
    heads = kv * groups
    model = Model(
        hidden_size=2 * width * heads, num_heads=heads, num_kv_heads=kv, num_layers=layers, intermediate_size=inner,
        tied_embeddings=tied,
    )  # fmt: skip
    recipe = Recipe(name="x", sources=SOURCES, model=model, tokenizer=Tokenizer(vocab_size=300))
    built = decoder.Decoder(decoder_of(recipe, vocab_size=300, end_of_text=0))
    assert count_parameters(recipe).total == sum(it.numel() for it in built.parameters())


def test_tiny_has_about_a_million_parameters():
    recipe = parse("name: x\nsources: [{name: a, kind: python-docs}]\n", "x")
    assert count_parameters(recipe).total == 1_053_824


def test_the_last_segment_may_be_shorter():
    recipe = parse("name: x\nsources: [{name: a, kind: python-docs}]\ntrain: {num_steps: 301}\n", "x")
    assert size_of(recipe).num_segments == 7


def test_recomputing_and_fewer_leaves_at_once_take_less_memory():
    recipe = parse("name: x\nsources: [{name: a, kind: python-docs}]\n", "x")
    two, one = size_of(recipe, leaves_at_once=2), size_of(recipe, leaves_at_once=1)
    assert two.memory_bytes > one.memory_bytes > size_of(recipe, recompute=True).memory_bytes


def test_more_leaves_at_once_than_there_are_take_no_more_activations():
    recipe = parse("name: x\nsources: [{name: a, kind: python-docs}]\ntrain: {leaf_sequences: 8}\n", "x")
    weights = 4 * size_of(recipe).parameters.total
    grown = size_of(recipe, leaves_at_once=2).memory_bytes - size_of(recipe, leaves_at_once=1).memory_bytes
    assert grown <= weights


def test_what_fits_is_let_through_and_one_byte_less_is_refused():
    recipe = parse("name: x\nsources: [{name: a, kind: python-docs}]\n", "x")
    needed = size_of(recipe).memory_bytes
    require_memory(recipe, needed)
    with pytest.raises(Misuse, match="recipe x: training takes about .* GB of memory") as caught:
        require_memory(recipe, needed - 1)
    assert "--recompute" in str(caught.value.hint)
    with pytest.raises(Misuse) as caught:
        require_memory(recipe, 1000)
    assert "smaller model" in str(caught.value.hint)


def test_every_field_is_in_the_record():
    recipe = parse("name: x\nsources: [{name: a, kind: python-docs}]\n", "x")
    counted = size_of(recipe)
    assert {field.name for field in dataclasses.fields(counted)} <= set(counted.record())
