"""GPT-2 as it was published: names without the prefix that transformers writes, and buffers beside the weights."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tests.families.cases import CASES
from tests.families.conftest import TOKENS_ST, write

from glasswright.errors import Misuse
from glasswright.model import huggingface

PREFIX = "transformer."


def test_names_without_their_prefix_and_masks_beside_them_are_read(tmp_path: Path) -> None:
    written = write(CASES["gpt2"], 0, tmp_path)
    expected = huggingface.load(tmp_path).logits(TOKENS_ST)
    path = tmp_path / "model.safetensors"
    published = {name.removeprefix(PREFIX): tensor for name, tensor in load_file(path).items()}
    mask = torch.ones(1, 1, 8, 8)
    save_file(published | {"h.0.attn.bias": mask}, path)
    assert torch.equal(huggingface.load(written.folder).logits(TOKENS_ST), expected)
    save_file(published | {"h.0.attn.scale": mask}, path)
    with pytest.raises(Misuse, match=r"tensor 'transformer.h.0.attn.scale' is not one of this architecture"):
        huggingface.load(tmp_path)


def test_names_of_which_some_have_the_prefix_are_refused(tmp_path: Path) -> None:
    write(CASES["gpt2"], 0, tmp_path)
    path = tmp_path / "model.safetensors"
    tensors = load_file(path)
    tensors["wte.weight"] = tensors.pop(PREFIX + "wte.weight")
    save_file(tensors, path)
    with pytest.raises(Misuse, match="tensor 'wte.weight' is not one of this architecture"):
        huggingface.load(tmp_path)
