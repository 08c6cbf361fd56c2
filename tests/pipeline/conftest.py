"""A whole build in seconds: a recipe of width 16 on stories written for it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from glasswright import pipeline
from glasswright.pipeline import Setting
from glasswright.records.recipe import Recipe
from glasswright.train.effort import Effort

STORIES = [
    f"The {animal} who {deed}.\n\n" + " ".join(f"On day {n} the {animal} {deed} and rested." for n in range(12))
    for animal in ("heron", "otter", "lynx", "mole", "wren", "toad")
    for deed in ("counted stars", "mended nets", "sold maps", "kept bees")
]


def write_stories(folder: Path) -> Recipe:
    """A recipe on a JSONL file that is put in `folder`; one document has no license and is not kept."""
    lines = [json.dumps({"id": str(n), "text": text, "license": "CC0-1.0"}) for n, text in enumerate(STORIES)]
    lines.append(json.dumps({"id": "orphan", "text": "Nobody says under which license this may be used."}))
    (folder / "stories.jsonl").write_text("\n".join(lines) + "\n")
    return Recipe.model_validate(
        {
            "name": "stories",
            "seed": 3,
            "sources": [{"name": "stories", "kind": "jsonl", "path": "stories.jsonl"}],
            "tokenizer": {"vocab_size": 300},
            "tokens": {"validation_share": "0.2"},
            "model": {
                "hidden_size": 16,
                "num_layers": 2,
                "num_heads": 2,
                "num_kv_heads": 1,
                "intermediate_size": 24,
            },
            "train": {
                "num_steps": 9,
                "sequence_length": 16,
                "batch_sequences": 4,
                "leaf_sequences": 1,
                "segment_steps": 3,
                "schedule": {"warmup_steps": 2, "decay_steps": 3},
            },
        }
    )


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the stories, the `release` of that recipe, and the `work` folder it was built in."""
    folder = tmp_path_factory.mktemp("whole")
    pipeline.build(write_stories(folder), setting=setting_in(folder, folder / "work"), out=folder / "release")
    return folder


def setting_in(base: Path, work: Path, **changes: object) -> Setting:
    effort = Effort(num_threads=1, leaves_at_once=1)
    return Setting(**{"base": base, "work": work, "effort": effort, "with_checkpoints": True} | changes)  # type: ignore[arg-type]


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    return write_stories(tmp_path)


@pytest.fixture
def setting(tmp_path: Path) -> Callable[..., Setting]:
    """Where to build; every call names a work folder of its own."""

    def make(work: str = "work", **changes: object) -> Setting:
        return setting_in(tmp_path, tmp_path / work, **changes)

    return make
