"""`glasswright corpus`, from a folder to a proof."""

import json
import os
import signal
import threading
from pathlib import Path

import pytest
from tests.foreign.hostile import HOSTILE, raw_in

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


def test_a_proof_is_checked_without_the_corpus_and_a_forged_one_is_false(
    folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    capsys.readouterr()
    assert run(["corpus", "show", str(folder), "--json"]) == 0
    root = json.loads(capsys.readouterr().out)["root"]
    assert run(["corpus", "prove", str(folder), "b.md", "--json"]) == 0
    proof = capsys.readouterr().out
    (tmp_path / "proof.json").write_text(proof)
    (tmp_path / "forged.json").write_text(proof.replace("CC-BY-NC-4.0", "CC-BY-4.0"))
    folder.rename(tmp_path / "gone")
    assert run(["corpus", "check-proof", "proof.json", "--root", root]) == 0
    assert "PROVED" in capsys.readouterr().out
    assert run(["corpus", "check-proof", "forged.json", "--root", root]) == 1
    assert "REFUTED" in capsys.readouterr().out
    assert run(["corpus", "check-proof", "proof.json", "--root", root[::-1], "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["answer"] == "refuted"


@pytest.mark.usefixtures("folder")
def test_what_remove_prints_makes_the_next_build_equal(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    (tmp_path / "in" / "c.txt").write_text("Words of the third.")
    recipe = "name: x\nsources:\n  - {name: here, kind: folder, path: in, license: MIT}\n"
    (tmp_path / "x.yaml").write_text(recipe)
    assert run(["corpus", "build", "x.yaml", "--out", "before"]) == 0
    capsys.readouterr()
    assert run(["corpus", "remove", "before", "c.txt", "--out", "less", "--reason", 'asked: "now"']) == 0
    printed = capsys.readouterr().out
    (tmp_path / "x.yaml").write_text(recipe + "corpus:\n" + printed.partition("corpus:\n")[2])
    assert run(["corpus", "build", "x.yaml", "--out", "after"]) == 0
    assert run(["corpus", "diff", "less", "after"]) == 0
    assert run(["corpus", "diff", "before", "after"]) == 1
    assert "asked: " in (tmp_path / "after" / "sources.json").read_text()


@pytest.mark.usefixtures("folder")
def test_a_build_says_which_texts_it_was_to_remove_and_did_not_meet(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    (tmp_path / "x.yaml").write_text(
        "name: x\nsources:\n  - {name: here, kind: folder, path: in, license: MIT}\n"
        f'corpus:\n  remove:\n    - sha256: "{"0" * 64}"\n'
    )
    assert run(["corpus", "build", "x.yaml", "--out", "after"]) == 0
    assert "corpus.remove: no document has the text 0000000000000000" in capsys.readouterr().err


@pytest.mark.parametrize("num_rows", [0, 1, 2500])
def test_a_query_prints_its_columns_once_and_every_row(folder: Path, capsys: pytest.CaptureFixture[str], num_rows: int):
    capsys.readouterr()
    assert run(["corpus", "query", str(folder), f"SELECT range AS n FROM range({num_rows})"]) == 0
    assert capsys.readouterr().out.split() == ["n", *map(str, range(num_rows))]
    assert run(["corpus", "query", str(folder), f"SELECT range AS n FROM range({num_rows})", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"n": n} for n in range(num_rows)]


def test_values_that_json_has_no_word_for_are_texts(folder: Path, capsys: pytest.CaptureFixture[str]):
    capsys.readouterr()
    sql = "SELECT DATE '2026-11-21' AS day, 1.50::DECIMAL(3, 2) AS share, 'nan'::DOUBLE AS none, [1] AS list"
    assert run(["corpus", "query", str(folder), sql, "--json"]) == 0
    found = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert found == [{"day": "2026-11-21", "share": "1.50", "none": "nan", "list": [1]}]


def test_a_query_that_is_stopped_says_so_and_no_more(folder: Path, capsys: pytest.CaptureFixture[str]):
    capsys.readouterr()
    stop = threading.Timer(1, os.kill, (os.getpid(), signal.SIGINT))
    stop.start()
    endless = "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE (a.range * b.range) % 7 = 1"
    assert run(["corpus", "query", str(folder), endless]) == 130
    stop.join()
    assert capsys.readouterr().err == "glasswright: stopped\n"


def test_differences_are_counted_by_kind(folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path):
    for number in range(30):
        (tmp_path / "in" / f"{number}.txt").write_text(f"Words of number {number}.")
    assert run(["corpus", "build", "--source", "in", "--license", "MIT", "--out", "second"]) == 0
    capsys.readouterr()
    assert run(["corpus", "diff", str(folder), "second"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert (lines[0], lines[-2], lines[-1]) == (
        "30 added (kept)",
        "    ... and 5 more; --json lists all",
        "30 documents differ",
    )
    assert run(["corpus", "diff", str(folder), "second", "--json"]) == 1
    assert len(json.loads(capsys.readouterr().out)) == 30


COMMANDS = [
    ["show", "corpus"],
    ["why", "corpus", "a.txt"],
    ["query", "corpus", "SELECT 1 AS n"],
    ["diff", "corpus", "corpus"],
    ["prove", "corpus", "a.txt"],
    ["report", "corpus", "--out", "reports"],
    ["build", "--source", "in", "--license", "MIT", "--out", "again"],
]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_every_command_prints_json_and_nothing_else(capsys: pytest.CaptureFixture[str], command: list[str]):
    capsys.readouterr()
    assert run(["corpus", *command, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) is not None


@pytest.mark.parametrize("command", ["show", "why", "query", "prove", "report", "remove"])
def test_a_folder_that_is_no_corpus_is_misuse_and_the_message_says_what_to_do(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    rest = {
        "why": ["a"],
        "query": ["SELECT 1"],
        "prove": ["a"],
        "report": ["--out", "x"],
        "remove": ["a", "--out", "x"],
    }
    (tmp_path / "empty").mkdir()
    for place, told in (("empty", "no ledger here"), ("nowhere", "does not exist")):
        assert run(["corpus", command, str(tmp_path / place), *rest.get(command, [])]) == 2
        said = capsys.readouterr().err
        assert told in said
        assert "hint: " in said


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


def test_nothing_of_a_document_is_obeyed_in_any_verb(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Its name, its title, the license that it states and the sentence which does: all of it is a stranger's."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    for number, (text, _) in enumerate(HOSTILE.values()):
        said = text.encode("utf-8", "replace").decode()
        name = said.replace("/", "")[:40]
        head = f"---\ntitle: |\n  A{said}B\nlicense: MIT{said}\nauthor: {said}\n---\n"
        (tmp_path / "in" / f"{number}{name}.md").write_text(f"{head}Words{said} of number {number}.\n\nLicense: {said}")
    (tmp_path / "in" / "plain.md").write_text("Plain words.")
    verbs = [
        ["build", "--source", "in", "--license", "MIT", "--out", "c"],
        *(["show", "c"], ["report", "c", "--out", "r"], ["query", "c", "SELECT * FROM ledger"]),
        *(["query", "c", "SELECT 'a\x1b[31m' AS \"b\u202e\""], ["query", "c", "\x1b"], ["prove", "c", "0"]),
        *(["why", "c", "none\x1b[31m"], ["remove", "c", "plain.md", "--out", "d"], ["diff", "c", "d"]),
    ]
    for verb in verbs:
        for more in ([], ["--json"]):
            run(["corpus", *verb, *more])
            told = capsys.readouterr()
            assert raw_in(told.out + told.err) == set(), verb
            assert "Traceback" not in told.err, verb
    for row in json.loads(shown_by(["corpus", "query", "c", "SELECT document_id AS id FROM ledger", "--json"], capsys)):
        assert raw_in(shown_by(["corpus", "why", "c", row["id"]], capsys)) == set()


def shown_by(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert run(arguments) == 0
    return capsys.readouterr().out
