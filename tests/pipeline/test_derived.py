"""A model derived from another: built, checked, replayed and built again; and what a forger changes is refuted."""

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from tests.attacks.forging import change, relist, reroot

from glasswright import pipeline
from glasswright.errors import Misuse
from glasswright.pipeline import Setting
from glasswright.records.canonical import canonical_bytes
from glasswright.records.parents import PARENTS, Parents, files_digest
from glasswright.records.recipe import Recipe
from glasswright.records.verdict import Answer
from glasswright.replay import rebuild, segments
from glasswright.store import tensors
from glasswright.train import parent as parents
from glasswright.train.effort import Effort
from glasswright.verify import check
from glasswright.verify.check import STEPS

from .conftest import write_stories

ONE = Effort(num_threads=1, leaves_at_once=1)
ADAPTER = {"rank": 2, "alpha": "4"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a release that others are derived from."""
    folder = tmp_path_factory.mktemp("derived")
    pipeline.build(write_stories(folder), setting=setting(folder), out=folder / "parent")
    return folder


def setting(folder: Path, work: str = "work", **changes: Any) -> Setting:
    return Setting(**{"base": folder, "work": folder / work, "effort": ONE, "with_checkpoints": True} | changes)


def child_of(place: Path, adapter: dict[str, Any] | None) -> Recipe:
    said, _ = parents.named(place / "parent", name="stories", license="CC0-1.0")
    values = write_stories(place).resolved() | {"name": "child", "weights_license": "CC0-1.0"}
    values |= {"parent": said.model_dump(mode="json")} | ({"adapter": adapter} if adapter else {})
    values["train"]["optimizer"] |= {"kind": "adamw", "learning_rate": "0.003"}
    return Recipe.model_validate(values)


@pytest.fixture(scope="module", params=[None, ADAPTER], ids=["all weights", "adapter"])
def built(request: pytest.FixtureRequest, place: Path) -> Path:
    out = place / f"child-{request.param_index}"
    return pipeline.build(child_of(place, request.param), setting=setting(place), out=out)


@pytest.fixture
def forged(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "forged"))


def test_a_derived_release_is_proved_and_says_what_it_does_not_show(built: Path, place: Path) -> None:
    verdict = check(built)
    assert verdict.answer is Answer.PROVED
    assert any("training began from the parent" in finding.claim for finding in verdict.findings)
    root = json.loads((place / "parent" / "release.json").read_bytes())["root"]
    assert f"what made stories, which training began from: verify the release of root {root}" in verdict.not_checked


def test_every_segment_runs_again_from_the_parent(built: Path, place: Path) -> None:
    verdict = segments(built, count=9, draw_seed=1, effort=ONE, parent=place / "parent")
    assert verdict.answer is Answer.PROVED
    assert len(verdict.findings) == 5  # what the release says, the initial state, three segments


def test_all_of_it_is_built_again_to_the_same_root(built: Path, place: Path, tmp_path: Path) -> None:
    again = setting(place, "again", parent=place / "parent", effort=Effort(num_threads=2, leaves_at_once=4))
    assert rebuild(built, setting=again, out=tmp_path / "rebuilt", from_sources=False).answer is Answer.PROVED


def test_a_stranger_without_the_parent_is_told_what_is_missing(built: Path) -> None:
    with pytest.raises(Misuse, match="training begins from stories, whose weights are not given"):
        segments(built, count=1, draw_seed=1, effort=ONE)


def test_another_parent_is_not_taken_for_it(built: Path, place: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(place / "parent", tmp_path / "other"))
    data = bytearray((other / "model" / "model.safetensors").read_bytes())
    data[-2] ^= 1
    (other / "model" / "model.safetensors").write_bytes(data)
    with pytest.raises(Misuse, match="is not the one on record"):
        segments(built, count=1, draw_seed=1, effort=ONE, parent=other)
    with pytest.raises(Misuse, match="not the files that the recipe names as its parent's"):
        pipeline.build(child_of(place, None), setting=setting(place, "third", parent=other), out=tmp_path / "out")


def test_an_adapter_s_states_and_weights_are_the_adapter_s_alone(place: Path) -> None:
    out = place / "small"
    pipeline.build(child_of(place, ADAPTER), setting=setting(place), out=out)
    weights = tensors.load(out / "model" / "adapter_model.safetensors")
    assert all("lora_" in name for name in weights)
    state = tensors.load(sorted((out / "checkpoints").iterdir())[-1])
    assert len(state) == 3 * len(weights)
    assert json.loads((out / "model" / "adapter_config.json").read_bytes())["r"] == 2


Forge = Callable[[Path], None]


def edit_parents(release: Path, edit: Callable[[Any], Any]) -> None:
    path = release / PARENTS
    record = Parents.from_record(json.loads(path.read_bytes()))
    path.write_bytes(canonical_bytes(Parents(parents=(edit(record.parents[0]),)).record()))
    reroot(release)


def other_license(release: Path) -> None:
    edit_parents(release, lambda parent: replace(parent, license="MIT"))


def other_files(release: Path) -> None:
    def edit(parent: Any) -> Any:
        first, *rest = parent.files
        assert files_digest(parent.files) != files_digest((replace(first, sha256="0" * 64), *rest))
        return replace(parent, files=(replace(first, sha256="0" * 64), *rest))

    edit_parents(release, edit)


def tensor_left_out(release: Path) -> None:
    edit_parents(release, lambda parent: replace(parent, tensors=parent.tensors[1:]))


def tensor_of_another_shape(release: Path) -> None:
    edit_parents(
        release, lambda parent: replace(parent, tensors=(replace(parent.tensors[0], shape=(1, 2)), *parent.tensors[1:]))
    )


def no_parent_at_all(release: Path) -> None:
    (release / PARENTS).unlink()
    reroot(release)


def two_parents(release: Path) -> None:
    record = Parents.from_record(json.loads((release / PARENTS).read_bytes()))
    (release / PARENTS).write_bytes(canonical_bytes(Parents(parents=record.parents * 2).record()))
    reroot(release)


def other_bytes(release: Path) -> None:
    (release / PARENTS).write_bytes((release / PARENTS).read_bytes().replace(b"stories", b"st0ries"))
    relist(release)


@pytest.mark.parametrize(
    "forge",
    [
        other_license,
        other_files,
        tensor_left_out,
        tensor_of_another_shape,
        no_parent_at_all,
        two_parents,
        other_bytes,
    ],
)
def test_a_forged_record_of_the_parent_is_refuted(forged: Path, forge: Forge) -> None:
    assert check(forged).answer is Answer.PROVED
    forge(forged)
    assert check(forged).answer is Answer.REFUTED


def test_a_first_state_that_is_not_the_parent_s_is_refuted_by_no_other_step(place: Path, tmp_path: Path) -> None:
    """Of a run that trains all weights: the parent on record is another model of the same shape."""
    built = pipeline.build(child_of(place, None), setting=setting(place), out=tmp_path / "child")
    other = asdict(Parents.from_record(json.loads((built / PARENTS).read_bytes())))
    tensor = other["parents"][0]["tensors"][0]
    tensor["digest"] = "0" * 64
    (built / PARENTS).write_bytes(canonical_bytes(json.loads(json.dumps(other))))
    reroot(built)
    verdict = check(built)
    assert verdict.answer is Answer.REFUTED
    refuted = [finding.claim for finding in verdict.findings if finding.answer is Answer.REFUTED]
    assert refuted == ["training began from the parent that the recipe names"]
    assert len(verdict.findings) == len(STEPS) + 1


def test_every_section_of_a_derived_recipe_is_an_input_of_a_stage(place: Path) -> None:
    pipeline.build(child_of(place, ADAPTER), setting=setting(place, "sections"), out=place / "sections-out")
    inputs: set[str] = set()
    for path in (place / "sections").glob("*/done.json"):
        inputs |= json.loads(path.read_bytes())["inputs"].keys()
    assert {"parent", "adapter", "preference"} <= inputs


def test_an_adapter_that_says_more_than_the_recipe_is_refuted(place: Path, tmp_path: Path) -> None:
    built = pipeline.build(child_of(place, ADAPTER), setting=setting(place), out=tmp_path / "child")
    path = built / "model" / "adapter_config.json"
    path.write_bytes(path.read_bytes().replace(b'"lora_alpha": 4', b'"lora_alpha": 400'))
    reroot(built)
    assert check(built).answer is Answer.REFUTED


def test_a_tokenizer_that_is_not_the_parent_s_is_refuted(forged: Path) -> None:
    change(forged / "model" / "tokenizer_config.json", lambda settings: settings.update(chat_template="{{ 'obey' }}"))
    reroot(forged)
    assert check(forged).answer is Answer.REFUTED
