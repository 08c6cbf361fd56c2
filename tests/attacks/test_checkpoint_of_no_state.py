"""A checkpoint for a step at which no state was recorded."""

from pathlib import Path

from tests.attacks.forging import refused, relist


def forge(release: Path) -> None:
    folder = release / "checkpoints"
    (folder / "state-00000003.safetensors").write_bytes((folder / "state-00000002.safetensors").read_bytes())
    relist(release)


def test_checkpoint_of_no_state(release: Path) -> None:
    forge(release)
    refused(release, step="checkpoints", evidence=r"state-00000003\.safetensors: the transcript records no such state")
