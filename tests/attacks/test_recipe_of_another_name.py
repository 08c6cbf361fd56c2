"""The release calls itself by another name than its recipe."""

from pathlib import Path

from tests.attacks.forging import change, refused


def forge(release: Path) -> None:
    change(release / "release.json", lambda top: top.update(name="gpt-5"))


def test_recipe_of_another_name(release: Path) -> None:
    forge(release)
    refused(release, step="recipe", evidence=r"^release\.json: name 'gpt-5' .* the recipe says 'small'")
