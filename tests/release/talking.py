"""A release of a model that learned conversations from a parent, small enough to forge by hand."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file
from tests.tokenizer.parents import MANNERS, write_parent

from glasswright.pipeline import Setting, build
from glasswright.records.decoder import DecoderConfig
from glasswright.records.huggingface import to_hugging_face
from glasswright.records.model import Model
from glasswright.records.recipe import Recipe
from glasswright.train import parent as parents
from glasswright.train.effort import Effort

MODEL = Model(hidden_size=8, num_layers=1, num_heads=2, num_kv_heads=1, intermediate_size=12)
ANSWERS = ("Good words.", "naïve 🦊 words", "I may say words.", "The assistant says that.", "No.", "Two\nlines.")
SYSTEM = {"role": "system", "content": "Be kind."}


def rows(kind: str) -> list[dict[str, Any]]:
    """A row for each answer, of which two have a turn more."""
    if kind == "preferences":
        return [{"prompt": f"Say {n}", "chosen": it, "rejected": f"{n}"} for n, it in enumerate(ANSWERS)]
    asked = [[{"role": "user", "content": f"Say {n}"}, _answer(it)] for n, it in enumerate(ANSWERS)]
    return [{"messages": [SYSTEM, *turns, *(asked[0] if n < 2 else [])]} for n, turns in enumerate(asked)]


def make(folder: Path, kind: str, *, manner: str = "ChatML", sequence_length: int = 200, **tokens: Any) -> Path:
    """Build it in `folder`, where parent, material and work lie too."""
    vocab_size = write_parent(folder / "parent", MANNERS[manner])
    ends = (vocab_size - 1,)
    config = DecoderConfig(model=MODEL, vocab_size=vocab_size, max_positions=256, begin_of_text=None, ends_of_text=ends)
    (folder / "parent" / "config.json").write_text(json.dumps(to_hugging_face(config)))
    draw = np.random.default_rng(3)
    weights = {it.name: draw.normal(0, 0.1, it.shape).astype(np.float32) for it in config.parameters()}
    save_file(weights, folder / "parent" / "model.safetensors", {"format": "pt"})
    parent, config = parents.named(folder / "parent", name="us/parent", license="CC0-1.0")
    write_material(folder / "in", kind)
    recipe = Recipe.model_validate(
        {
            "name": "child",
            "weights_license": "CC0-1.0",
            "sources": [{"name": "here", "kind": kind, "path": "in", "license": "CC0-1.0"}],
            "corpus": {"near_similarity": "0", "contained_share": "0"},
            "tokenizer": {"vocab_size": config.vocab_size},
            "tokens": {"validation_share": "0", **tokens},
            "model": config.model,
            "parent": parent,
            **({"preference": {}} if kind == "preferences" else {}),
            "train": {
                "num_steps": 2,
                "sequence_length": sequence_length,
                "batch_sequences": 1,
                "leaf_sequences": 1,
                "segment_steps": 1,
                "optimizer": {"kind": "adamw"},
                "schedule": {"warmup_steps": 1, "decay_steps": 1},
            },
        }
    )
    setting = Setting(base=folder, work=folder / "work", effort=Effort(num_threads=1, leaves_at_once=1))
    return build(recipe, setting=setting, out=folder / "release")


def write_material(folder: Path, kind: str) -> None:
    """Documents of a kind of source."""
    folder.mkdir()
    if kind == "folder":
        for number, text in enumerate(ANSWERS):
            (folder / f"{number}.txt").write_text(f"{text} {number} " * 9)
    else:
        (folder / "t.jsonl").write_text("\n".join(map(json.dumps, rows(kind))))


def _answer(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}
