"""A private release, its owner's and the strangers' copy: built once, small, and from words that stand nowhere else."""

import hashlib
import random
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.release.derived import child_recipe, make_parent
from tests.release.small import NOUNS

from glasswright.pipeline import Setting, build
from glasswright.private import publish
from glasswright.records.recipe import Recipe
from glasswright.train.effort import Effort

SALT = b"5a" * 32 + b"\n"
ONE = Effort(num_threads=1, leaves_at_once=1)
NUM_DOCUMENTS = 5


@dataclass(frozen=True)
class Place:
    """Where the release was built, and how it is built again."""

    folder: Path
    parent: Path
    recipe: Recipe

    def setting(self, work: str = "work", **changes: Any) -> Setting:
        given = {"base": self.folder, "work": self.folder / work, "effort": ONE, "parent": self.parent, "salt": SALT}
        return Setting(**given | {"with_checkpoints": True} | changes)


def private(recipe: Recipe, salt: bytes = SALT, **changes: Any) -> Recipe:
    """The recipe, of documents that are private."""
    section = {"salt_sha256": hashlib.sha256(salt).hexdigest()}
    return Recipe.model_validate(recipe.model_dump(exclude_unset=True) | {"private": section} | changes)


def write_secrets(folder: Path) -> None:
    """Documents of three paragraphs, of sentences that are no two alike."""
    folder.mkdir(parents=True)
    draw = random.Random(11)
    for number in range(NUM_DOCUMENTS):
        said = [f"Nobody outside may know that the {' '.join(draw.sample(NOUNS, 6))} was sold." for _ in range(9)]
        (folder / f"{number}.txt").write_text("\n\n".join(map(" ".join, (said[:3], said[3:6], said[6:]))) + "\n")


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return private_place(tmp_path_factory.mktemp("private"))


def private_place(folder: Path) -> Place:
    """A parent and a recipe for what is made of it, in a folder of their own."""
    folder.mkdir(exist_ok=True)
    parent = make_parent(folder)
    write_secrets(folder / "texts")
    shutil.rmtree(folder / "built")
    recipe = child_recipe(parent, name="child", called="us/parent", license="CC0-1.0", asked="CC0-1.0")
    return Place(folder, parent, private(recipe))


@pytest.fixture(scope="session")
def owners(place: Place) -> Path:
    return build(place.recipe, setting=place.setting(), out=place.folder / "owners")


@pytest.fixture(scope="session")
def strangers(owners: Path, place: Place) -> Path:
    out = place.folder / "strangers"
    publish(owners, out, num_threads=1)
    return out


@pytest.fixture
def copy(strangers: Path, tmp_path: Path) -> Path:
    """The strangers' copy, to be changed."""
    return Path(shutil.copytree(strangers, tmp_path / "copy"))
