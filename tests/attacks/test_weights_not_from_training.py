"""Other weights than training ended in, in a release whose roots all fit."""

from pathlib import Path

from tests.attacks.forging import flip_bit, refused, reroot


def forge(release: Path) -> None:
    flip_bit(release / "model" / "model.safetensors", -3)
    reroot(release)


def test_weights_not_from_training(release: Path) -> None:
    forge(release)
    refused(
        release,
        step="weights",
        evidence=r"^model/model\.safetensors: state after step 5: tensor model\.model\.norm\.weight: recorded sha256",
    )
