"""One bit of a file that no root covers."""

from pathlib import Path

from tests.attacks.forging import flip_bit, refused


def forge(release: Path) -> None:
    flip_bit(release / "model" / "README.md", 100)


def test_flipped_card_bit(release: Path) -> None:
    forge(release)
    refused(release, step="bytes", evidence=r"^model/README\.md: recorded sha256")
