"""A folder is a link to one outside the release."""

from pathlib import Path

from tests.attacks.forging import refused


def forge(release: Path) -> None:
    folder = release / "model"
    folder.rename(release.parent / "model")
    folder.symlink_to(release.parent / "model")


def test_linked_folder(release: Path) -> None:
    forge(release)
    refused(release, step="bytes", evidence=r"behind a symbolic link, which is not followed")
