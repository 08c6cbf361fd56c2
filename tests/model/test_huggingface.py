"""Models go to transformers and come from it, with the same logits."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from safetensors.torch import save as save_tensors
from transformers import LlamaConfig, LlamaForCausalLM

from glasswright.errors import Misuse
from glasswright.model import huggingface

TOKENS = torch.tensor([[5, 1, 77, 31, 2, 2, 8, 60], [0, 3, 3, 89, 4, 10, 11, 12]])
# Two float32 computations of a small model in different orders: some hundred roundings of 2^-24 on logits of size 1.
TOLERANCE = 1e-4


@pytest.mark.parametrize("tied", [True, False])
def test_an_exported_model_has_the_same_logits_in_transformers(make_model, tmp_path: Path, tied: bool) -> None:
    model = make_model(tied_embeddings=tied)
    huggingface.save(model, tmp_path)
    theirs = LlamaForCausalLM.from_pretrained(tmp_path)
    with torch.no_grad():
        expected = theirs(TOKENS).logits
    assert (model.logits(TOKENS) - expected).abs().max() < TOLERANCE


@pytest.fixture
def written(tmp_path: Path):
    """A folder as transformers writes it."""

    def write(
        *, dtype: torch.dtype = torch.float32, shard: str = "5GB", **changes: object
    ) -> tuple[Path, torch.Tensor]:
        torch.manual_seed(0)
        shape = {
            "vocab_size": 90,
            "hidden_size": 24,
            "num_hidden_layers": 2,
            "num_attention_heads": 6,
            "num_key_value_heads": 2,
            "intermediate_size": 40,
            "rope_theta": 500000.0,
            **changes,
        }
        theirs = LlamaForCausalLM(LlamaConfig(**shape)).to(dtype)
        theirs.save_pretrained(tmp_path, max_shard_size=shard)
        with torch.no_grad():
            return tmp_path, theirs.float()(TOKENS).logits

    return write


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("kv_heads", [1, 6])
def test_a_folder_written_by_transformers_loads_with_the_same_logits(
    written, tied: bool, dtype: torch.dtype, kv_heads: int
) -> None:
    folder, expected = written(dtype=dtype, tie_word_embeddings=tied, num_key_value_heads=kv_heads)
    assert (huggingface.load(folder).logits(TOKENS) - expected).abs().max() < TOLERANCE


@pytest.mark.parametrize("shard", ["5GB", "10KB"])
@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_untouched_weights_leave_as_the_bytes_that_came(
    written, tmp_path: Path, dtype: torch.dtype, tied: bool, shard: str
) -> None:
    folder, _ = written(dtype=dtype, tie_word_embeddings=tied, shard=shard)
    huggingface.save(huggingface.load(folder), tmp_path / "out")
    came = {name: tensor for file in folder.glob("*.safetensors") for name, tensor in load_file(file).items()}
    assert (tmp_path / "out/model.safetensors").read_bytes() == save_tensors(came, metadata={"format": "pt"})
    assert json.loads((tmp_path / "out/config.json").read_text())["dtype"] == str(dtype).removeprefix("torch.")


def test_a_tensor_that_16_bits_no_longer_hold_leaves_in_32(written, tmp_path: Path) -> None:
    folder, _ = written(dtype=torch.bfloat16)
    model = huggingface.load(folder)
    changed = dict(model.named_parameters())["model.norm.weight"]
    changed.data[0] = 1 + 2**-20
    huggingface.save(model, tmp_path / "out")
    left = load_file(tmp_path / "out/model.safetensors")
    assert left.pop("model.norm.weight")[0].item() == 1 + 2**-20
    assert {tensor.dtype for tensor in left.values()} == {torch.bfloat16}
    assert json.loads((tmp_path / "out/config.json").read_text())["dtype"] == "float32"


def test_a_sharded_folder_loads(written) -> None:
    folder, expected = written(shard="10KB")
    assert (folder / "model.safetensors.index.json").exists()
    assert (huggingface.load(folder).logits(TOKENS) - expected).abs().max() < TOLERANCE


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model_type": "bert"}, "model_type: expected .*'llama'.*, found 'bert'"),
        ({"hidden_act": "gelu"}, "hidden_act: expected 'silu', found 'gelu'"),
        ({"attention_bias": 1}, "attention_bias: expected true or false, found 1"),
        ({"attention_sinks": 4}, "attention_sinks: not a key of this family, llama"),
        ({"rope_parameters": {"rope_type": "longrope", "rope_theta": 1.0}}, "rope_type: expected 'default'"),
        ({"rope_parameters": {"rope_type": "llama3"}}, "rope_parameters.factor: expected a number, found None"),
        ({"head_dim": 3}, "an even number of channels, got 3"),
        ({"hidden_size": None}, "hidden_size: expected a count, found None"),
        ({"vocab_size": "many"}, "vocab_size: expected a count, found 'many'"),
    ],
)
def test_what_would_be_computed_differently_is_refused(written, change: dict, message: str) -> None:
    folder, _ = written()
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **change}))
    with pytest.raises(Misuse, match=message):
        huggingface.load(folder)


def test_a_missing_tensor_is_named(written) -> None:
    folder, _ = written()
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "num_hidden_layers": 3}))
    with pytest.raises(Misuse, match=r"tensor 'model.layers.2.* is missing"):
        huggingface.load(folder)


def test_a_tensor_of_another_shape_is_named(written) -> None:
    folder, _ = written()
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "intermediate_size": 41}))
    with pytest.raises(Misuse, match=r"mlp.*: expected shape \(.*41.*\), found"):
        huggingface.load(folder)


def test_a_truncated_file_is_named(written) -> None:
    folder, _ = written()
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(Misuse, match=r"model.safetensors: header of .* bytes in a file of 100: truncated"):
        huggingface.load(folder)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match=r"config.json: no such file"):
        huggingface.load(tmp_path)
