"""What the checker expects of a model is what the builder makes, though neither imports the other."""

import pytest

from glasswright.model.config import LlamaConfig
from glasswright.model.llama import Llama
from glasswright.records.recipe import Model, Recipe
from glasswright.verify.shape import expected_shapes

MODELS = [
    Model(hidden_size=32, num_layers=2, num_heads=4, num_kv_heads=2, intermediate_size=48),
    Model(hidden_size=16, num_layers=1, num_heads=2, num_kv_heads=2, intermediate_size=8, tied_embeddings=False),
]


@pytest.fixture(params=MODELS, ids=["tied", "untied"])
def recipe(request: pytest.FixtureRequest) -> Recipe:
    sources = ({"name": "x", "kind": "python-docs"},)
    return Recipe.model_validate({"name": "x", "sources": sources}).model_copy(update={"model": request.param})


def test_the_tensors_are_the_builder_s(recipe: Recipe) -> None:
    parameters = {name: tuple(value.shape) for name, value in Llama(_config(recipe)).named_parameters()}
    assert expected_shapes(recipe.model, 300) == parameters


def _config(recipe: Recipe) -> LlamaConfig:
    return LlamaConfig.from_recipe(
        recipe.model, vocab_size=300, max_positions=recipe.train.sequence_length, end_of_text=0
    )
