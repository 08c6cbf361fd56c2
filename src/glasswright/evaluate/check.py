"""The record of an evaluation held against its raw answers: no model is needed, and none is trusted."""

from dataclasses import fields

from glasswright.errors import Misuse
from glasswright.evaluate.folder import EvaluationFolder
from glasswright.evaluate.scores import scores_of
from glasswright.evaluate.tasks import TASKS, TEXTS, task_of
from glasswright.records.canonical import digest
from glasswright.records.evaluation import TaskScores
from glasswright.records.verdict import Answer, Finding, Verdict

NOT_CHECKED = (
    "that the model gives these answers: `glasswright replay MODEL --evaluation FOLDER` asks some of them again",
    "that the items are those of the sets, and which of them the model learned from",
)


def check(folder: EvaluationFolder) -> Verdict:
    """Compute every score again from the raw answers.

    Raises:  Misuse if there is no record of an evaluation.
    """
    evaluation, _ = folder.record()
    return Verdict(
        subject=digest(evaluation.record()),
        findings=tuple(_follows(folder, recorded) for recorded in evaluation.tasks),
        not_checked=NOT_CHECKED,
        where=str(folder.path),
    )


def _follows(folder: EvaluationFolder, recorded: TaskScores) -> Finding:
    claim = f"the scores of {recorded.task} follow from its raw answers"
    if recorded.task not in (*TASKS, TEXTS):
        return Finding(claim=claim, answer=Answer.UNKNOWN, evidence="no task of this version has that name")
    try:
        found = scores_of(
            recorded.task,
            task_of(recorded.task).metrics,
            folder.answers(recorded.task),
            sha256=folder.sha256(recorded.task),
            num_contaminated=recorded.num_contaminated,
        )
    except Misuse as error:
        return Finding(claim=claim, answer=Answer.REFUTED, evidence=str(error))
    differing = [it.name for it in fields(TaskScores) if getattr(found, it.name) != getattr(recorded, it.name)]
    if differing:
        name = differing[0]
        said = f"{name}: recorded {getattr(recorded, name)}, found {getattr(found, name)}"
        return Finding(claim=claim, answer=Answer.REFUTED, evidence=said, place={"task": recorded.task})
    told = f"{found.num_items} answers, {', '.join(f'{it.metric} {it.value}' for it in found.scores) or 'no score'}"
    return Finding(claim=claim, answer=Answer.PROVED, evidence=told)
