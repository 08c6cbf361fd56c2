"""Two evaluations are compared item by item, and what was not asked of both is said."""

from pathlib import Path

import pytest
from tests.evaluate.conftest import evaluate_into, write_model

from glasswright.evaluate.answer import Subject
from glasswright.evaluate.compare import Compared, compare
from glasswright.evaluate.folder import EvaluationFolder
from glasswright.evaluate.run import load


@pytest.fixture
def other(tmp_path: Path, data: Path) -> EvaluationFolder:
    """The same sets, asked of another model."""
    (tmp_path / "model").mkdir()
    write_model(tmp_path / "model", seed=6)
    return evaluate_into(tmp_path / "other", load(tmp_path / "model"), data, model_digest="of another")


def row(rows: tuple[Compared, ...], task: str, metric: str) -> Compared:
    [found] = [one for one in rows if (one.task, one.metric) == (task, metric)]
    return found


def test_of_a_model_and_itself_nothing_differs(evaluated: EvaluationFolder) -> None:
    found = compare(evaluated, evaluated)
    assert not found.left_out
    for one in found.rows:
        assert one.difference == ("1.000000" if one.metric == "perplexity" else "0.000000")
        assert (one.num_better, one.num_worse) == (0, 0)


def test_the_difference_is_of_each_item(evaluated: EvaluationFolder, other: EvaluationFolder) -> None:
    found = row(compare(evaluated, other).rows, "openbookqa", "accuracy")
    right = [[choice_of(one) in one.right for one in folder.answers("openbookqa")] for folder in (evaluated, other)]
    assert found.num_items == 7
    assert found.num_better == sum(b and not a for a, b in zip(*right, strict=True))
    assert found.num_worse == sum(a and not b for a, b in zip(*right, strict=True))
    assert found.num_better + found.num_worse > 0
    assert float(found.difference) == pytest.approx((sum(right[1]) - sum(right[0])) / 7, abs=1e-6)


def choice_of(answered) -> int:
    losses = [choice.loss_nats for choice in answered.choices]
    return losses.index(min(losses))


def test_the_other_way_round_everything_turns(evaluated: EvaluationFolder, other: EvaluationFolder) -> None:
    there, back = compare(evaluated, other), compare(other, evaluated)
    for one, two in zip(there.rows, back.rows, strict=True):
        assert (one.first, one.second, one.num_better) == (two.second, two.first, two.num_worse)
        if one.metric != "perplexity":
            assert float(one.difference) == -float(two.difference)
            assert float(one.low) == -float(two.high)


def test_a_perplexity_s_ratio_is_that_of_the_two(evaluated: EvaluationFolder, other: EvaluationFolder) -> None:
    found = row(compare(evaluated, other).rows, "lambada", "perplexity")
    assert float(found.difference) == pytest.approx(float(found.second) / float(found.first), rel=1e-4)
    assert float(found.low) < float(found.difference) < float(found.high)


def test_tasks_that_were_not_asked_of_both_are_said(
    evaluated: EvaluationFolder, subject: Subject, data: Path, tmp_path: Path
) -> None:
    part = evaluate_into(tmp_path / "part", subject, data, tasks=("blimp", "gsm8k"), limit=2)
    found = compare(evaluated, part)
    assert not found.rows
    assert list(found.left_out) == [
        "blimp: the two were asked different items",
        "openbookqa: the second was not asked",
        "lambada: the second was not asked",
        "gsm8k: the first was not asked",
    ]
