"""A release small enough to forge by hand, and an honest one: built from a few made-up documents, in seconds."""

import random
from pathlib import Path

from glasswright.pipeline import Setting, build
from glasswright.records.recipe import Recipe
from glasswright.train.effort import Effort

NOUNS = """
    glass river stone light paper garden window letter evening market bridge winter copper orchard harbour candle silver
    meadow thunder violin
""".split()
NUM_DOCUMENTS = 8
RECIPE = Recipe.model_validate(
    {
        "name": "small",
        "weights_license": "CC0-1.0",
        "sources": [{"name": "texts", "kind": "folder", "path": "texts", "license": "CC0-1.0"}],
        "tokenizer": {"vocab_size": 300},
        "tokens": {"validation_share": "0.3"},
        "model": {"hidden_size": 8, "num_layers": 1, "num_heads": 2, "num_kv_heads": 1, "intermediate_size": 12},
        "train": {
            "num_steps": 5,
            "sequence_length": 16,
            "batch_sequences": 4,
            "leaf_sequences": 1,
            "segment_steps": 2,
            "schedule": {"warmup_steps": 1, "decay_steps": 2},
        },
    }
)


def write_texts(folder: Path) -> None:
    """Documents of some 800 bytes, and a copy of one of them, which is not kept."""
    folder.mkdir(parents=True)
    draw = random.Random(5)
    texts = [_text(draw, number) for number in range(NUM_DOCUMENTS)]
    for number, text in enumerate([*texts, texts[0]]):
        (folder / f"{number}.txt").write_text(text)


def make_release(folder: Path, out: Path, *, with_checkpoints: bool = True, recipe: Recipe = RECIPE) -> Path:
    """Build the release in `out`, with its sources and its work in `folder`."""
    if not (folder / "texts").exists():
        write_texts(folder / "texts")
    setting = Setting(
        base=folder,
        work=folder / "work",
        effort=Effort(num_threads=1, leaves_at_once=1),
        with_checkpoints=with_checkpoints,
    )
    return build(recipe, setting=setting, out=out)


def stages_in(folder: Path) -> dict[str, Path]:
    """The stages' folders of that build, by the names that `bundle` has for them."""
    return {name: next((folder / "work").glob(f"{name}-*")) for name in ("corpus", "tokens", "train")}


def _text(draw: random.Random, number: int) -> str:
    return f"Document {number}\n\n" + "\n\n".join(" ".join(_sentence(draw) for _ in range(4)) for _ in range(3)) + "\n"


def _sentence(draw: random.Random) -> str:
    first, second, third = draw.sample(NOUNS, 3)
    return f"The {first} of the {second} was older than the {third} beside the {draw.choice(NOUNS)}."
