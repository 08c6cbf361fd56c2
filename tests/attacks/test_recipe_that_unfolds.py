"""A YAML bomb: anchors that refer to each other."""

from pathlib import Path

from tests.attacks.forging import refused, relist


def forge(release: Path) -> None:
    path = release / "recipe.yaml"
    path.write_text(path.read_text() + "bomb: &a [x, x]\nmore: [*a, *a]\n")
    relist(release)


def test_recipe_that_unfolds(release: Path) -> None:
    forge(release)
    refused(release, step="recipe", evidence=r"anchors have no place")
