"""A pickle that some loaders prefer to safetensors."""

from pathlib import Path

from tests.attacks.forging import refused, relist


def forge(release: Path) -> None:
    (release / "model" / "pytorch_model.bin").write_bytes(b"\x80\x04cos\nsystem\n.")
    relist(release)


def test_pickle_beside_the_weights(release: Path) -> None:
    forge(release)
    refused(release, step="model", evidence=r"^model/pytorch_model\.bin: not a file of this model")
