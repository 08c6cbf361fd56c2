"""A file that nobody listed."""

from pathlib import Path

from tests.attacks.forging import refused


def forge(release: Path) -> None:
    (release / "model" / "more.txt").write_text("hello")


def test_extra_file(release: Path) -> None:
    forge(release)
    refused(release, step="files", evidence=r"^model/more\.txt: not listed")
