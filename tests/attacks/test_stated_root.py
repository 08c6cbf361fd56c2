"""release.json states another root than its roots give."""

from pathlib import Path

from tests.attacks.forging import change, refused


def forge(release: Path) -> None:
    change(release / "release.json", lambda top: top.update(root="0" * 64))


def test_stated_root(release: Path) -> None:
    forge(release)
    refused(release, step="root", evidence=r"^release\.json: root: stated '0000")
