"""The list of files names a file twice."""

from pathlib import Path

from tests.attacks.forging import change, refused


def forge(release: Path) -> None:
    change(release / "manifest.json", lambda manifest: manifest["files"].insert(0, manifest["files"][0]))


def test_listed_twice(release: Path) -> None:
    forge(release)
    refused(release, step="manifest", evidence=r"^manifest\.json: recorded sha256")
