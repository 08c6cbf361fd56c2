"""A name that is a path elsewhere on another system."""

from pathlib import Path

from tests.attacks.forging import refused, relist


def forge(release: Path) -> None:
    (release / "code" / "..\\evil.py").write_text("")
    relist(release)


def test_backslash_path(release: Path) -> None:
    forge(release)
    refused(release, step="files", evidence=r"not a safe path")
