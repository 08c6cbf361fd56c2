"""What a model answered in an evaluation, item by item, and the scores that follow from it.

    evaluation.json       {"determined": what every machine finds, "observed": time and machine}
    answers/TASK.jsonl    the raw answers, a line an item, in the order of the set

A record holds no floats: a loss is written as its exact binary64 value in hexadecimal (C99's %a: "0x1.8p+3"), a score
as a decimal of six places. The texts of the items are not in it, for they are others'; each item's digest is.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

RECORD = "evaluation.json"
EVALUATION_SCHEMA = "glasswright/evaluation/1"
MAX_LOSS_NATS = 2.0**40  # of one token or many: what is more is no model's


def _is_count(value: object) -> bool:
    """Whether it is an integer from 0."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _require(holds: bool, name: str) -> None:
    if not holds:
        raise ValueError(f"{name}: not what an answer has")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the model says of one continuation."""

    loss_nats: float  # minus the logarithm of its probability
    num_tokens: int
    size: int  # of a choice its characters, without the space before it; of a long text its bytes
    is_likeliest: bool | None = None  # whether each token is the likeliest in its place; None: not asked for

    def __post_init__(self) -> None:
        _require(0 <= self.loss_nats < MAX_LOSS_NATS, "loss_nats")
        _require(_is_count(self.num_tokens) and _is_count(self.size), "num_tokens, size")
        _require(self.is_likeliest in (None, False, True), "is_likeliest")

    def record(self) -> dict[str, Any]:
        return {**asdict(self), "loss_nats": self.loss_nats.hex()}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "Choice":
        return cls(**{**record, "loss_nats": float.fromhex(record["loss_nats"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An item, and what the model answered: choices or a text. Neither: it is longer than the model's positions."""

    item: str  # digest
    place: str
    cluster: str  # digest of what items share that are not independent of each other
    right: tuple[int, ...]
    choices: tuple[Choice, ...] = ()
    text: str | None = None
    wanted: str = ""
    num_tokens_too_long: int = 0  # that it has, where the model has not so many positions

    def __post_init__(self) -> None:
        texts = (self.item, self.place, self.cluster, self.wanted, self.text or "")
        _require(all(isinstance(text, str) for text in texts), "item, place, cluster, wanted, text")
        _require(_is_count(self.num_tokens_too_long), "num_tokens_too_long")
        _require(all(_is_count(number) for number in self.right), "right")
        answers = (bool(self.choices), self.text is not None, self.num_tokens_too_long > 0)
        _require(sum(answers) == 1, "choices, text, num_tokens_too_long: one of them")
        _require(not self.choices or all(number < len(self.choices) for number in self.right), "right")

    def record(self) -> dict[str, Any]:
        return {**asdict(self), "choices": [choice.record() for choice in self.choices]}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "Answered":
        choices = tuple(Choice.from_record(choice) for choice in record["choices"])
        return cls(**{**record, "right": tuple(record["right"]), "choices": choices})


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One figure of one task, with its interval of 95 percent and what chance would give."""

    metric: str
    value: str
    low: str | None  # None: too few independent items to say
    high: str | None
    chance: str | None = None  # None: no guessing is defined


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskScores:
    """A task's scores, and what they rest on."""

    task: str
    items: str  # digest over the digests of the items, in order
    answers: str  # sha256 of the file of raw answers
    num_items: int
    num_clusters: int
    num_too_long: int  # left out of the scores
    num_contaminated: int | None  # items that stand in what was learned from; None: that is not known
    scores: tuple[Score, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The determined half: the same on every machine, at any batch size, whatever multiplies."""

    model: str  # digest over the files of the model and its tokenizer
    release: str | None  # root, of a release
    numerics: int
    limit: int | None  # items of a task that were asked for; None: all
    tasks: tuple[TaskScores, ...]
    schema: str = EVALUATION_SCHEMA

    def record(self) -> dict[str, Any]:
        return asdict(self)

    def asked(self) -> dict[str, Any]:
        """What decides every bit of the answers."""
        return asked_of(self.model, self.limit, {task.task: task.items for task in self.tasks})

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Evaluation":
        tasks = tuple(
            TaskScores(**{**task, "scores": tuple(Score(**score) for score in task["scores"])})
            for task in record["tasks"]
        )
        return cls(**{**record, "tasks": tasks})


def asked_of(model: str, limit: int | None, items: Mapping[str, str]) -> dict[str, Any]:
    """What is asked of a model: the digest over each task's items, in the order of the tasks."""
    return {"items": [[task, digest] for task, digest in items.items()], "limit": limit, "model": model}
