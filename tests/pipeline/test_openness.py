"""A real release, audited as anybody's would be: open source and class I on evidence, and not one piece less."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.pipeline.conftest import setting_in, write_stories

from glasswright import pipeline, verify
from glasswright.audit import Report, audit_subject
from glasswright.audit.subject import load_folder
from glasswright.pipeline import Setting
from glasswright.records.recipe import Recipe
from glasswright.records.verdict import Answer

Make = Callable[..., Setting]
CLAIM = re.compile("open[- ]source", re.IGNORECASE)


def licensed(recipe: Recipe, expression: str | None = "Apache-2.0") -> Recipe:
    """The recipe with a license for its weights."""
    return recipe.model_copy(update={"weights_license": expression})


def audit(release: Path) -> Report:
    return audit_subject(load_folder(release))


def card(release: Path) -> str:
    return (release / "model" / "README.md").read_text()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release with all that class I asks for."""
    folder = tmp_path_factory.mktemp("open")
    setting = setting_in(folder, folder / "work")
    return pipeline.build(licensed(write_stories(folder)), setting=setting, out=folder / "release")


@pytest.fixture
def release(built: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(built, tmp_path / "release")


def test_a_release_is_open_source_and_class_one(release: Path) -> None:
    found = audit(release)
    assert (found.osaid.status, found.mof.mof_class, found.label.ours) == ("proved", "I", "open source")
    assert found.label.openwashing == "refuted"
    assert "This model is open source" in card(release)
    assert "class I.\n" in card(release)
    assert verify.check(release).answer == Answer.PROVED


@pytest.mark.parametrize(
    ("piece", "mof_class"),
    [
        ("checkpoints", "II"),
        ("corpus/data-card.md", "none"),
        ("technical-report.md", "none"),
        ("corpus/documents", "III"),
        ("code", "none"),
    ],
)
def test_without_a_piece_it_is_of_a_lower_class(release: Path, piece: str, mof_class: str) -> None:
    path = release / piece
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    assert audit(release).mof.mof_class == mof_class


def test_a_release_without_checkpoints_says_that_it_is_class_two(recipe: Recipe, setting: Make, tmp_path: Path) -> None:
    built = pipeline.build(licensed(recipe), setting=setting(with_checkpoints=False), out=tmp_path / "release")
    assert audit(built).mof.mof_class == "II"
    assert "class II.\n\n- intermediate parameters is not shown" in card(built)


@pytest.mark.parametrize(("expression", "word"), [(None, "unknown"), ("CC-BY-NC-4.0", "restricted weights")])
def test_without_an_open_license_the_card_does_not_call_it_open_source(
    recipe: Recipe, setting: Make, tmp_path: Path, expression: str | None, word: str
) -> None:
    built = pipeline.build(licensed(recipe, expression), setting=setting(), out=tmp_path / "release")
    found = audit(built)
    assert (found.label.ours, found.osaid.status == "proved") == (word, False)
    assert found.label.publisher is None
    assert not CLAIM.search(card(built))
    assert f"support: {word}." in card(built)
    assert verify.check(built).answer == Answer.PROVED


def test_the_report_and_the_cards_say_that_they_are_generated(release: Path) -> None:
    assert "no person wrote this text" in (release / "technical-report.md").read_text()
    assert not CLAIM.search((release / "technical-report.md").read_text())
