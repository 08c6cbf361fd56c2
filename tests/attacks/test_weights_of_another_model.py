"""The weights of an earlier state; the list of files is made to fit."""

from pathlib import Path

from tests.attacks.forging import refused, relist

from glasswright.store import tensors


def forge(release: Path) -> None:
    state = tensors.load(release / "checkpoints" / "state-00000004.safetensors")
    weights = {name.removeprefix("model."): state[name] for name in state if name.startswith("model.")}
    tensors.save(release / "model" / "model.safetensors", weights)
    relist(release)


def test_weights_of_another_model(release: Path) -> None:
    forge(release)
    refused(release, step="weights", evidence=r"Merkle root over its tensors: recorded sha256")
