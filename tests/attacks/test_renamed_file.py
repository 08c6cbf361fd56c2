"""A file has another name."""

from pathlib import Path

from tests.attacks.forging import refused


def forge(release: Path) -> None:
    path = release / "model" / "README.md"
    path.rename(path.with_name("readme.md"))


def test_renamed_file(release: Path) -> None:
    forge(release)
    refused(release, step="files", evidence=r"^model/README\.md: missing\nmodel/readme\.md: not listed")
