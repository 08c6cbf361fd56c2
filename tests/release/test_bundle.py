"""A release holds what the stages made, states what follows from it, and is there whole or not at all."""

import io
import json
import re
import resource
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest
from tests.attacks.forging import flip_bit
from tests.release.small import RECIPE, make_release, stages_in

from glasswright.errors import Misuse
from glasswright.recipe import load, write_resolved
from glasswright.records.canonical import digest
from glasswright.records.recipe import Recipe
from glasswright.records.release import Manifest
from glasswright.release import builder, bundle
from glasswright.release.builder import source_archive
from glasswright.store.atomic import WriteFailed


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    make_release(folder, folder / "release", with_checkpoints=False)
    return folder


def test_the_resolved_recipe_loads_to_the_digest_stated(folder: Path) -> None:
    recipe: Recipe = load(folder / "release" / "recipe.yaml")
    assert recipe.digest == _release(folder)["parts"]["recipe"]


def test_every_file_is_listed_once(folder: Path) -> None:
    manifest = Manifest.from_record(json.loads((folder / "release" / "manifest.json").read_bytes()))
    release = folder / "release"
    found = {path.relative_to(release).as_posix() for path in release.rglob("*") if path.is_file()}
    assert {entry.path for entry in manifest.files} == found - {"release.json", "manifest.json"}
    assert digest(manifest.record()) == _release(folder)["manifest"]


def test_checkpoints_are_carried_only_when_asked_for(folder: Path) -> None:
    assert not (folder / "release" / "checkpoints").exists()


def test_what_training_left_for_itself_stays_behind(folder: Path, tmp_path: Path) -> None:
    (stages_in(folder)["train"] / "checkpoints" / "interrupted.safetensors").write_bytes(b"")
    _bundle_again(folder, tmp_path / "out", with_checkpoints=True)
    assert not list((tmp_path / "out").rglob("interrupted*"))
    assert not list((tmp_path / "out").rglob("done.json"))


def test_only_the_observed_half_differs_between_two_builds(folder: Path, tmp_path: Path) -> None:
    _bundle_again(folder, tmp_path / "out", observed={"built_at": "later"})
    again = json.loads((tmp_path / "out" / "release.json").read_bytes())
    assert again["root"] == _release(folder)["root"]
    release = folder / "release"
    made = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    files = [
        path.relative_to(tmp_path / "out") for path in made if path.name != "README.md"
    ]  # the audit's word is in it
    differing = [path.name for path in files if (release / path).read_bytes() != (tmp_path / "out" / path).read_bytes()]
    assert sorted(differing) == ["build.json", "manifest.json", "release.json"]


def test_another_weight_gives_another_root(folder: Path, tmp_path: Path) -> None:
    stages = tmp_path / "stages"
    shutil.copytree(folder, stages, ignore=shutil.ignore_patterns("release"))
    flip_bit(stages_in(stages)["train"] / "model" / "model.safetensors", -1)
    _bundle_again(stages, tmp_path / "out")
    other, here = json.loads((tmp_path / "out" / "release.json").read_bytes()), _release(folder)
    assert [name for name in here["parts"] if here["parts"][name] != other["parts"][name]] == ["weights"]
    assert other["root"] != here["root"]


def test_the_card_tells_of_licenses_roots_and_what_is_not_shown(folder: Path) -> None:
    card = (folder / "release" / "model" / "README.md").read_text()
    assert "| CC0-1.0 | 8 |" in card
    assert " | 1 |" in card
    assert _release(folder)["root"] in card
    assert "## What is not shown" in card


def test_the_source_archive_is_the_same_each_time_and_holds_both_sides_of_a_kernel() -> None:
    archive = source_archive()
    assert archive == source_archive()
    with tarfile.open(fileobj=io.BytesIO(archive)) as members:
        names = {name.partition("/")[2] for name in members.getnames()}
    assert {"src/glasswright/kernels/matmul.py", "src/glasswright/kernels/matmul.cc"} <= names
    assert not [name for name in names if name.endswith((".so", ".pyc"))]


def test_a_release_that_exists_is_not_overwritten(folder: Path) -> None:
    before = (folder / "release" / "release.json").read_bytes()
    with pytest.raises(Misuse, match="exists already"):
        _bundle_again(folder, folder / "release")
    assert (folder / "release" / "release.json").read_bytes() == before


def test_an_installed_package_carries_its_license_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it an audit cannot tell whether the code is open."""
    metadata = tmp_path / "glasswright-0.1.0.dist-info"
    for name, text in {
        "METADATA": "Metadata-Version: 2.4\nName: glasswright\nVersion: 0.1.0\n",
        "RECORD": "glasswright-0.1.0.dist-info/licenses/LICENSE,,\n",
        "licenses/LICENSE": "Terms.\n",
    }.items():
        (metadata / name).parent.mkdir(parents=True, exist_ok=True)
        (metadata / name).write_text(text)
    (tmp_path / "glasswright").mkdir()
    monkeypatch.setattr(builder, "PACKAGE", tmp_path / "glasswright")
    with tarfile.open(fileobj=io.BytesIO(source_archive())) as archive:
        assert archive.getnames() == ["glasswright-0.1.0/LICENSE"]


def test_a_full_disk_leaves_no_release(folder: Path, tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, hard))
    try:
        with pytest.raises(WriteFailed, match="cannot write"):
            _bundle_again(folder, tmp_path / "out")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not list(tmp_path.iterdir())


def _release(folder: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((folder / "release" / "release.json").read_bytes())
    return record


def test_what_stands_at_the_top_says_what_is_there_and_under_which_license(folder: Path) -> None:
    release = folder / "release"
    readme, notice = (release / "README.md").read_text(), (release / "LICENSE").read_text()
    root = json.loads((release / "release.json").read_bytes())["root"]
    assert readme.startswith("# small: a release")
    assert root in readme
    links = re.findall(r"\]\(([^)]+)\)", readme)
    assert len(links) >= 5
    assert [link for link in links if not (release / link).exists()] == []
    assert "Weights, checkpoints, cards and report: CC0-1.0\n" in notice
    assert re.search(r"^ +8  CC0-1\.0$", notice, re.MULTILINE)


def test_without_a_license_for_the_weights_the_notice_gives_none(folder: Path, tmp_path: Path) -> None:
    recipe = RECIPE.model_copy(update={"weights_license": None})
    _bundle_again(folder, tmp_path / "out", recipe=recipe)
    assert "Weights, checkpoints, cards and report: no license is given" in (tmp_path / "out" / "LICENSE").read_text()


def test_every_rebuild_has_the_same_picture_and_the_same_words(folder: Path, tmp_path: Path) -> None:
    _bundle_again(folder, tmp_path / "out", observed={"built_at": "later"})
    for name in ("README.md", "LICENSE", "training.svg"):
        assert (tmp_path / "out" / name).read_bytes() == (folder / "release" / name).read_bytes()


def _bundle_again(
    folder: Path,
    out: Path,
    *,
    observed: dict[str, str] | None = None,
    with_checkpoints: bool = False,
    recipe: Recipe = RECIPE,
) -> None:
    bundle(
        recipe,
        recipe_text=write_resolved(recipe),
        **stages_in(folder),
        out=out,
        with_checkpoints=with_checkpoints,
        observed=observed or {},
        describe_corpus=lambda _: None,
        audit=lambda _: None,
    )
