"""A number is written as a text."""

from pathlib import Path

from tests.attacks.forging import change, refused, relist


def forge(release: Path) -> None:
    change(release / "tokens" / "map.json", lambda token_map: token_map.update(vocab_size="300"))
    relist(release)


def test_field_of_another_type(release: Path) -> None:
    forge(release)
    refused(release, step="tokens", evidence=r"^tokens/map\.json: vocab_size: expected int, found '300'")
