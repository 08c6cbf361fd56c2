"""An evaluation goes on where it was stopped, and ends in the same bytes however it came about."""

from pathlib import Path

import pytest
from tests.evaluate.conftest import TASKS_HERE, evaluate_into, write_lines, write_model

from glasswright.errors import Misuse
from glasswright.evaluate import run
from glasswright.evaluate.answer import Subject
from glasswright.evaluate.folder import ASKED, EvaluationFolder
from glasswright.evaluate.run import Asked, digest_of
from glasswright.evaluate.tasks import TEXTS
from glasswright.records.evaluation import RECORD


def contents(folder: EvaluationFolder) -> dict[str, bytes]:
    """Its files by path, hidden ones left out."""
    files = (path for path in folder.path.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {str(path.relative_to(folder.path)): path.read_bytes() for path in files}


class Stopped(Exception):
    """The user pressed Ctrl-C."""


def stop_at(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next runs stop where so many answers were kept."""
    add, kept = EvaluationFolder.add, []

    def stopping(self: EvaluationFolder, task: str, answered: object) -> None:
        if len(kept) == count:
            raise Stopped
        kept.append(answered)
        add(self, task, answered)

    monkeypatch.setattr(EvaluationFolder, "add", stopping)


def test_there_is_a_record_and_a_line_for_every_item(evaluated: EvaluationFolder) -> None:
    record, _ = evaluated.record()
    assert [task.task for task in record.tasks] == list(TASKS_HERE)
    assert contents(evaluated).keys() == {RECORD, *(f"answers/{name}.jsonl" for name in TASKS_HERE)}
    for task in record.tasks:
        assert len(evaluated.answers(task.task)) == task.num_items > 0


@pytest.mark.parametrize("count", [0, 1, 5, 14])
@pytest.mark.parametrize("batch_size", [1, 4])
def test_a_run_that_was_stopped_goes_on_and_ends_in_the_same_bytes(
    subject: Subject, data: Path, evaluated: EvaluationFolder, tmp_path: Path, count: int, batch_size: int
) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        stop_at(count, monkeypatch)
        with pytest.raises(Stopped):
            evaluate_into(tmp_path / "again", subject, data, batch_size=batch_size)
    assert sum(len(EvaluationFolder(tmp_path / "again").answers(name)) for name in TASKS_HERE) == count
    assert contents(evaluate_into(tmp_path / "again", subject, data)) == contents(evaluated)


def test_a_line_that_was_cut_off_is_asked_again_and_what_is_there_is_not(
    subject: Subject, data: Path, evaluated: EvaluationFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(evaluated)
    lines = evaluated.path / "answers" / "openbookqa.jsonl"
    lines.write_bytes(lines.read_bytes()[:-30])
    asked = []
    answers = Subject.answers
    monkeypatch.setattr(
        Subject, "answers", lambda self, task, items: (asked.extend(items), answers(self, task, items))[1]
    )
    evaluate_into(evaluated.path, subject, data)
    assert [item.place for item in asked] == ["openbook_qa.jsonl:7"]
    assert contents(evaluated) == before


def test_another_model_other_items_and_another_limit_are_refused_in_a_folder_that_is_used(
    subject: Subject, data: Path, evaluated: EvaluationFolder, tmp_path: Path
) -> None:
    before = contents(evaluated)
    write_lines(tmp_path / "blimp/data/x.jsonl", [{"sentence_good": "a", "sentence_bad": "b", "UID": "c"}])
    for other in ({"model_digest": "of another"}, {"limit": 2}, {"tasks": ("blimp",)}):
        with pytest.raises(Misuse, match="another evaluation was begun there"):
            evaluate_into(evaluated.path, subject, data, **other)
    with pytest.raises(Misuse, match="another evaluation was begun there"):
        evaluate_into(evaluated.path, subject, tmp_path, tasks=("blimp",))
    assert contents(evaluated) == before


def test_a_folder_with_something_else_in_it_is_left_as_it_is(subject: Subject, data: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(Misuse, match="something in it that is no evaluation"):
        evaluate_into(tmp_path, subject, data)
    assert [path.name for path in tmp_path.iterdir() if path.name != ".lock"] == ["notes.txt"]


def test_answers_of_other_items_are_not_gone_on_with(subject: Subject, data: Path, evaluated: EvaluationFolder) -> None:
    lines = evaluated.path / "answers" / "openbookqa.jsonl"
    first, second, *rest = lines.read_bytes().splitlines(keepends=True)
    lines.write_bytes(b"".join([second, first, *rest]))
    with pytest.raises(Misuse, match="answers of openbookqa that belong to other items"):
        evaluate_into(evaluated.path, subject, data)


def test_progress_is_told_by_items(subject: Subject, data: Path, tmp_path: Path) -> None:
    told = []
    evaluate_into(tmp_path / "out", subject, data, batch_size=4, report=told.append)
    assert [(it.what, it.done, it.total) for it in told if it.what == "openbookqa"] == [
        ("openbookqa", 4, 7),
        ("openbookqa", 7, 7),
    ]
    assert not (tmp_path / "out" / ASKED).exists()


def test_tasks_are_named_each_once_and_with_a_folder(data: Path) -> None:
    for asked in (Asked(tasks=(), data=data), Asked(tasks=("blimp", "blimp"), data=data)):
        with pytest.raises(Misuse, match="expected tasks, each once"):
            asked.items()
    with pytest.raises(Misuse, match="blimp: no folder of evaluation sets"):
        Asked(tasks=("blimp",)).items()
    with pytest.raises(Misuse, match="mmlu: no such task"):
        Asked(tasks=("mmlu",), data=data).items()
    with pytest.raises(Misuse, match="no folder of texts"):
        Asked(tasks=(TEXTS,)).items()


def test_a_change_in_any_file_of_a_model_changes_its_digest(tmp_path: Path, model_folder: Path) -> None:
    write_model(tmp_path)
    assert digest_of(tmp_path) == digest_of(model_folder)
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        before = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(before[:-1] + b" ")
        assert digest_of(tmp_path) != digest_of(model_folder), name
        (tmp_path / name).write_bytes(before)
    assert run.NUMERICS == 1
