"""Scores from raw answers alone, so that whoever has these can compute them again: no model is needed.

    accuracy                      the likeliest of the choices is the right one; of equals the first counts
    accuracy_by_length            the same by loss per character (lm-evaluation-harness: acc_norm)
    likeliest                     every token of the continuation is the likeliest in its place
    perplexity                    exp of the mean loss of a continuation
    mass_on_right                 the right choices' part of the probability of all (TruthfulQA's mc2)
    exact_match                   the number behind #### is the one wanted
    exact_match_of_last_number    the last number is
    bits_per_byte                 of a text as UTF-8

An item that is longer than the model's positions has no answer and is in no score; how many there are is told.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction

from glasswright.errors import Misuse
from glasswright.evaluate.estimate import (
    EXACTLY,
    Value,
    decimal,
    estimate,
    interval_of_mean,
    interval_of_share,
    rounded,
)
from glasswright.records.canonical import digest
from glasswright.records.evaluation import Answered, Score, TaskScores

MARKED = re.compile(r"####\s*(-?\$?[\d.,]*\d)")
NUMBER = re.compile(r"-?\$?\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Metric:
    """What an item adds to a score, and how the score's interval is found."""

    value: Callable[[Answered], Fraction]
    weight: Callable[[Answered], Fraction] = lambda _: Fraction(1)
    chance: Callable[[Answered], Fraction] | None = None
    is_share: bool = False
    is_logarithm: bool = False  # the score is exp of the mean
    is_loss: bool = False  # less is better
    is_of_text: bool = False  # of what was written, not of what was chosen

    def shown(self, mean: Fraction | Decimal) -> str:
        """A mean, or an end of its interval, as the score that is recorded."""
        if not self.is_logarithm:
            return rounded(mean)
        with localcontext(EXACTLY):
            return rounded((decimal(mean) if isinstance(mean, Fraction) else mean).exp())


def _is_right(answered: Answered, losses: Sequence[Fraction]) -> Fraction:
    best = min(range(len(losses)), key=losses.__getitem__)
    return Fraction(best in answered.right)


def _accuracy(answered: Answered) -> Fraction:
    return _is_right(answered, [Fraction(choice.loss_nats) for choice in answered.choices])


def _accuracy_by_length(answered: Answered) -> Fraction:
    return _is_right(answered, [Fraction(choice.loss_nats) / max(choice.size, 1) for choice in answered.choices])


def _likeliest(answered: Answered) -> Fraction:
    return Fraction(answered.choices[0].is_likeliest is True)


def _loss(answered: Answered) -> Fraction:
    return Fraction(answered.choices[0].loss_nats)


def _mass_on_right(answered: Answered) -> Fraction:
    least = min(choice.loss_nats for choice in answered.choices)
    with localcontext(EXACTLY):
        masses = [(Decimal(least) - Decimal(choice.loss_nats)).exp() for choice in answered.choices]
        return Fraction(sum(masses[number] for number in answered.right) / sum(masses))


def _exact_match(answered: Answered) -> Fraction:
    found = MARKED.search(answered.text or "")
    return Fraction(found is not None and _number(found[1]) == _number(answered.wanted))


def _exact_match_of_last(answered: Answered) -> Fraction:
    found = NUMBER.findall(answered.text or "")
    return Fraction(bool(found) and _number(found[-1]) == _number(answered.wanted))


def _number(text: str) -> str:
    """As it is compared: no thousands marked, no currency, no end of a sentence."""
    return text.replace(",", "").replace("$", "").rstrip(".")


def _bits(answered: Answered) -> Fraction:
    with localcontext(EXACTLY):
        return Fraction(Decimal(answered.choices[0].loss_nats) / Decimal(2).ln())


def _size(answered: Answered) -> Fraction:
    return Fraction(max(answered.choices[0].size, 1))


def _one_of_the_choices(answered: Answered) -> Fraction:
    return Fraction(len(answered.right), len(answered.choices))


METRICS: dict[str, Metric] = {
    "accuracy": Metric(_accuracy, chance=_one_of_the_choices, is_share=True),
    "accuracy_by_length": Metric(_accuracy_by_length, chance=_one_of_the_choices, is_share=True),
    "bits_per_byte": Metric(_bits, weight=_size, is_loss=True),
    "exact_match": Metric(_exact_match, is_share=True, is_of_text=True),
    "exact_match_of_last_number": Metric(_exact_match_of_last, is_share=True, is_of_text=True),
    "likeliest": Metric(_likeliest, is_share=True),
    "mass_on_right": Metric(_mass_on_right, chance=_one_of_the_choices),
    "perplexity": Metric(_loss, is_logarithm=True, is_loss=True),
}


def metric_of(name: str) -> Metric:
    """The metric of this name.

    Raises:  Misuse naming those there are.
    """
    if name not in METRICS:
        raise Misuse(f"{name}: no such metric", hint=f"there are {', '.join(sorted(METRICS))}")
    return METRICS[name]


def values(answers: Sequence[Answered], metric: Metric) -> list[Value]:
    """What each item that was answered adds.

    Raises:  Misuse if an answer is of another kind than the metric is.
    """
    given = [one for one in answers if not one.num_tokens_too_long]
    for one in given:
        if (one.text is not None) != metric.is_of_text:
            raise Misuse(f"{one.place}: expected {'a text' if metric.is_of_text else 'choices'} for an answer")
    return [Value(one.cluster, metric.value(one), metric.weight(one)) for one in given]


def score(answers: Sequence[Answered], name: str) -> Score | None:
    """A metric's score over the items that were answered; None if none was.

    Raises:  Misuse if there is no such metric, or an answer is of another kind.
    """
    metric = metric_of(name)
    given = values(answers, metric)
    if not given:
        return None
    found = estimate(given)
    ends = interval_of_share(found) if metric.is_share else interval_of_mean(found)
    low, high = (None, None) if ends is None else (metric.shown(end) for end in ends)
    return Score(metric=name, value=metric.shown(found.mean), low=low, high=high, chance=_chance(answers, metric))


def scores_of(
    task: str, metrics: Sequence[str], answers: Sequence[Answered], *, sha256: str, num_contaminated: int | None = None
) -> TaskScores:
    """All that is recorded of a task, from its raw answers and the sha256 of their file.

    Raises:  Misuse as `score` does.
    """
    given = [one for one in answers if not one.num_tokens_too_long]
    return TaskScores(
        task=task,
        items=digest([one.item for one in answers]),
        answers=sha256,
        num_items=len(answers),
        num_clusters=len({one.cluster for one in given}),
        num_too_long=len(answers) - len(given),
        num_contaminated=num_contaminated,
        scores=tuple(found for found in (score(answers, name) for name in metrics) if found is not None),
    )


def _chance(answers: Sequence[Answered], metric: Metric) -> str | None:
    if metric.chance is None:
        return None
    given = [metric.chance(one) for one in answers if not one.num_tokens_too_long]
    return rounded(sum(given, Fraction()) / len(given))
