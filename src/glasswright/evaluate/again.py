"""Some items of an evaluation asked again, drawn at random: a model either gives the recorded bits, or it does not."""

import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from glasswright.evaluate.answer import Subject
from glasswright.evaluate.folder import EvaluationFolder
from glasswright.evaluate.items import Item
from glasswright.evaluate.run import Asked
from glasswright.evaluate.tasks import TASKS, TEXTS, task_of
from glasswright.records.canonical import digest
from glasswright.records.evaluation import Answered, Evaluation, TaskScores
from glasswright.records.progress import Progress, Report, silent
from glasswright.records.verdict import Answer, Finding, Verdict

ASKED_AGAIN = "the model gives the answers on record"
NOT_CHECKED = ("the items that were not drawn", "that the scores follow from the answers: `glasswright verify FOLDER`")


def again(
    folder: EvaluationFolder,
    subject: Subject,
    model_digest: str,
    items: Mapping[str, Sequence[Item]],
    *,
    count: int,
    draw_seed: int,
    report: Report = silent,
) -> Verdict:
    """Ask `count` items, drawn by the seed from all tasks, and compare each answer with the one on record.

    items:  of each task, as they are read here

    Raises:  Misuse if there is no record, or an answer cannot be read.
    """
    evaluation, _ = folder.record()
    findings = [_is_the_model(evaluation, model_digest)]
    if findings[0].answer is Answer.PROVED:
        findings += _asked(folder, evaluation, subject, items, random.Random(draw_seed), count, report)
        if len(findings) == 1:
            findings.append(Finding(claim=ASKED_AGAIN, answer=Answer.UNKNOWN, evidence="no task is on record"))
    return Verdict(
        subject=digest(evaluation.record()), findings=tuple(findings), not_checked=NOT_CHECKED, where=str(folder.path)
    )


def items_here(evaluation: Evaluation, data: Path | None, texts: Path | None) -> dict[str, list[Item]]:
    """The items of each of its tasks as they lie on this machine; none of a task whose folder is not named.

    Raises:  Misuse if a folder that is named cannot be read.
    """
    sets = tuple(task.task for task in evaluation.tasks if task.task in TASKS and data is not None)
    asked = Asked(
        tasks=sets,
        data=data,
        texts=texts if any(task.task == TEXTS for task in evaluation.tasks) else None,
        limit=evaluation.limit,
    )
    return asked.items() if asked.tasks or asked.texts else {}


def _is_the_model(evaluation: Evaluation, found: str) -> Finding:
    claim = "the model is the one that was evaluated"
    if found == evaluation.model:
        return Finding(claim=claim, answer=Answer.PROVED, evidence=f"its files have the digest {found}")
    said = f"recorded {evaluation.model}, found {found}"
    return Finding(claim=claim, answer=Answer.REFUTED, evidence=said, hint="name the model that was evaluated")


def _asked(
    folder: EvaluationFolder,
    evaluation: Evaluation,
    subject: Subject,
    items: Mapping[str, Sequence[Item]],
    draw: random.Random,
    count: int,
    report: Report,
) -> Iterator[Finding]:
    known = []
    for recorded in evaluation.tasks:
        here = items.get(recorded.task, ())
        if digest([item.digest() for item in here]) != recorded.items:
            yield Finding(
                claim=f"the items of {recorded.task} here are those that were asked",
                answer=Answer.UNKNOWN,
                evidence="another version of the set lies here, or none",
                hint="name the folder of the sets with --data, of texts with --texts",
            )
            continue
        answers = folder.answers(recorded.task)
        if (amiss := _amiss(folder, recorded, answers, here)) is not None:
            yield Finding(
                claim=f"the answers to {recorded.task} are those on record, one to each item",
                answer=Answer.REFUTED,
                evidence=amiss,
                place={"task": recorded.task},
            )
        known += [(recorded.task, item, answered) for item, answered in zip(here, answers, strict=False)]
    drawn = draw.sample(known, min(count, len(known)))
    for done, (task, item, answered) in enumerate(drawn, start=1):
        yield _again(subject, task, item, answered)
        report(Progress(what="replay", done=done, total=len(drawn), unit="items"))


def _amiss(
    folder: EvaluationFolder, recorded: TaskScores, answers: Sequence[Answered], here: Sequence[Item]
) -> str | None:
    """Why the answers are not those on record, None if they are: what is not there cannot be drawn and found wrong."""
    if (found := folder.sha256(recorded.task)) != recorded.answers:
        return f"recorded sha256 {recorded.answers:.12}, found {found:.12}"
    return None if len(answers) == len(here) else f"{len(answers)} answers to {len(here)} items"


def _again(subject: Subject, task: str, item: Item, recorded: Answered) -> Finding:
    [found] = subject.answers(task_of(task), [item])
    claim = f"the model answers {task} {item.place} as recorded"
    if found == recorded:
        return Finding(claim=claim, answer=Answer.PROVED, evidence=_told(found))
    return Finding(
        claim=claim,
        answer=Answer.REFUTED,
        evidence=f"recorded {_told(recorded)}; found {_told(found)}",
        place={"task": task, "item": item.place},
    )


def _told(answered: Answered) -> str:
    if answered.choices:
        return "losses " + ", ".join(choice.loss_nats.hex() for choice in answered.choices)
    return repr(answered.text) if answered.text is not None else f"{answered.num_tokens_too_long} tokens: too long"
