"""Releases of every schema there was verify, replay and rebuild for good: each is kept as it was made."""

import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.attacks.forging import flip_bit

from glasswright.pipeline import Setting
from glasswright.records import recipe as recipes
from glasswright.records.verdict import Answer
from glasswright.replay import rebuild, segments
from glasswright.train.effort import Effort
from glasswright.verify import check, diff
from glasswright.verify.lookup import read_document, read_step

FIXTURES = Path(__file__).parents[1] / "fixtures"
# The schema, and the root that the release had when it was made.
RELEASES = {
    "schema-1": "ae9df4f74ca670d0075caf56e9c6f9e9ed3315e33270dc778e43c5b5abfbcf0d",
    "schema-2": "57f71f76dacd9634307101b7b7eda1e47cb2b7c7ca65cc1dbbf29d8353028bc5",
}
EFFORT = Effort(num_threads=1, leaves_at_once=1)


@pytest.fixture(params=RELEASES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def earlier(name: str, tmp_path: Path) -> Path:
    with tarfile.open(FIXTURES / f"{name}.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / name.replace("-", "")


def test_an_earlier_release_is_proved(earlier: Path, name: str) -> None:
    verdict = check(earlier)
    assert verdict.answer is Answer.PROVED, verdict
    assert verdict.subject == f"release root {RELEASES[name]}"


def test_an_earlier_release_is_replayed(earlier: Path) -> None:
    assert segments(earlier, count=3, draw_seed=0, effort=EFFORT).answer is Answer.PROVED


def test_an_earlier_release_is_rebuilt_to_its_root(
    earlier: Path, setting: Callable[..., Setting], tmp_path: Path
) -> None:
    verdict = rebuild(earlier, setting=setting("again"), out=tmp_path / "rebuilt", from_sources=False)
    assert verdict.answer is Answer.PROVED, verdict
    assert diff(earlier, tmp_path / "rebuilt").answer is Answer.PROVED


def test_its_steps_and_documents_lead_to_each_other(earlier: Path) -> None:
    reading = read_step(earlier, 3)
    span, row = reading.sequences[0][0]
    assert (3, 0, span) in read_document(earlier, row.document_id).readings


@pytest.mark.parametrize("path", ["model/model.safetensors", "corpus/ledger.parquet", "recipe.yaml", "tokens/map.json"])
def test_a_changed_bit_of_it_is_refuted(earlier: Path, path: str) -> None:
    flip_bit(earlier / path, 100)
    assert check(earlier).answer is Answer.REFUTED


def test_a_key_added_to_the_code_later_changes_nothing_of_it(
    earlier: Path, name: str, setting: Callable[..., Setting], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every recipe of a later version has one more key, in the middle of it: `train.clairvoyance`."""

    class Later(recipes.Train):
        clairvoyance: int = 0

    field = recipes.Recipe.model_fields["train"]
    monkeypatch.setattr(field, "annotation", Later)
    monkeypatch.setattr(field, "default", Later())
    try:
        recipes.Recipe.model_rebuild(force=True)
        assert "clairvoyance" in recipes.Recipe.model_validate(MINIMAL).resolved()["train"]
        verdict = check(earlier)
        assert verdict.answer is Answer.PROVED, verdict
        assert verdict.subject == f"release root {RELEASES[name]}"
        assert "train.clairvoyance" in verdict.findings[4].evidence
        verdict = rebuild(earlier, setting=setting("again"), out=tmp_path / "rebuilt", from_sources=False)
        assert verdict.answer is Answer.PROVED, verdict
    finally:
        monkeypatch.undo()
        recipes.Recipe.model_rebuild(force=True)


MINIMAL = {"name": "x", "sources": [{"name": "x", "kind": "python-docs"}]}
