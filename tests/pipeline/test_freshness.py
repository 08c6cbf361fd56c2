"""The corpus is built again when a file it depends on has changed, and only then."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from glasswright.pipeline.freshness import source_inputs
from glasswright.pipeline.setting import Setting
from glasswright.records.recipe import Corpus, Recipe
from glasswright.train.effort import Effort


@pytest.fixture
def inputs(tmp_path: Path) -> Callable[[], dict[str, Any]]:
    """The inputs of a corpus stage, as its files look now."""
    for name in ("in/a.txt", "quiz/q.jsonl", "bad.txt", "other.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("words")
    recipe = Recipe(
        name="t",
        sources=[{"name": "a", "kind": "folder", "path": "in"}],  # type: ignore[list-item]
        corpus=Corpus(bad_words="bad.txt", evaluations=[{"name": "quiz", "path": "quiz"}]),  # type: ignore[list-item]
    )
    setting = Setting(base=tmp_path, work=tmp_path / "work", effort=Effort(num_threads=1, leaves_at_once=1))
    return lambda: source_inputs(recipe, setting)


Inputs = Callable[[], dict[str, Any]]
READ = ["in/a.txt", "quiz/q.jsonl", "bad.txt"]


def wait_for_the_clock(folder: Path) -> None:
    """Until the file system's clock, which ticks every few milliseconds, gives another time."""
    probe = folder / "probe"
    probe.touch()
    before = probe.stat().st_ctime_ns
    while probe.stat().st_ctime_ns == before:
        os.utime(probe)


def test_what_is_not_read_is_no_input(tmp_path: Path, inputs: Inputs) -> None:
    before = inputs()
    (tmp_path / "other.txt").write_text("other words")
    assert inputs() == before


@pytest.mark.parametrize("name", READ)
def test_a_source_evaluation_set_or_list_of_words_of_another_length_is_another_input(
    tmp_path: Path, inputs: Inputs, name: str
) -> None:
    before = inputs()
    (tmp_path / name).write_text("other words")
    os.utime(tmp_path / name, ns=(0, 0))
    assert inputs() != before


@pytest.mark.parametrize("name", READ)
def test_an_edit_of_equal_length_is_noticed(tmp_path: Path, inputs: Inputs, name: str) -> None:
    before = inputs()
    wait_for_the_clock(tmp_path)
    (tmp_path / name).write_text("WORDS")
    assert inputs() != before


@pytest.mark.parametrize("name", READ)
def test_an_edit_of_equal_length_under_its_old_time_is_noticed(tmp_path: Path, inputs: Inputs, name: str) -> None:
    before, status = inputs(), (tmp_path / name).stat()
    wait_for_the_clock(tmp_path)
    (tmp_path / name).write_text("WORDS")
    os.utime(tmp_path / name, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert inputs() != before


@pytest.mark.parametrize("name", READ)
def test_a_file_put_in_anothers_place_is_noticed(tmp_path: Path, inputs: Inputs, name: str) -> None:
    other = tmp_path / "WORDS"
    other.write_text("WORDS")
    shutil.copystat(tmp_path / name, other)
    before = inputs()
    wait_for_the_clock(tmp_path)
    other.replace(tmp_path / name)
    assert inputs() != before


def test_what_lies_behind_a_link_that_is_named_is_looked_at(tmp_path: Path, inputs: Inputs) -> None:
    (tmp_path / "bad.txt").rename(tmp_path / "behind.txt")
    (tmp_path / "bad.txt").symlink_to("behind.txt")
    before = inputs()
    wait_for_the_clock(tmp_path)
    (tmp_path / "behind.txt").write_text("WORDS")
    assert inputs() != before
