"""`glasswright corpus`, from a folder to a proof."""

import json
from pathlib import Path

import pytest

from glasswright.cli.app import run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("Words of the first.")
    (tmp_path / "in" / "b.md").write_text("---\nlicense: CC-BY-NC-4.0\n---\nWords of the second.")
    assert run(["corpus", "build", "--source", "in", "--license", "MIT", "--out", "corpus"]) == 0
    return tmp_path / "corpus"


def test_a_folder_becomes_a_corpus_without_a_recipe(folder: Path, capsys: pytest.CaptureFixture[str]):
    capsys.readouterr()
    assert run(["corpus", "show", str(folder), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["num_seen"], found["num_kept"]) == (2, 1)


def test_why_names_reason_and_evidence(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert run(["corpus", "why", str(folder), "b.md"]) == 0
    said = capsys.readouterr().out
    assert "dropped: license_not_allowed" in said
    assert "front matter: license: CC-BY-NC-4.0" in said


def test_query_proof_and_reports(folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    capsys.readouterr()
    assert run(["corpus", "query", str(folder), "SELECT path FROM ledger WHERE decision = 'keep'", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"path": "a.txt"}]
    assert run(["corpus", "prove", str(folder), "a.txt", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["proof"]["num_leaves"] == 2
    assert run(["corpus", "report", str(folder), "--out", str(tmp_path / "reports")]) == 0
    assert (tmp_path / "reports" / "data-card.md").is_file()


def test_equal_corpora_exit_0_and_others_1(folder: Path, tmp_path: Path):
    assert run(["corpus", "diff", str(folder), str(folder)]) == 0
    (tmp_path / "in" / "c.txt").write_text("Words of the third.")
    assert run(["corpus", "build", "--source", "in", "--license", "MIT", "--out", "second"]) == 0
    assert run(["corpus", "diff", str(folder), "second"]) == 1
    assert run(["corpus", "remove", "second", "c.txt", "--out", "third"]) == 0
    assert run(["corpus", "diff", "second", "third"]) == 1


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("arguments", [[], ["--source", "nowhere"], ["--source", "in", "--source", "in"]])
def test_a_build_that_cannot_be_is_misuse_and_leaves_nothing(tmp_path: Path, arguments: list[str]):
    assert run(["corpus", "build", *arguments, "--out", "other"]) == 2
    assert not (tmp_path / "other").exists()


def test_an_existing_folder_is_not_overwritten(folder: Path):
    before = sorted(path.name for path in folder.iterdir())
    assert run(["corpus", "build", "--source", "in", "--license", "MIT", "--out", "corpus"]) == 2
    assert sorted(path.name for path in folder.iterdir()) == before
