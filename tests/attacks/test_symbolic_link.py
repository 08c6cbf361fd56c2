"""A file is a link to one outside the release."""

from pathlib import Path

from tests.attacks.forging import refused


def forge(release: Path) -> None:
    path = release / "model" / "README.md"
    outside = release.parent / "README.md"
    outside.write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to(outside)


def test_symbolic_link(release: Path) -> None:
    forge(release)
    refused(release, step="files", evidence=r"^model/README\.md: a symbolic link")
