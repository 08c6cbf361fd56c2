"""Another seed in the recipe, and the list of files made to fit."""

from pathlib import Path

from tests.attacks.forging import refused, relist


def forge(release: Path) -> None:
    path = release / "recipe.yaml"
    path.write_text(path.read_text().replace("seed: 0", "seed: 1"))
    relist(release)


def test_edited_recipe(release: Path) -> None:
    forge(release)
    refused(release, step="recipe", evidence=r"^recipe\.yaml: recorded sha256 [0-9a-f]{12}, found")
