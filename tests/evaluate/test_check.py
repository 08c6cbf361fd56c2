"""Whoever changes a score or an answer is found out without the model; who changes the answers and all, with it."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.evaluate.conftest import evaluate_into

from glasswright.errors import Misuse
from glasswright.evaluate.again import again, items_here
from glasswright.evaluate.answer import Subject
from glasswright.evaluate.check import check
from glasswright.evaluate.folder import EvaluationFolder
from glasswright.records.canonical import canonical_bytes
from glasswright.records.evaluation import RECORD
from glasswright.records.verdict import Answer, Verdict

Change = Callable[[bytes], bytes]


def replace(old: bytes, new: bytes) -> Change:
    def changed(data: bytes) -> bytes:
        assert old in data
        return data.replace(old, new, 1)

    return changed


def first_loss(data: bytes) -> str:
    return json.loads(data.splitlines()[0])["choices"][0]["loss_nats"]


def another_loss(data: bytes) -> bytes:
    loss = first_loss(data)
    return data.replace(loss.encode(), (float.fromhex(loss) * (1 + 2**-52)).hex().encode(), 1)


def as_text(line: bytes) -> bytes:
    return json.dumps({**json.loads(line), "choices": [], "text": "4"}).encode()


FORGERIES: dict[str, Change] = {
    "one unit of a loss": another_loss,
    "an answer left out": lambda data: data[data.index(b"\n") + 1 :],
    "an answer twice": lambda data: data + data[: data.index(b"\n") + 1],
    "another that is right": replace(b'"right":[0]', b'"right":[1]'),
    "a right that is none": replace(b'"right":[0]', b'"right":[7]'),
    "a line cut off": lambda data: data[:-1],
    "no JSON": lambda data: b"{\n" + data,
    "a list": lambda data: b"[]\n" + data,
    "no number": lambda data: data.replace(first_loss(data).encode(), b"nan", 1),
    "a loss of its own kind": lambda data: data.replace(first_loss(data).encode(), b"0x1p+99999999", 1),
    "a negative loss": lambda data: data.replace(first_loss(data).encode(), b"-0x1p+3", 1),
    "a size that is text": replace(b'"size":', b'"size":"1","sizes":'),
    "no choices": replace(b'"choices":[', b'"choices":[],"more":['),
    "a text where choices were": lambda data: b"\n".join(map(as_text, data.splitlines())) + b"\n",
    "empty": lambda _: b"",
}


def with_changed(folder: EvaluationFolder, name: str, change: Change) -> Verdict:
    path = folder.path / name
    before = path.read_bytes()
    path.write_bytes(change(before))
    assert path.read_bytes() != before
    return check(folder)


def test_an_evaluation_is_proved_task_by_task(evaluated: EvaluationFolder) -> None:
    verdict = check(evaluated)
    assert verdict.answer is Answer.PROVED
    assert len(verdict.findings) == 3
    assert verdict.not_checked


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_changed_answer_is_refuted(evaluated: EvaluationFolder, forgery: str) -> None:
    verdict = with_changed(evaluated, "answers/blimp.jsonl", FORGERIES[forgery])
    assert [finding.answer for finding in verdict.findings] == [Answer.REFUTED, Answer.PROVED, Answer.PROVED]


@pytest.mark.parametrize("field", ["value", "low", "high", "chance", "metric", "num_items", "items", "answers"])
def test_a_changed_record_is_refuted(evaluated: EvaluationFolder, field: str) -> None:
    def changed(data: bytes) -> bytes:
        record = json.loads(data)
        task = record["determined"]["tasks"][0]
        at = task if field in task else task["scores"][0]
        at[field] = at[field] + 1 if isinstance(at[field], int) else "0.123456"
        return json.dumps(record).encode() + b"\n"

    assert with_changed(evaluated, RECORD, changed).answer is Answer.REFUTED


def test_a_task_of_another_version_is_unknown(evaluated: EvaluationFolder) -> None:
    verdict = with_changed(evaluated, RECORD, replace(b'"task":"blimp"', b'"task":"blimp2"'))
    assert verdict.answer is Answer.UNKNOWN


@pytest.mark.parametrize(
    "change",
    [
        lambda _: b"",
        lambda _: b"{}",
        lambda _: b'{"determined":{},"observed":{}}\n',
        lambda data: data.replace(b'"tasks":[', b'"tasks":[7,'),
        lambda data: data.replace(b"evaluation/1", b"evaluation/9"),
        lambda data: data.replace(b'"limit":null', b'"limit":0.5'),
    ],
)
def test_what_is_no_record_is_misuse(evaluated: EvaluationFolder, change: Change) -> None:
    with pytest.raises(Misuse, match=RECORD):
        with_changed(evaluated, RECORD, change)


def test_a_task_s_name_leads_to_no_other_file(evaluated: EvaluationFolder) -> None:
    verdict = with_changed(evaluated, RECORD, replace(b'"task":"blimp"', b'"task":"../../blimp"'))
    assert verdict.answer is Answer.UNKNOWN


def test_the_check_works_without_the_training_packages(evaluated: EvaluationFolder) -> None:
    hide = "import sys\nfor name in ('torch', 'numpy', 'tokenizers', 'pyarrow'): sys.modules[name] = None\n"
    ask = (
        "from pathlib import Path\nfrom glasswright.evaluate.check import check\n"
        "from glasswright.evaluate.folder import EvaluationFolder\n"
        f"assert check(EvaluationFolder(Path({str(evaluated.path)!r}))).answer == 'proved'\n"
    )
    subprocess.run([sys.executable, "-c", hide + ask], check=True)


def asked_again(
    folder: EvaluationFolder, subject: Subject, data: Path | None, *, model: str = "of this model", count: int = 100
) -> Verdict:
    here = items_here(folder.record()[0], data, None)
    return again(folder, subject, model, here, count=count, draw_seed=3)


def test_a_model_gives_the_recorded_bits_again(evaluated: EvaluationFolder, subject: Subject, data: Path) -> None:
    verdict = asked_again(evaluated, subject, data)
    assert verdict.answer is Answer.PROVED
    assert len(verdict.findings) == 1 + 3 + 7 + 5
    few = asked_again(evaluated, subject, data, count=4)
    assert len(few.findings) == 5
    assert few == asked_again(evaluated, subject, data, count=4)


def test_an_answer_that_the_model_does_not_give_is_refuted(
    evaluated: EvaluationFolder, subject: Subject, data: Path
) -> None:
    path = evaluated.path / "answers" / "blimp.jsonl"
    path.write_bytes(another_loss(path.read_bytes()))
    verdict = asked_again(evaluated, subject, data)
    assert verdict.answer is Answer.REFUTED
    assert [finding.place for finding in verdict.findings if finding.answer is Answer.REFUTED] == [
        {"task": "blimp"},
        {"task": "blimp", "item": "data/order.jsonl:1"},
    ]


@pytest.mark.parametrize("keep", [0, 1])
@pytest.mark.parametrize("is_recorded", [False, True])
def test_answers_that_were_taken_away_are_refuted_and_not_left_undrawn(
    evaluated: EvaluationFolder, subject: Subject, data: Path, keep: int, is_recorded: bool
) -> None:
    path, record = evaluated.path / "answers" / "blimp.jsonl", evaluated.path / RECORD
    whole = path.read_bytes()
    path.write_bytes(b"".join(whole.splitlines(keepends=True)[:keep]))
    if is_recorded:
        old, new = (hashlib.sha256(it).hexdigest().encode() for it in (whole, path.read_bytes()))
        record.write_bytes(replace(old, new)(record.read_bytes()))
    verdict = asked_again(evaluated, subject, data)
    assert verdict.answer is Answer.REFUTED
    told = f"{keep} answers to 3 items" if is_recorded else "recorded sha256"
    assert [it.evidence.startswith(told) for it in verdict.findings if it.answer is Answer.REFUTED] == [True]


def test_a_record_of_no_task_proves_nothing_of_a_model(
    evaluated: EvaluationFolder, subject: Subject, data: Path
) -> None:
    path = evaluated.path / RECORD
    record = json.loads(path.read_bytes())
    record["determined"]["tasks"] = []
    path.write_bytes(canonical_bytes(record) + b"\n")
    assert asked_again(evaluated, subject, data).answer is Answer.UNKNOWN


def test_another_model_is_refuted_before_anything_is_asked(
    evaluated: EvaluationFolder, subject: Subject, data: Path
) -> None:
    verdict = asked_again(evaluated, subject, data, model="of another")
    assert [finding.answer for finding in verdict.findings] == [Answer.REFUTED]


def test_items_that_are_not_here_or_are_others_are_unknown(
    evaluated: EvaluationFolder, subject: Subject, data: Path, tmp_path: Path
) -> None:
    verdict = asked_again(evaluated, subject, None)
    assert verdict.answer is Answer.UNKNOWN
    part = evaluate_into(tmp_path / "part", subject, data, tasks=("blimp",), limit=2)
    here = {"blimp": items_here(evaluated.record()[0], data, None)["blimp"]}
    assert again(part, subject, "of this model", here, count=9, draw_seed=0).answer is Answer.UNKNOWN
