"""The resolved recipe loads to the same digest, whatever texts and numbers it holds."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from glasswright.recipe import parse, write_resolved
from glasswright.records.model import Model
from glasswright.records.recipe import GitOrigin, Optimizer, Recipe, Schedule, Source, Train

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.sampled_from(
    [
        "null",
        "~",
        "no",
        "yes",
        "true",
        "1",
        "1e-3",
        "- a",
        "a: b",
        "#",
        "&a",
        "*a",
        "!t",
        " a ",
        "a\nb",
        "\ufeff",
        "\x85",
    ]
)
decimals = st.decimals(min_value="0.000001", max_value=1000, places=12).filter(lambda value: value > 0)


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    folder = Source(
        name="a",
        kind="folder",
        path=draw(texts),
        license=draw(st.sampled_from([None, "MIT", "cc-by-4.0 AND LicenseRef-x"])),
        include=tuple(draw(st.lists(texts, max_size=3))),
    )
    git = Source(
        name="b", kind="git", git=GitOrigin(url=draw(texts), commit="0" * 40), language=draw(st.none() | texts)
    )
    optimizer = Optimizer(kind=draw(st.sampled_from(["muon", "adamw"])), learning_rate=draw(decimals))
    train = Train(
        num_steps=draw(st.integers(200, 2**53 - 1)), optimizer=optimizer, schedule=Schedule(final_factor=Decimal(0))
    )
    model = Model(tied_embeddings=draw(st.booleans()), rope_theta=draw(decimals))
    return Recipe(name="x", seed=draw(st.integers(0, 2**53 - 1)), sources=(folder, git), model=model, train=train)


@given(recipes())
def test_a_resolved_recipe_loads_to_the_same_digest(recipe: Recipe):
    assert parse(write_resolved(recipe), "resolved").digest == recipe.digest


def test_the_digest_notices_one_changed_key():
    recipe = parse("name: x\nsources:\n  - {name: a, kind: python-docs}\n", "r.yaml")
    written = write_resolved(recipe)
    assert parse(written.replace("num_layers: 4", "num_layers: 5"), "resolved").digest != recipe.digest


def test_every_default_is_written_out():
    recipe = parse("name: x\nsources:\n  - {name: a, kind: python-docs}\n", "r.yaml")
    assert "    epsilon: 0.00000001\n" in write_resolved(recipe)
    assert "    license: null\n" in write_resolved(recipe)
