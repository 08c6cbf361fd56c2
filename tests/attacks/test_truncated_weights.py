"""The end of the weights is cut off."""

from pathlib import Path

from tests.attacks.forging import list_sizes, refused


def forge(release: Path) -> None:
    path = release / "model" / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-16])
    list_sizes(release)


def test_truncated_weights(release: Path) -> None:
    forge(release)
    refused(
        release,
        step="bytes",
        evidence=r"^model/model\.safetensors: the tensors end at byte \d+, the file at \d+: truncated",
    )
