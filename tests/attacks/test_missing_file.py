"""A file that is listed is not there."""

from pathlib import Path

from tests.attacks.forging import refused


def forge(release: Path) -> None:
    (release / "checkpoints" / "state-00000002.safetensors").unlink()


def test_missing_file(release: Path) -> None:
    forge(release)
    refused(release, step="files", evidence=r"^checkpoints/state-00000002\.safetensors: missing")
