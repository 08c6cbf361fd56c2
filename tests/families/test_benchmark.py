"""The benchmark of the families' steps has a recipe of every family, of about the size that docs/measured.md says."""

import runpy
from pathlib import Path

import pytest

from glasswright.recipe.size import count_parameters
from glasswright.records.families import FAMILIES

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_every_family_has_a_recipe_of_about_30_million_weights(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    benchmark = runpy.run_path(str(BENCHMARKS / "families.py"))
    assert benchmark["FAMILIES"].keys() == FAMILIES.keys()
    assert 25e6 < count_parameters(benchmark["recipe_of"](name)).total < 35e6
