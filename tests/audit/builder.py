"""Subjects written for tests: files in a folder, and what they stand for."""

import json
import struct
from pathlib import Path

LICENSE = (Path(__file__).resolve().parents[2] / "LICENSE").read_text()

OPEN_README = """\
# Glade

We release Glade, an open-source language model of 1B parameters, trained on 30B tokens.
All training code, data and checkpoints are here.

## Training data

Glade was trained on [glade-corpus](https://huggingface.co/datasets/meadow/glade-corpus), which we
filtered for quality and deduplicated.

## Models

Download the weights from [the hub](https://huggingface.co/meadow/glade-1b). We also release
intermediate checkpoints taken every 1000 steps.

## Usage

```bash
python generate.py --model meadow/glade-1b
```

## License

The code and the model weights are licensed under the Apache License 2.0.
"""

VAGUE_README = """\
# Bramble

Bramble is an open-source language model of 7B parameters.

## Training data

Bramble was pretrained on 2T tokens from a mix of publicly available online data and licensed data.

## Models

Download the weights from [the hub](https://huggingface.co/thicket/bramble-7b).

## License

This repository is licensed under the Apache License 2.0. The use of the model weights is subject to the
[Model License](LICENSE-MODEL).
"""

MODEL_LICENSE = """\
BRAMBLE MODEL LICENSE

1. Grant. You may use the model weights.

2. Scale. If you have more than 10 million monthly active users, you must request a license from us.

3. Use restrictions. You agree not to use the Model for any military purpose.
"""

# Files that do what their names say, in as few lines as that takes.
OPEN_CODE = {
    "train.py": "for batch in batches:\n    loss = model(batch)\n    loss.backward()\n    optimizer.step()\n",
    "model.py": "class Block(nn.Module):\n    def forward(self, x):\n        return x + self.attention(x)\n",
    "generate.py": "out = model.generate(tokens, max_new_tokens=64)\nprint(tokenizer.decode(out))\n",
    "tokenizer.py": "def encode(text: str) -> list[int]:\n    return [vocabulary[piece] for piece in pieces(text)]\n",
    "eval/run_eval.py": "hits = sum(answer == right for answer, right in rows)\nprint('accuracy', hits / len(rows))\n",
    "scripts/prepare_data.py": "kept = [text for text in corpus if is_good(text)]\nwrite('kept.jsonl', dedup(kept))\n",
}


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    """Write files below a folder."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content, encoding="utf-8")
    return root


def open_subject(root: Path, **changed: str | None) -> Path:
    """A subject that is open in every respect that OSAID asks for; `changed` replaces or (None) removes files."""
    files: dict[str, str | bytes] = {f"meadow__glade/{name}": text for name, text in OPEN_CODE.items()}
    files |= {"meadow__glade/README.md": OPEN_README, "meadow__glade/LICENSE": LICENSE}
    for name, content in changed.items():
        path = f"meadow__glade/{name}"
        if content is None:
            files.pop(path)
        else:
            files[path] = content
    return write(root, files)


def closed_subject(root: Path) -> Path:
    """Open code, weights under a license that closes, data that nobody is told about."""
    files = {f"thicket__bramble/{name}": OPEN_CODE[name] for name in ("model.py", "generate.py")}
    texts = {"README.md": VAGUE_README, "LICENSE": LICENSE, "LICENSE-MODEL": MODEL_LICENSE}
    return write(root, {**files, **{f"thicket__bramble/{name}": text for name, text in texts.items()}})


def safetensors(
    shape: tuple[int, ...] = (2,), *, offsets: tuple[int, int] | None = None, dtype: str = "F32", extra: bytes = b""
) -> bytes:
    """A safetensors file with one tensor, honest unless told otherwise."""
    size = 4
    for length in shape:
        size *= length
    entry = {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets or (0, size))}
    header = json.dumps({"t": entry}).encode()
    return struct.pack("<Q", len(header)) + header + b"\0" * size + extra
