"""Two evaluations compared, item by item: what both were asked, and how far one is ahead.

The difference is of each item's values, so what makes an item hard for both is not in its error (Miller 2024, section
4). Of perplexities it is their ratio, exp of the difference of losses.
"""

from dataclasses import dataclass

from glasswright.evaluate.estimate import Value, estimate, interval_of_mean
from glasswright.evaluate.folder import EvaluationFolder
from glasswright.evaluate.scores import metric_of, values
from glasswright.evaluate.tasks import task_of
from glasswright.records.evaluation import Answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One metric of one task in two evaluations."""

    task: str
    metric: str
    first: str
    second: str
    difference: str  # second less first; of perplexity second over first
    low: str | None
    high: str | None
    num_items: int  # that both answered
    num_better: int  # of the second
    num_worse: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What was compared, and what could not be, with the reason."""

    rows: tuple[Compared, ...]
    left_out: tuple[str, ...]


def compare(first: EvaluationFolder, second: EvaluationFolder) -> Comparison:
    """Paired differences of the tasks that both were asked the same items of.

    Raises:  Misuse if one of them is no evaluation.
    """
    theirs = {task.task: task for task in second.record()[0].tasks}
    rows: list[Compared] = []
    left_out = []
    for ours in first.record()[0].tasks:
        if ours.task not in theirs:
            left_out.append(f"{ours.task}: the second was not asked")
        elif ours.items != theirs[ours.task].items:
            left_out.append(f"{ours.task}: the two were asked different items")
        else:
            both = _both(first.answers(ours.task), second.answers(ours.task))
            rows += [_compared(ours.task, name, both) for name in task_of(ours.task).metrics if both]
            left_out += [] if both else [f"{ours.task}: no item that both answered"]
        theirs.pop(ours.task, None)
    left_out += [f"{name}: the first was not asked" for name in theirs]
    return Comparison(rows=tuple(rows), left_out=tuple(left_out))


def _both(first: list[Answered], second: list[Answered]) -> list[tuple[Answered, Answered]]:
    pairs = zip(first, second, strict=False)
    return [(a, b) for a, b in pairs if not a.num_tokens_too_long and not b.num_tokens_too_long]


def _compared(task: str, name: str, both: list[tuple[Answered, Answered]]) -> Compared:
    metric = metric_of(name)
    first, second = (values(side, metric) for side in zip(*both, strict=True))
    steps = [Value(a.cluster, b.value - a.value, a.weight) for a, b in zip(first, second, strict=True)]
    found = estimate(steps)
    ends = interval_of_mean(found)
    low, high = (None, None) if ends is None else map(metric.shown, ends)
    more, less = (sum(step.value > 0 for step in steps), sum(step.value < 0 for step in steps))
    return Compared(
        task=task,
        metric=name,
        first=metric.shown(estimate(first).mean),
        second=metric.shown(estimate(second).mean),
        difference=metric.shown(found.mean),
        low=low,
        high=high,
        num_items=len(both),
        num_better=less if metric.is_loss else more,
        num_worse=more if metric.is_loss else less,
    )
