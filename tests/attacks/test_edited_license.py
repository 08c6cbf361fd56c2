"""The recipe gives the weights another license, and the list of files fits; the recipe's digest does not."""

from pathlib import Path

from tests.attacks.forging import refused, relist


def forge(release: Path) -> None:
    path = release / "recipe.yaml"
    path.write_text(path.read_text().replace("weights_license: CC0-1.0", "weights_license: MIT"))
    relist(release)


def test_edited_license(release: Path) -> None:
    forge(release)
    refused(release, step="recipe", evidence=r"^recipe\.yaml: recorded sha256")
