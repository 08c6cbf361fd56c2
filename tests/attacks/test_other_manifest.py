"""release.json names another list of files."""

from pathlib import Path

from tests.attacks.forging import change, refused


def forge(release: Path) -> None:
    change(release / "release.json", lambda top: top.update(manifest="0" * 64))


def test_other_manifest(release: Path) -> None:
    forge(release)
    refused(release, step="manifest", evidence=r"^manifest\.json: recorded sha256 000000000000, found")
