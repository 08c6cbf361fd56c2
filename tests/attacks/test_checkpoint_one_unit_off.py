"""One weight of a checkpoint is the next number; the list of files fits, the recorded state does not."""

from pathlib import Path

import numpy as np
from tests.attacks.forging import refused, relist

from glasswright.store import tensors
from glasswright.train.folder import state_path

NAME = "model.model.layers.0.mlp.up_proj.weight"


def forge(release: Path) -> None:
    path = state_path(release, 2)
    state = {name: np.array(values) for name, values in tensors.load(path).items()}
    state[NAME][3, 2] = np.nextafter(state[NAME][3, 2], np.float32(2))
    tensors.save(path, state)
    relist(release)


def test_checkpoint_one_unit_off(release: Path) -> None:
    forge(release)
    refused(release, step="checkpoints", evidence=rf"^checkpoints/state-00000002\.safetensors: tensor {NAME}: recorded")
