"""Two checkpoints have changed names, and the list of files is made to fit."""

from pathlib import Path

from tests.attacks.forging import refused, relist


def forge(release: Path) -> None:
    folder = release / "checkpoints"
    (folder / "state-00000002.safetensors").rename(folder / "other")
    (folder / "state-00000004.safetensors").rename(folder / "state-00000002.safetensors")
    (folder / "other").rename(folder / "state-00000004.safetensors")
    relist(release)


def test_swapped_checkpoints(release: Path) -> None:
    forge(release)
    refused(
        release, step="checkpoints", evidence=r"^checkpoints/state-00000002\.safetensors: tensor \S+: recorded sha256"
    )
