"""A value of the recipe is left to its default, which another version may change."""

from pathlib import Path

from tests.attacks.forging import refused, relist


def forge(release: Path) -> None:
    path = release / "recipe.yaml"
    path.write_text(path.read_text().replace("seed: 0\n", ""))
    relist(release)


def test_recipe_with_a_default(release: Path) -> None:
    forge(release)
    refused(release, step="recipe", evidence=r"^recipe\.yaml: recorded sha256")
