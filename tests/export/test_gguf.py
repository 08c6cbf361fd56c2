"""A GGUF file holds the model's numbers in their type, its tokenizer and its template, and llama.cpp runs it."""

import importlib
import importlib.util
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from gguf import GGUFReader, dequantize
from tests.export.conftest import TEMPLATE, VOCAB, MakeFolder

from glasswright.errors import Misuse
from glasswright.export.gguf import TYPES, export_gguf
from glasswright.model import huggingface
from glasswright.model.folder import ModelFolder
from glasswright.model.generate import generate
from glasswright.model.tokenizer import FolderTokenizer

# Half a step between neighbours, of a number at most: of 8 and of 11 bits; of Q8_0, of the largest of 32.
ROUNDING = {"F32": 0.0, "BF16": 2**-8, "F16": 2**-11, "Q8_0": 1 / 127}


def exported(folder: Path, kind: str) -> Path:
    model = huggingface.load(folder)
    out = folder / f"{kind}.gguf"
    export_gguf(model, FolderTokenizer(ModelFolder(folder), VOCAB), out, kind, name="tiny")
    return out


def tensors(path: Path) -> dict[str, np.ndarray]:
    return {it.name: dequantize(it.data, it.tensor_type) for it in GGUFReader(path).tensors}


def said(path: Path) -> dict[str, Any]:
    return {key: field.contents() for key, field in GGUFReader(path).fields.items()}


def turned(numbers: np.ndarray, heads: int) -> np.ndarray:
    """Rows from halves to pairs, written anew: row 2i of a head is its row i, row 2i + 1 its row e + i."""
    rows = numbers.reshape(heads, -1, numbers.shape[1])
    e = rows.shape[1] // 2
    return np.concatenate([np.stack([head[i], head[e + i]]) for head in rows for i in range(e)])


@pytest.mark.parametrize("kind", TYPES)
def test_the_numbers_are_the_models_in_their_type(make_folder: MakeFolder, kind: str) -> None:
    folder = make_folder(tied_embeddings=False)
    ours = {name: it.detach().numpy() for name, it in huggingface.load(folder).named_parameters()}
    found = tensors(exported(folder, kind))
    for name, expected in {
        "token_embd.weight": ours["model.embed_tokens.weight"],
        "output.weight": ours["lm_head.weight"],
        "blk.1.attn_q.weight": turned(ours["model.layers.1.self_attn.q_proj.weight"], 4),
        "blk.1.attn_k.weight": turned(ours["model.layers.1.self_attn.k_proj.weight"], 2),
        "blk.0.ffn_down.weight": ours["model.layers.0.mlp.down_proj.weight"],
    }.items():
        assert np.abs(found[name] - expected).max() <= ROUNDING[kind] * np.abs(expected).max(), name
    assert np.array_equal(found["blk.0.attn_norm.weight"], ours["model.layers.0.input_layernorm.weight"])
    assert len(found) == len(ours)


def test_bf16_that_came_is_bf16_that_leaves(make_folder: MakeFolder) -> None:
    folder = make_folder()
    model = huggingface.load(folder)
    for parameter in model.parameters():
        parameter.data = parameter.data.bfloat16().float()
    huggingface.save(model, folder)
    found = tensors(exported(folder, "BF16"))
    assert torch.equal(
        torch.from_numpy(found["token_embd.weight"]), dict(model.named_parameters())["model.embed_tokens.weight"].data
    )


def test_rows_that_are_no_blocks_stay_whole(make_folder: MakeFolder) -> None:
    folder = make_folder(hidden_size=40, num_heads=4, intermediate_size=96)
    types = {it.name: it.tensor_type.name for it in GGUFReader(exported(folder, "Q8_0")).tensors}
    assert types["blk.0.ffn_up.weight"] == "F32"
    assert types["blk.0.ffn_down.weight"] == "Q8_0"


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [
        ("F16", 65520.0, r"tensor blk.0.ffn_up.weight: F16 does not hold what is at \[3, 5\]"),
        ("BF16", 3.4e38, r"tensor blk.0.ffn_up.weight: BF16 does not hold what is at \[3, 5\]"),
        ("Q8_0", 127 * 65520.0, r"tensor blk.0.ffn_up.weight: Q8_0 does not hold what is at \[3, 0\]"),
    ],
)
def test_a_number_that_the_type_does_not_hold_is_named_and_no_file_is_there(
    make_folder: MakeFolder, kind: str, value: float, told: str
) -> None:
    folder = make_folder()
    model = huggingface.load(folder)
    dict(model.named_parameters())["model.layers.0.mlp.up_proj.weight"].data[3, 5] = value
    huggingface.save(model, folder)
    with pytest.raises(Misuse, match=told):
        exported(folder, kind)
    assert not list(folder.glob("*gguf*"))


def test_tokenizer_and_template_are_said_as_they_are(make_folder: MakeFolder) -> None:
    folder = make_folder()
    found = said(exported(folder, "F32"))
    vocabulary = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]
    assert found["tokenizer.chat_template"] == TEMPLATE
    assert found["tokenizer.ggml.tokens"] == sorted(vocabulary, key=vocabulary.__getitem__)
    assert found["tokenizer.ggml.token_type"] == [3] + [1] * (VOCAB - 1)
    assert (found["tokenizer.ggml.model"], found["tokenizer.ggml.pre"]) == ("gpt2", "gpt-2")
    assert found["tokenizer.ggml.eos_token_id"] == 0
    assert (found["llama.attention.head_count"], found["llama.attention.head_count_kv"]) == (4, 2)


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the binding's own
@pytest.mark.parametrize("changes", [{}, {"tied_embeddings": False, "num_kv_heads": 4, "rope_theta": 500000}])
def test_llama_cpp_continues_as_we_do(make_folder: MakeFolder, changes: dict[str, Any]) -> None:
    if importlib.util.find_spec("llama_cpp") is None:
        pytest.skip("did not run: the package llama-cpp-python is not installed")
    folder = make_folder(**changes)
    theirs = importlib.import_module("llama_cpp").Llama(str(exported(folder, "F32")), n_ctx=128, verbose=False)
    ours, tokenizer = huggingface.load(folder), FolderTokenizer(ModelFolder(folder), VOCAB)
    prompt = tokenizer.encode("the cat sat on 'the' mat, 12 times")
    assert list(theirs.tokenize(b"the cat sat on 'the' mat, 12 times", add_bos=False)) == prompt
    expected = list(generate(ours, prompt, num_tokens=64, temperature=Fraction(0), seed=0))
    steps = theirs.generate(prompt, top_k=1)
    assert [token for token, _ in zip(steps, expected, strict=False)] == expected
    assert len(set(expected)) > 1


ORIGINAL = {"original_max_position_embeddings": 32}
SCALINGS: list[dict[str, Any]] = [
    {"kind": "linear", "factor": 4},
    {
        "kind": "llama3",
        "factor": 8,
        "low_freq_factor": 1,
        "high_freq_factor": 4,
        "original_max_position_embeddings": 32,
    },
    {"kind": "yarn", "factor": 4, **ORIGINAL},
    {"kind": "yarn", "factor": 4, **ORIGINAL, "attention_factor": 2},
    {"kind": "yarn", "factor": 4, **ORIGINAL, "mscale": 2, "mscale_all_dim": 3},
]


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the binding's own
@pytest.mark.parametrize("scaling", SCALINGS, ids=lambda it: "-".join(it))
def test_llama_cpp_scales_the_rotation_as_we_do(make_folder: MakeFolder, scaling: dict[str, Any]) -> None:
    if importlib.util.find_spec("llama_cpp") is None:
        pytest.skip("did not run: the package llama-cpp-python is not installed")
    folder = make_folder(positions={"scaling": scaling})
    llama = importlib.import_module("llama_cpp").Llama
    theirs = llama(str(exported(folder, "F32")), n_ctx=128, logits_all=True, type_k=0, type_v=0, verbose=False)
    tokens = torch.randint(0, VOCAB, (1, 100), generator=torch.Generator().manual_seed(1))
    theirs.eval(tokens[0].tolist())
    expected, found = huggingface.load(folder).logits(tokens)[0].numpy(), np.array(theirs.scores[:100])
    assert np.abs(found - expected).max() <= 1e-4 * np.abs(expected).max()
