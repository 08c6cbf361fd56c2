"""Answers have the same bits whatever else is asked, in whatever order, on any threads and any instruction set."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.evaluate.conftest import MAX_POSITIONS, WORDS

from glasswright.errors import Misuse
from glasswright.evaluate import answer
from glasswright.evaluate.answer import Subject, written
from glasswright.evaluate.encode import Tokens
from glasswright.evaluate.items import Item, Request
from glasswright.evaluate.likelihood import likelihoods
from glasswright.evaluate.sets import items_of
from glasswright.evaluate.tasks import TASKS, TEXTS_TASK, Task
from glasswright.kernels import backends, supported_isas
from glasswright.model.decoder import Decoder
from glasswright.records.canonical import canonical_bytes

NAMES = ["blimp", "gsm8k", "lambada", "openbookqa"]


def answered(subject: Subject, task: Task, items: list[Item], batch_size: int = 100) -> dict[str, bytes]:
    """The raw answers as they are recorded, by place."""
    batches = (items[first : first + batch_size] for first in range(0, len(items), batch_size))
    return {one.place: canonical_bytes(one.record()) for batch in batches for one in subject.answers(task, batch)}


@pytest.fixture(autouse=True)
def _short_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that they fit, and take no time."""
    monkeypatch.setattr(answer, "MAX_WRITTEN_TOKENS", 16)


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.mark.parametrize("batch_size", [1, 2, 7])
def test_a_batch_changes_no_bit(subject: Subject, data: Path, name: str, batch_size: int) -> None:
    items = items_of(TASKS[name], data)
    assert answered(subject, TASKS[name], items, batch_size) == answered(subject, TASKS[name], items)


def test_an_order_changes_no_bit(subject: Subject, data: Path, name: str) -> None:
    items = items_of(TASKS[name], data)
    assert answered(subject, TASKS[name], items[::-1], 2) == answered(subject, TASKS[name], items)


def test_threads_and_instruction_sets_change_no_bit(
    subject: Subject, data: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = items_of(TASKS[name], data)[:2]
    expected = answered(subject, TASKS[name], items)
    for isa in supported_isas():
        monkeypatch.setenv("GLASSWRIGHT_KERNELS", isa)
        for threads in (1, 2, 3):
            backends.on("cpu").set_num_threads(threads)
            assert answered(subject, TASKS[name], items) == expected, (isa, threads)


def test_answers_are_golden(subject: Subject, data: Path, name: str, golden: Callable[[str, str], None]) -> None:
    raw = answered(subject, TASKS[name], items_of(TASKS[name], data))
    golden(name, hashlib.sha256(b"\n".join(raw.values())).hexdigest())


def test_a_weight_that_is_one_unit_off_is_seen(subject: Subject, data: Path) -> None:
    items = items_of(TASKS["openbookqa"], data)
    expected = answered(subject, TASKS["openbookqa"], items)
    weight = dict(subject.model.named_parameters())["model.norm.weight"].detach().numpy()
    largest = np.abs(weight).argmax()
    before = weight[largest]
    weight[largest] = np.nextafter(before, np.float32(np.inf))
    changed = answered(subject, TASKS["openbookqa"], items)
    weight[largest] = before
    assert changed != expected


def test_a_loss_is_the_sum_of_the_logarithms_of_probabilities(subject: Subject) -> None:
    """Against torch's binary64: each token's loss within 1e-5, for logits here are below 20 in magnitude."""
    request = Tokens((0, 7, 9), (30, 4, 4))
    [[found]] = likelihoods(subject.model, [[request]], with_likeliest=True)
    logits_TV = subject.model.logits(torch.tensor([request.fed]))[0].double()
    logarithms = logits_TV.log_softmax(1)[[2, 3, 4], [30, 4, 4]]
    assert abs(found.loss_nats + logarithms.sum().item()) < 3e-5
    assert found.is_likeliest == (logits_TV[2:].argmax(1).tolist() == [30, 4, 4])


def test_a_continuation_of_likeliest_tokens_is_said_to_be_one(subject: Subject) -> None:
    fed = [0, 7, 9]
    for _ in range(4):
        fed.append(int(subject.model.logits(torch.tensor([fed]))[0, -1].argmax()))
    right, wrong = Tokens(tuple(fed[:3]), tuple(fed[3:])), Tokens(tuple(fed[:3]), (*fed[3:6], (fed[6] + 1) % 320))
    assert [one.is_likeliest for one in next(likelihoods(subject.model, [[right, wrong]], with_likeliest=True))] == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    "requests",
    [
        [Tokens((0, 1), (2, 3)), Tokens((0, 1), (2, 4))],  # they differ in the last token, which is not fed
        [Tokens((0, 1), (2,)), Tokens((0, 1), (2, 3, 4))],  # one is the other's beginning
        [Tokens((5, 1), (2,)), Tokens((6, 1), (2,))],  # nothing is shared
        [Tokens((0,), (2,)), Tokens((0, 1), (3, 3)), Tokens((0, 1, 3), (3,))],  # contexts of their own
        [Tokens((0, 1), (2, 3)), Tokens((0, 1), (2, 3))],  # the same twice
    ],
)
def test_whatever_requests_share_each_has_the_bits_it_has_alone(subject: Subject, requests: list[Tokens]) -> None:
    alone = [next(likelihoods(subject.model, [[one]], with_likeliest=True))[0] for one in requests]
    assert next(likelihoods(subject.model, [requests], with_likeliest=True)) == alone


def test_an_item_longer_than_the_positions_has_no_answer_and_its_neighbours_have(subject: Subject) -> None:
    def item(place: str, context: str) -> Item:
        return Item(place=place, requests=(Request(context, " river"), Request(context, " mill")))

    items = [item("a", "the"), item("b", "the mill by " * MAX_POSITIONS), item("c", "the mill")]
    first, long, last = subject.answers(TASKS["copa"], items)
    assert long.num_tokens_too_long > MAX_POSITIONS
    assert not long.choices
    assert [next(iter(subject.answers(TASKS["copa"], [one]))) for one in (items[0], items[2])] == [first, last]


def test_the_longest_that_fits_is_answered(subject: Subject) -> None:
    text = "x" * MAX_POSITIONS  # a byte is a token, behind the one that begins the text; the last is not fed
    fits, long = (Item(place=one, requests=(Request("", one),)) for one in (text, text + "x"))
    assert [one.num_tokens_too_long for one in subject.answers(TASKS["lambada"], [fits, long])] == [
        0,
        MAX_POSITIONS + 1,
    ]


def test_a_long_text_is_judged_whole_and_counted_in_bytes(subject: Subject) -> None:
    text = f"über {WORDS} " * 5
    item = Item(place="a.txt", requests=(Request("", text),))
    [found] = subject.answers(TEXTS_TASK, [item])
    [choice] = found.choices
    assert choice.num_tokens == len(subject.tokenizer.encode(text)) > MAX_POSITIONS
    assert choice.size == len(text.encode())


def test_a_prompt_without_room_for_the_answer_is_too_long(subject: Subject) -> None:
    item = Item(place="a", requests=(Request("x" * (MAX_POSITIONS - 10), ""),), wanted="2")
    assert next(subject.answers(TASKS["gsm8k"], [item])).num_tokens_too_long > MAX_POSITIONS


def test_what_is_written_ends_before_the_first_text_that_ends_it(subject: Subject) -> None:
    before = subject.tokenizer.encode("the mill")
    whole = written(subject, before, 24, ())
    assert len(whole) > 10
    for end in (whole[3:5], whole[8:10]):
        assert (
            written(subject, before, 24, (end, whole[9:11])) == whole[: min(whole.find(end), whole.find(whole[9:11]))]
        )


def test_a_model_that_computes_no_number_is_refused(subject: Subject) -> None:
    broken = Decoder(subject.model.config)
    broken.weights["embedding.weight"].detach().fill_(float("nan"))
    with pytest.raises(Misuse, match="is no number"):
        list(likelihoods(broken, [[Tokens((0,), (1,))]]))
