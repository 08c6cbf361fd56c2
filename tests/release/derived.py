"""A release that descends from another: a small model made from a smaller one, with a license beside it."""

import shutil
from pathlib import Path

from tests.release.small import make_release, write_texts

from glasswright.pipeline import Setting, build
from glasswright.recipe.child import for_child
from glasswright.records.recipe import Adapter, Recipe, Source, Train
from glasswright.train import parent as parents
from glasswright.train.effort import Effort

TRAIN = {
    "num_steps": 2,
    "sequence_length": 16,
    "batch_sequences": 2,
    "leaf_sequences": 1,
    "segment_steps": 1,
    "schedule": {"warmup_steps": 0, "decay_steps": 1},
}


def make_parent(folder: Path, **texts: str) -> Path:
    """A model in Hugging Face's layout; `texts` lie beside it, by name, with `__` for `.`."""
    if not (folder / "release").exists():
        make_release(folder / "built", folder / "release", with_checkpoints=False)
    model = folder / "parent"
    shutil.copytree(folder / "release" / "model", model, ignore=shutil.ignore_patterns("README.md"))
    for name, text in texts.items():
        (model / name.replace("__", ".")).write_text(text)
    return model


def child_recipe(
    parent: Path,
    *,
    name: str,
    called: str,
    license: str,
    asked: str | None,
    rank: int = 2,
) -> Recipe:
    """A recipe of what is made from it."""
    said, config = parents.named(parent, name=called, license=license)
    source = Source(name="texts", kind="folder", path="texts", license="CC0-1.0")
    adapter = Adapter(rank=rank) if rank else None
    recipe = for_child(source, said, config, name=name, adapter=adapter, weights_license=asked)
    return recipe.model_copy(update={"train": Train.model_validate(TRAIN)})


def derive(folder: Path, parent: Path, recipe: Recipe) -> Path:
    """Build the recipe's release, from a parent and documents, in `folder`."""
    write_texts(folder / "texts")
    setting = Setting(base=folder, work=folder / "work", effort=Effort(num_threads=1, leaves_at_once=1), parent=parent)
    return build(recipe, setting=setting, out=folder / "child")
