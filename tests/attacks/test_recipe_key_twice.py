"""A key of the recipe is there twice: one reader sees the first, another the last."""

from pathlib import Path

from tests.attacks.forging import refused, relist


def forge(release: Path) -> None:
    path = release / "recipe.yaml"
    path.write_text("seed: 1\n" + path.read_text())
    relist(release)


def test_recipe_key_twice(release: Path) -> None:
    forge(release)
    refused(release, step="recipe", evidence=r"not YAML: .*duplicate key")
