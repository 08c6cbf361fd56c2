"""Each metric worked out by hand, and against lm-evaluation-harness where that has it."""

from decimal import Decimal, localcontext
from math import exp, log

import pytest

from glasswright.errors import Misuse
from glasswright.evaluate.estimate import EXACTLY
from glasswright.evaluate.scores import score, scores_of
from glasswright.records.evaluation import Answered, Choice


def answered(
    *losses: float, right: tuple[int, ...] = (0,), sizes: tuple[int, ...] = (), place: str = "a", **more: object
) -> Answered:
    choices = tuple(
        Choice(loss_nats=loss, num_tokens=1, size=size, is_likeliest=loss < 1)
        for loss, size in zip(losses, sizes or [1] * len(losses), strict=True)
    )
    return Answered(item=place, place=place, cluster=place, right=right, choices=choices, **more)


def written(text: str, wanted: str) -> Answered:
    return Answered(item="a", place="a", cluster="a", right=(0,), text=text, wanted=wanted)


def value(name: str, *answers: Answered) -> float:
    found = score(answers, name)
    assert found is not None
    return float(found.value)


def test_the_choice_of_the_least_loss_counts_and_of_equals_the_first() -> None:
    answers = [answered(1, 2), answered(2, 1), answered(2, 2), answered(2, 2, right=(1,))]
    assert value("accuracy", *answers) == 0.5


def test_by_length_the_loss_of_a_character_counts() -> None:
    item = answered(3.0, 2.0, sizes=(6, 2))
    assert value("accuracy", item) == 0
    assert value("accuracy_by_length", item) == 1


def test_chance_is_that_of_the_choices_each_item_has() -> None:
    found = score([answered(1, 2), answered(1, 2, 3, 4)], "accuracy")
    assert found.chance == "0.375000"
    assert score([answered(1)], "likeliest").chance is None


def test_perplexity_is_of_the_mean_loss() -> None:
    assert value("perplexity", answered(1.0), answered(2.0)) == pytest.approx(exp(1.5), abs=1e-6)
    found = score([answered(500.0, place="a"), answered(900.0, place="b")], "perplexity")
    assert found.value.startswith("1.0")
    assert found.value.endswith("e+304")


def test_the_mass_on_right_choices_is_that_of_their_probabilities() -> None:
    masses = [exp(-700.0 - loss + 700) for loss in (1, 2, 3)]
    found = value("mass_on_right", answered(701, 702, 703, right=(0, 2)))
    assert found == pytest.approx((masses[0] + masses[2]) / sum(masses), abs=1e-6)


def test_bits_are_of_all_bytes() -> None:
    texts = [answered(log(2) * 8, sizes=(4,)), answered(log(2) * 2, sizes=(6,))]
    assert value("bits_per_byte", *texts) == pytest.approx(1)


@pytest.mark.parametrize(
    ("text", "wanted", "marked", "last"),
    [
        ("2 and 2 is 4.\n#### 4", "4", 1, 1),
        ("#### 1,200.\nQ", "1200", 1, 1),
        ("#### $7.50", "7.50", 1, 1),
        ("#### -7", "-7", 1, 1),
        ("It is 5, no, 4.", "4", 0, 1),
        ("#### 5 apples of 4", "4", 0, 1),
        ("####", "4", 0, 0),
        ("", "4", 0, 0),
        ("#### .,", "4", 0, 0),
    ],
)
def test_the_number_that_was_wanted(text: str, wanted: str, marked: int, last: int) -> None:
    assert value("exact_match", written(text, wanted)) == marked
    assert value("exact_match_of_last_number", written(text, wanted)) == last


def test_an_item_that_was_too_long_is_in_no_score_and_is_counted() -> None:
    long = Answered(item="b", place="b", cluster="b", right=(0,), num_tokens_too_long=99)
    found = scores_of("copa", ["accuracy"], [answered(1, 2), long], sha256="0")
    assert (found.num_items, found.num_too_long, found.num_clusters) == (2, 1, 1)
    assert found.scores[0].value == "1.000000"
    assert found.scores[0].low is None  # of one item nothing can be said
    assert scores_of("copa", ["accuracy"], [long], sha256="0").scores == ()


def test_an_unknown_metric_is_refused() -> None:
    with pytest.raises(Misuse, match="bleu: no such metric"):
        score([answered(1)], "bleu")


def test_a_mean_is_of_the_exact_sum_and_rounded_once() -> None:
    """Beside 2**39 binary64 has steps of 2**-14: a sum of floats would be off in the fourth place."""
    losses = [2.0**39, 0.375, 2.0**-16, 2.0**-16]
    found = score([answered(loss) for loss in losses], "bits_per_byte")
    with localcontext(EXACTLY):
        expected = (2**39 + Decimal("0.375") + 2 / Decimal(2**16)) / Decimal(2).ln() / 4
        assert found.value == f"{expected.quantize(Decimal('0.000001')):f}"
