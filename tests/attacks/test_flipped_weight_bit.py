"""One bit of one weight: the file, the tensor and the chunk are named."""

from pathlib import Path

from tests.attacks.forging import flip_bit, refused


def forge(release: Path) -> None:
    flip_bit(release / "model" / "model.safetensors", -1)


def test_flipped_weight_bit(release: Path) -> None:
    forge(release)
    place = r"tensor model\.norm\.weight, chunk 0 \(bytes \d+ to \d+\)"
    refused(release, step="bytes", evidence=rf"^model/model\.safetensors: {place}: recorded \w+, found \w+$")
