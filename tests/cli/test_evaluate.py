"""`evaluate`, from the command line: of a release and a folder, stopped and gone on, checked, asked again, compared."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import SUBJECTS

Run = Callable[..., subprocess.CompletedProcess[str]]
LEARNED = f"{SUBJECTS[7]} was there before us, and number 7 in the book says so."


@pytest.fixture
def built(small: Path) -> Path:
    return small / "releases" / "small"


@pytest.fixture
def evals(tmp_path: Path) -> Path:
    """Two pairs of sentences, of which one stands in what the release learned from, and an item that is too long."""
    folder = tmp_path / "evals"
    good = [LEARNED, "No cat ever slept upon a roof of straw while it rained so hard."]
    rows = [{"sentence_good": it, "sentence_bad": it[::-1], "UID": "order"} for it in (*good, "mill " * 99)]
    (folder / "blimp" / "data").mkdir(parents=True)
    (folder / "blimp" / "data" / "pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def evaluated(run: Run, model: Path, evals: Path, *more: object) -> dict:
    result = run("evaluate", model, "--tasks", "blimp", "--data", evals, "--json", *more)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_a_release_is_evaluated_and_what_it_learned_of_the_items_is_counted(
    built: Path, evals: Path, in_process: Run
) -> None:
    determined = evaluated(in_process, built, evals, "--out", "out")["determined"]
    [task] = determined["tasks"]
    assert determined["release"] == json.loads((built / "release.json").read_bytes())["root"]
    assert (task["num_items"], task["num_contaminated"]) == (3, 1)
    assert task["num_too_long"] == 3  # the release has 32 positions and a token for every byte or two
    assert task["scores"] == []


def test_a_folder_of_a_model_has_the_scores_of_its_release_and_no_count(
    built: Path, evals: Path, in_process: Run
) -> None:
    whole = evaluated(in_process, built, evals, "--out", "one")["determined"]
    alone = evaluated(in_process, built / "model", evals, "--out", "two", "--batch-size", 1, "--threads", 1)[
        "determined"
    ]
    assert alone["release"] is alone["tasks"][0]["num_contaminated"] is None
    for it in (whole, alone):
        it.pop("release")
        it["tasks"][0].pop("num_contaminated")
    assert whole == alone


def test_texts_are_shown_as_a_table_checked_asked_again_and_compared(
    built: Path, small: Path, in_process: Run, tmp_path: Path
) -> None:
    result = in_process("evaluate", built, "--texts", small / "notes")
    assert result.returncode == 0, result.stderr
    assert [line.split()[:3] for line in result.stdout.splitlines()[:2]] == [
        ["task", "items", "metric"],
        ["texts", "8", "bits_per_byte"],
    ]
    folder = tmp_path / "evaluations" / "small"
    assert result.stdout.splitlines()[-1] == "evaluations/small"
    assert in_process("verify", folder).returncode == 0
    again = in_process("replay", built, "--evaluation", folder, "--texts", small / "notes", "--items", 3, "--json")
    assert again.returncode == 0, again.stderr
    assert len(json.loads(again.stdout)["findings"]) == 4
    compared = in_process("evaluate", "compare", folder, folder, "--json")
    assert json.loads(compared.stdout)["rows"][0]["difference"] == "0.000000"
    assert "texts" in in_process("evaluate", "compare", folder, folder).stdout


def test_a_forged_answer_is_refuted(built: Path, small: Path, in_process: Run, tmp_path: Path) -> None:
    in_process("evaluate", built, "--texts", small / "notes", "--out", "out")
    answers = tmp_path / "out" / "answers" / "texts.jsonl"
    answers.write_bytes(answers.read_bytes().replace(b'"num_tokens":', b'"num_tokens":1', 1))
    assert in_process("verify", "out").returncode == 1


def test_items_longer_than_the_positions_are_said(built: Path, evals: Path, in_process: Run) -> None:
    result = in_process("evaluate", built, "--tasks", "blimp", "--data", evals)
    assert "warning: blimp: 3 items are longer than the model's positions: not scored" in result.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--tasks", "mmlu", "--data", "evals"], "mmlu: no such task"),
        (["--tasks", "blimp"], "no folder of evaluation sets"),
        (["--tasks", "copa", "--data", "evals"], "copa"),
        ([], "expected tasks, each once"),
        (["compare"], "one model at a time"),
    ],
)
def test_what_cannot_be_asked_is_misuse(built: Path, evals: Path, in_process: Run, words: list[str], told: str) -> None:
    assert evals.is_dir()
    result = in_process("evaluate", built, *words)
    assert result.returncode == 2
    assert told in result.stderr


def test_two_evaluations_are_compared_and_no_other_number_of_them(in_process: Run, tmp_path: Path) -> None:
    assert "expected two evaluations, found 1" in in_process("evaluate", "compare", tmp_path).stderr
    assert "no such file" in in_process("evaluate", "compare", tmp_path, tmp_path).stderr
