"""Repositories that nobody would make: random trees, names, encodings, halves of files, and rules' own words shuffled.

A repository is made from its number alone, so a failure is repeated by that number.
"""

import gzip
import json
import random
import struct
from pathlib import Path

from tests.audit.builder import LICENSE, MODEL_LICENSE, OPEN_README, VAGUE_README

from glasswright.audit.listing_rules import roles
from glasswright.audit.rules import STORIES, rules_of

NAMES = """
README.md README README_zh.md MODEL_CARD.md DATASHEET.md LICENSE LICENSE-MODEL NOTICE COPYING config.json params.json
pyproject.toml CITATION.cff tokenizer.json tokenizer_config.json model.safetensors model.gguf pytorch_model.bin a.pdf
train.py train.sh finetune.py eval/run.py data/prepare.py data/train.jsonl data/x.parquet configs/a.yaml mixes/mix.txt
docs/a.md docs/b.md docs/c.md release.json _TREE.txt SOURCE.md adapter_config.json mergekit_config.yml use_policy.md
checkpoints/1/model.safetensors results/eval.json requirements.txt notebook.ipynb a.rst model/README.md .git/config
""".split()
FOLDERS = ["", "", "org__x/", "org__y-7b/", "a__b/deep/er/", "vendor/", "tests/", "org__x/src/", "données/", "数据/"]
ENCODINGS = ["utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-32", "latin-1", "shift_jis", "gb18030", "koi8-r", "utf-7"]
MARKS = ["# ", "## ", "```\n", "~~~\n", "|", "---\n", "- ", "* ", "<td>", "<!--", "-->", "\r", "\x00", "\x1b[31m"]
MARKS += [
    "\u202e",
    "\ufeff",
    "「",
    "。",
    "\n\n",
    "  \n",
    "](",
    "[",
    "**",
    "`",
    "\t",
    "@misc{",
    "</h1>",
    "<h1>",
    "…",
    "![",
]
WORDS = [
    text for story in STORIES for rule in rules_of(story) for kind in ("match", "not") for text in rule.examples[kind]
]
CODE = [text or "" for role in roles() for kind in ("match", "not") for _, text in role.examples[kind]]
TEXTS = [OPEN_README, VAGUE_README, LICENSE, MODEL_LICENSE, *WORDS, *CODE]


def write_repository(root: Path, number: int) -> Path:
    """Repository `number`, below `root`."""
    choose = random.Random(number)
    for _ in range(choose.randint(0, 12)):
        path = root / f"{choose.choice(FOLDERS)}{_name(choose)}"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_cut(_content(path.name, choose), choose))
        except OSError:  # a folder of that name is there, or a file where a folder would be
            continue
    return root


def _name(choose: random.Random) -> str:
    name = choose.choice(NAMES)
    if choose.random() < 0.1:
        name = "".join(choose.choice("aA.-_ é漢\n\x1b'\"*[]") for _ in range(choose.randint(1, 20))) + name[-8:]
        return name.replace("/", "_")
    return name


def _content(name: str, choose: random.Random) -> bytes:
    kind = choose.random()
    if kind < 0.1:
        return choose.randbytes(choose.randint(0, 3000))
    if name.endswith(".safetensors"):
        header = json.dumps({"t": {"dtype": "F32", "shape": [choose.choice([2, -1, 10**30])], "data_offsets": [0, 8]}})
        return struct.pack("<Q", choose.choice([len(header), 2**63, 0])) + header.encode() + b"\0" * 8
    if name.endswith((".json", ".ipynb")) and kind < 0.6:
        return json.dumps(_value(choose, 0)).encode()
    if name == "_TREE.txt":
        return "".join(f"{choose.choice(['12', '?', '-1', '9' * 30])}\t{_name(choose)}\n" for _ in range(20)).encode()
    if kind < 0.15:
        return gzip.compress(_text(choose).encode())
    return _text(choose).encode(choose.choice(ENCODINGS), errors="replace")


def _text(choose: random.Random) -> str:
    if choose.random() < 0.05:
        return choose.choice(["data ", "1.", "a-", "[", "(", "|", "\\\n", "train.py ", "\u0301"]) * choose.randint(
            1, 9000
        )
    parts = [
        choose.choice(TEXTS) if choose.random() < 0.5 else choose.choice(MARKS) for _ in range(choose.randint(0, 40))
    ]
    text = choose.choice(["", "\n", " "]).join(parts)
    if choose.random() < 0.3:
        keys = ("license", "datasets", "base_model", "license_name", "license_link", "tags", "x")
        head = "\n".join(
            f"{choose.choice(keys)}: {choose.choice(['', '[', '- a', 'mit', '&a *a', '{', 'org/x', '0.0.0'])}"
            for _ in range(4)
        )
        return f"---\n{head}\n---\n{text}"
    return text


def _value(choose: random.Random, depth: int) -> object:
    kind = choose.randint(0, 6 if depth < 5 else 3)
    if kind < 4:
        return [None, choose.choice(TEXTS)[:80], choose.choice([1, -1, 1e300, 10**40]), True][kind]
    if kind == 4:
        return [_value(choose, depth + 1) for _ in range(choose.randint(0, 4))]
    keys = (
        "license",
        "architectures",
        "base_model",
        "_name_or_path",
        "torch_dtype",
        "metadata",
        "cells",
        "source",
        "x",
    )
    return {choose.choice(keys): _value(choose, depth + 1) for _ in range(choose.randint(0, 4))}


def _cut(content: bytes, choose: random.Random) -> bytes:
    """All of it, or a beginning that ends anywhere."""
    return content if choose.random() < 0.7 else content[: choose.randint(0, len(content))]
