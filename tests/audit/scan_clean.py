"""Sixty clean folders: what torch, NumPy, joblib, h5py, tokenizers and safetensors write, and what lies beside it.

Each must be PROVED. Kinds that no rule reads (code, machine code, formats of phones) are not among them.
"""

import json
import pickle
import random
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import h5py
import joblib
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from safetensors.torch import save
from tests.audit.builder import safetensors
from tests.audit.scan_made import (
    PLAIN,
    SAFE,
    Files,
    dense,
    gguf,
    keras,
    notebook,
    npy,
    onnx,
    saved_model,
    sentencepiece,
    tarred,
    template,
    words,
    zipped,
)

CARD = "---\nlicense: apache-2.0\n---\n# Glade\n\n```python\nimport os\nos.system('ls')\n```\n"
CONFIG = json.dumps({"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu"})
TOKENIZER = json.dumps(
    {"version": "1.0", "added_tokens": [], "model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}}
)

# Templates with what the templates of well-known models do, in words of our own.
TEMPLATES = {
    "plain": PLAIN,
    "a prompt of its own": "{% if messages[0].role != 'system' %}<|sys|>You are a helpful assistant.{% endif %}"
    + PLAIN,
    "turns that alternate": (
        "{% for m in messages %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}"
        "{{ raise_exception('Roles of a conversation must alternate user and assistant') }}{% endif %}"
        "{{ '[INST] ' + m['content'].strip() + ' [/INST]' if m['role'] == 'user' else m['content'] + eos_token }}"
        "{% endfor %}"
    ),
    "thinking": (
        "{%- for m in messages %}{%- set content = m.content if m.content is string else '' %}"
        "{%- if '</think>' in content %}{%- set thought = content.split('</think>')[0].rstrip('\\n') %}"
        "{%- set content = content.split('</think>')[-1].lstrip('\\n') %}{%- endif %}"
        "{{- '<|im_start|>' + m.role + '\\n' + content + '<|im_end|>' }}{%- endfor %}"
        "{%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>' }}{%- endif %}"
    ),
    "tools": (
        "{%- if tools %}# Tools\nYou may call one or more functions to help with the question of the user.\n"
        "{%- for tool in tools %}{{ tool | tojson }}{%- endfor %}Answer with the name and the arguments.{%- endif %}"
        + PLAIN
    ),
    "answers of tools": (
        "{%- set ns = namespace(last=messages|length - 1, multi=true) %}{%- for m in messages[::-1] %}"
        "{%- set index = (messages|length - 1) - loop.index0 %}{%- if ns.multi and m.role == 'user' and not"
        "(m.content.startswith('<tool_response>') and m.content.endswith('</tool_response>')) %}"
        "{%- set ns.multi = false %}{%- set ns.last = index %}{%- endif %}{%- endfor %}" + PLAIN
    ),
    "pictures": (
        "{% for m in messages %}{% if m['content'] is string %}{{ m['content'] }}{% else %}"
        "{% for part in m['content'] %}{% if part['type'] == 'image' or 'image' in part %}<|image|>"
        "{% elif 'text' in part %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}{% endfor %}"
    ),
    "the date": (
        "{%- if not date_string is defined %}{%- set date_string = strftime_now('%d %b %Y') %}{%- endif %}"
        "Cutting Knowledge Date: December 2023\nToday Date: {{ date_string }}\n" + PLAIN
    ),
    "a macro": (
        "{%- macro shown(value) %}{{ value | trim }}{%- endmacro %}"
        "{% for m in messages %}{{ shown(m.content) }}{% endfor %}"
    ),
    "what was generated": (
        "{% for m in messages %}{% if m.role == 'assistant' %}{% generation %}{{ m.content }}{% endgeneration %}"
        "{% else %}{{ m.content }}{% endif %}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
    ),
}

Writer = Callable[[Path], None]


def _written(files: Files) -> Writer:
    def writer(folder: Path) -> None:
        for name, data in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data.encode() if isinstance(data, str) else data)

    return writer


def _torch(value: Callable[[], Any], *, name: str = "pytorch_model.bin", is_zip: bool = True) -> Writer:
    def writer(folder: Path) -> None:
        torch.save(value(), folder / name, _use_new_zipfile_serialization=is_zip)

    return writer


def _joblib(value: Any, **options: Any) -> Writer:
    return lambda folder: joblib.dump(value, folder / "model.joblib", **options) and None


def _model() -> torch.nn.Module:
    return torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.LayerNorm(8))


def _optimizer() -> dict[str, Any]:
    """As AdamW's, which takes seconds to import."""
    moments = {"step": torch.tensor(1.0), "exp_avg": torch.zeros(4), "exp_avg_sq": torch.zeros(4)}
    return {
        "state": {0: moments},
        "param_groups": [{"lr": 1e-3, "betas": (0.9, 0.999), "foreach": None, "params": [0]}],
    }


def _arrays(folder: Path) -> None:
    np.save(folder / "a.npy", np.arange(6.0).reshape(2, 3))
    np.save(folder / "b.npy", np.zeros(3, dtype=[("a", "f4"), ("b", "i8", (2,))]))
    np.savez_compressed(folder / "c.npz", a=np.array(["x", "yz"]), b=np.zeros(1000))


def _objects(folder: Path) -> None:
    np.save(folder / "a.npy", np.array([{"a": 1}, None, "x"], dtype=object))


def _weights(folder: Path) -> None:
    with h5py.File(folder / "tf_model.h5", "w") as file:
        file.attrs["layer_names"] = [b"dense"]
        file.attrs["keras_version"] = "2.15.0"
        group = file.create_group("dense")
        group.attrs["weight_names"] = [b"kernel:0"]
        group.create_dataset("kernel:0", data=np.random.default_rng(1).normal(size=(50, 50)), compression="gzip")


def _layers(folder: Path) -> None:
    with h5py.File(folder / "model.h5", "w") as file:
        config = {"class_name": "Sequential", "config": {"layers": [dense()] * 200}}
        file.attrs["model_config"] = json.dumps(config)
        file.attrs["training_config"] = json.dumps({"loss": "mse"}).encode()
        for index in range(200):
            file.create_group(f"model_weights/dense_{index}").create_dataset("kernel", data=np.zeros((2, 2)))


def _newest(folder: Path) -> None:
    with h5py.File(folder / "model.weights.h5", "w", libver="latest") as file:
        file.create_group("layers").create_dataset("vars", data=np.zeros(3))
        file.attrs["x"] = "y"


def _h5_bytes(write: Writer, name: str, folder: Path) -> bytes:
    write(folder)
    data = (folder / name).read_bytes()
    (folder / name).unlink()
    return data


def _keras(folder: Path) -> None:
    weights = _h5_bytes(_newest, "model.weights.h5", folder)
    _written({"model.keras": keras(dense(), dense(class_name="ReLU"), **{"model.weights.h5": weights})})(folder)


def _transformers(folder: Path) -> None:
    _written(
        {
            "README.md": CARD,
            ".gitattributes": "*.safetensors filter=lfs diff=lfs merge=lfs -text\n",
            "LICENSE": "Apache License\n",
            "config.json": CONFIG,
            "generation_config.json": '{"eos_token_id": 2}',
            "tokenizer.json": TOKENIZER,
            "tokenizer_config.json": template(TEMPLATES["tools"]),
            "special_tokens_map.json": "{}",
            "vocab.txt": "[PAD]\ncos\nsystem\n(tR.\n",
            "merges.txt": "#version: 0.2\na b\n",
            "tokenizer.model": sentencepiece("a", "b"),
            "model-00001-of-00002.safetensors": save({"a": torch.zeros(2)}),
            "model-00002-of-00002.safetensors": save({"b": torch.zeros(2)}),
            "model.safetensors.index.json": json.dumps(
                {
                    "metadata": {"total_size": 16},
                    "weight_map": {
                        f"{name}": f"model-0000{index}-of-00002.safetensors" for index, name in ((1, "a"), (2, "b"))
                    },
                }
            ),
        }
    )(folder)


def _external(folder: Path) -> None:
    _written({"onnx/model.onnx": onnx(location="model.onnx_data"), "onnx/model.onnx_data": b"\x00\xff" * 8})(folder)


def _saved_model(folder: Path) -> None:
    index = b"\x00" * 40 + (0xDB4775248B80FB57).to_bytes(8, "little")
    _written(
        {
            "saved_model.pb": saved_model("MatMul", "SaveV2", "RestoreV2", "VarHandleOp"),
            "variables/variables.index": index,
            "variables/variables.data-00000-of-00001": b"\x00\x01\xff" * 30,
        }
    )(folder)


def _tables(folder: Path) -> None:
    table = pa.table({"text": ["a", "b"], "numbers": pa.array([[1.0], [2.0]])})
    pq.write_table(table, folder / "train.parquet")
    with pa.OSFile(str(folder / "data.arrow"), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


VALUES: dict[str, Any] = {
    "plain": {"a": [1, 2.0, "b", None, True, b"bytes"], "t": (1, 2), "s": {1}, "big": 2**100},
    "collections": [OrderedDict(a=1), Counter("abc"), defaultdict(list, a=[1]), deque([1])],
    "the standard library": {"d": Decimal("1.5"), "t": datetime(2026, 1, 1), "p": Path("a")},
    "arrays": {"a": np.arange(1000), "b": np.float64(2), "c": np.random.default_rng(1).normal(size=10_000)},
}

CLEAN: dict[str, Writer] = {
    "transformers": _transformers,
    "weights of torch": _torch(lambda: _model().state_dict()),
    "weights of torch before zip": _torch(lambda: _model().state_dict(), name="m.pt", is_zip=False),
    "an optimizer": _torch(_optimizer, name="optimizer.pt"),
    "a checkpoint": _torch(
        lambda: {"model": _model().state_dict(), "step": 3, "dtype": torch.bfloat16, "size": torch.Size([1])},
        name="m.ckpt",
    ),
    "numbers of every type": _torch(
        lambda: [torch.zeros(2, dtype=kind) for kind in (torch.bool, torch.int8, torch.half)]
    ),
    "a tensor in a pickle": lambda folder: _written({"m.pkl": pickle.dumps(torch.ones(3))})(folder),
    "a pickle in a pickle": _written({"m.pkl": pickle.dumps([pickle.dumps(OrderedDict(a=1))])}),
    "a state of chance": _torch(
        lambda: {
            "python": random.Random(1).getstate(),
            "numpy": np.random.RandomState(1).get_state(),
            "cpu": torch.zeros(2),
        },
        name="rng_state.pth",
    ),
    "a parameter": _torch(lambda: torch.nn.Parameter(torch.zeros(2)), name="p.pt"),
    **{
        f"{name}, protocol {protocol}": _written({"m.pkl": pickle.dumps(value, protocol=protocol)})
        for name, value in VALUES.items()
        for protocol in (0, 2, 4, 5)
    },
    "pickle behind pickle": _written({"m.pkl": SAFE + SAFE}),
    "arrays": _arrays,
    "arrays of objects": _objects,
    "joblib": _joblib({"w": np.ones((3, 4)), "u": np.array(["ab"]), "l": [1]}),
    "joblib with objects": _joblib({"w": np.array([1, "x", None], dtype=object)}),
    **{
        f"joblib in {kind}": _joblib({"w": np.ones(9)}, compress=(kind, 3))
        for kind in ("zlib", "gzip", "bz2", "xz", "lzma")
    },
    "HDF5 of weights": _weights,
    "HDF5 of layers": _layers,
    "HDF5 of the newest kind": _newest,
    "keras": _keras,
    "GGUF": _written(
        {
            "m.gguf": gguf(
                {"tokenizer.chat_template": PLAIN, "tokenizer.ggml.tokens": ["a", "b"], "general.alignment": 32},
                tensors=[("t", (4,), 0, 0), ("q", (32,), 8, 32)],
                data=bytes(66),
            )
        }
    ),
    "ONNX": _written({"model.onnx": onnx()}),
    "ONNX with its numbers beside it": _external,
    "SavedModel": _saved_model,
    **{f"template: {name}": _written({"chat_template.jinja": source}) for name, source in TEMPLATES.items()},
    **{
        f"config with template: {name}": _written({"t.json": template(source)})
        for name, source in list(TEMPLATES.items())[:3]
    },
    "sentence-transformers": _written(
        {
            "modules.json": json.dumps(
                [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}]
            ),
            "1_Pooling/config.json": '{"pooling_mode_mean_tokens": true}',
            "model.safetensors": safetensors(),
        }
    ),
    "an adapter": _written(
        {
            "adapter_config.json": json.dumps(
                {"auto_mapping": None, "peft_type": "LORA", "base_model_name_or_path": "a/b"}
            ),
            "adapter_model.safetensors": safetensors(),
        }
    ),
    "diffusers": _written(
        {
            "model_index.json": json.dumps(
                {"_class_name": "P", "unet": ["diffusers", "U"], "safety_checker": [None, None]}
            ),
            "unet/config.json": '{"_class_name": "U", "act_fn": "silu"}',
            "unet/diffusion_pytorch_model.safetensors": safetensors(),
        }
    ),
    "NeMo": _written(
        {"m.nemo": tarred({"./model_config.yaml": b"_target_: nemo.collections.Model\nx: [1, 2]\n", "./w.ckpt": SAFE})}
    ),
    "archives": _written(
        {"a.zip": zipped({"x/README": "a", "x/m.pkl": SAFE}), "b.tar.gz": tarred({"x.md": b"a"}, "w:gz")}
    ),
    "a notebook of words": _written({"a.ipynb": notebook(words("# How to use it"))}),
    "pictures and tables": _written(
        {
            "a.png": b"\x89PNG\r\n\x1a\n\x00",
            "b.jpg": b"\xff\xd8\xff\xe0\x00",
            "c.parquet": b"PAR1\x00",
            "d.csv": "a,b\n",
        }
    ),
    "tables": _tables,
    "one array by hand": _written({"a.npy": npy("'<f4'", bytes(4))}),
    "a package without code": _written({"m/__init__.py": '"""Nothing."""\n\n__version__ = "1"\n', "m/empty.py": ""}),
    "YAML": _written({"params.yaml": "lr: 1e-3\nmodel: &a {dim: 4}\nagain: *a\n---\nb: true\n"}),
}
