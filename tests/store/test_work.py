"""What is taken away from a work folder is what was asked for, and nothing that anybody works in or put there."""

import json
import os
from pathlib import Path

import pytest

from glasswright.errors import Misuse
from glasswright.records.building import BUILDS, BUILT, Building
from glasswright.records.canonical import canonical_bytes
from glasswright.store.lock import sole_user
from glasswright.store.work import clear, kept

SHARED, ONE, TWO, ORPHAN = "corpus-00000000000a", "train-00000000000b", "train-00000000000c", "tokens-00000000000d"


def record(work: Path, name: str, *folders: str, used_at: float) -> None:
    building = Building(
        name=name, recipe="", out="", num_steps=1, started_at="", stages={folder: folder for folder in folders},
        stage="", done=0, total=None, unit="", ended=BUILT,
    )  # fmt: skip
    path = work / BUILDS / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(canonical_bytes(building.record()))
    os.utime(path, (used_at, used_at))


@pytest.fixture
def work(tmp_path: Path) -> Path:
    work = tmp_path / "work"
    for name in (SHARED, ONE, TWO, ORPHAN, "rebuild-00000000000e", "thesis", "train-mine"):
        (work / name / "below").mkdir(parents=True)
        (work / name / "below" / "data").write_bytes(b"x" * 1000)
        (work / name / "done.json").write_text("{}")
    (work / "notes.txt").write_text("precious")
    (work / "train-00000000000f").symlink_to(tmp_path)
    record(work, "one", SHARED, ONE, used_at=1_000_000)
    record(work, "two", SHARED, TWO, used_at=2_000_000)
    return work


def names(found: list) -> set[str]:  # type: ignore[type-arg]
    return {one.path.name for one in found}


def test_every_folder_is_listed_with_size_age_and_builds(work: Path):
    found = {one.path.name: one for one in kept(work)}
    assert set(found) == {SHARED, ONE, TWO, ORPHAN, "rebuild-00000000000e"}
    assert (found[SHARED].builds, found[SHARED].used_at) == (("one", "two"), 2_000_000)
    assert (found[ONE].size_bytes, found[ONE].builds) == (1002, ("one",))
    assert found[ORPHAN].builds == ()
    assert kept(work)[0].path.name == ONE  # the longest unused


def test_what_another_build_uses_stays(work: Path):
    removed, spared = clear(work, lambda one: one.builds != ("one",))
    assert (names(removed), spared) == ({ONE}, [])
    assert (work / SHARED).exists()


def test_what_nobody_of_us_made_is_never_removed(work: Path, tmp_path: Path):
    removed, _ = clear(work, lambda _: False)
    assert names(removed) == {SHARED, ONE, TWO, ORPHAN, "rebuild-00000000000e"}
    left = {path.name for path in work.iterdir()}
    assert left == {"thesis", "train-mine", "notes.txt", "train-00000000000f", BUILDS, ".lock"}
    assert tmp_path.exists()
    assert list((work / BUILDS).iterdir()) == []


def test_a_build_that_still_has_a_folder_is_not_forgotten(work: Path):
    clear(work, lambda one: one.builds != ("one",))
    assert json.loads((work / BUILDS / "one.json").read_bytes())["name"] == "one"


def test_nothing_is_removed_while_a_build_runs(work: Path):
    with sole_user(work), pytest.raises(Misuse, match="another build is using"):
        clear(work, lambda _: False)
    assert len(kept(work)) == 5


def test_a_rebuild_that_runs_is_spared(work: Path):
    with sole_user(work / "rebuild-00000000000e"):
        removed, spared = clear(work, lambda _: False)
    assert names(spared) == {"rebuild-00000000000e"}
    assert "rebuild-00000000000e" not in names(removed)
    assert (work / "rebuild-00000000000e" / "below" / "data").exists()


def test_a_damaged_record_costs_nothing_but_the_name(work: Path):
    (work / BUILDS / "one.json").write_text("[]")
    assert {one.path.name: one.builds for one in kept(work)}[ONE] == ()


def test_where_there_is_no_folder_none_is_made(tmp_path: Path):
    with pytest.raises(Misuse, match="no such folder"):
        clear(tmp_path / "nowhere", lambda _: False)
    assert not (tmp_path / "nowhere").exists()
