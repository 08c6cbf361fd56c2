"""The reading order from seed and token map alone: the same as the trainer's, by other arithmetic."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glasswright.errors import ClaimFalse
from glasswright.kernels import philox as definition
from glasswright.records.tokens import DocumentTokens
from glasswright.train.order import Order
from glasswright.verify import order as order_module
from glasswright.verify.order import ReadingOrder, permutation
from glasswright.verify.philox import LANES_AT_ONCE, pairs_of_words, philox

# Random123's known answers for philox4x32-10: counter, key, block.
KNOWN = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


def documents(splits_and_counts: list[tuple[bool, int]]) -> tuple[DocumentTokens, ...]:
    starts = np.cumsum([0, *(count for _, count in splits_and_counts)])
    return tuple(
        DocumentTokens(
            document_id=f"{place:064x}",
            split="train" if is_train else "validation",
            first_token=int(starts[place]),
            num_tokens=count,
            num_bytes=count,
        )
        for place, (is_train, count) in enumerate(splits_and_counts)
    )


@pytest.mark.parametrize(("counter", "key", "block"), KNOWN)
def test_philox_gives_its_authors_answers_in_every_lane(counter: str, key: str, block: str) -> None:
    def words(text: str) -> list[int]:
        return [int(word, 16) for word in text.split()]

    lanes = 3
    every = sum(1 << 64 * lane for lane in range(lanes))
    found = philox(tuple(words(key)), tuple(word * every for word in words(counter)), lanes)
    assert found == tuple(word * every for word in words(block))


@given(
    seed=st.integers(0, 2**53 - 1),
    epoch=st.integers(0, 2**32 - 1),
    count=st.one_of(st.integers(0, 50), st.sampled_from([2 * LANES_AT_ONCE + d for d in (-1, 0, 1, 2, 3)])),
)
def test_a_permutation_is_that_of_the_kernels(seed: int, epoch: int, count: int) -> None:
    assert permutation(seed, 2, epoch, count).tolist() == definition.permutation(seed, 2, epoch, count).tolist()
    assert len(pairs_of_words(seed, 2, epoch, count)) == count


def test_equal_bits_are_ordered_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order_module, "pairs_of_words", lambda *_: [5, 2**63, 5, 2**63, 5])
    assert permutation(0, 1, 0, 5).tolist() == [0, 2, 4, 1, 3]


@settings(max_examples=60)
@given(
    counts=st.lists(st.tuples(st.booleans(), st.one_of(st.integers(1, 4), st.integers(1, 200))), min_size=1),
    seed=st.one_of(st.integers(0, 9), st.integers(0, 2**53 - 1)),
    length=st.integers(1, 30),
    batch=st.integers(1, 7),
)
def test_a_step_reads_what_the_trainer_reads(
    counts: list[tuple[bool, int]], seed: int, length: int, batch: int
) -> None:
    counts.append((True, length + 1))
    trained = Order(documents(counts), seed=seed, sequence_length=length)
    found = ReadingOrder(documents(counts), seed, length)
    steps = min(3 * trained.num_windows // batch + 2, 60)
    for number in (*range(1, steps + 1), 10_000_019):
        sequences = range((number - 1) * batch, number * batch)
        assert found.step(number, batch) == tuple(map(trained.sequence, sequences))


def test_too_few_tokens_for_one_sequence_are_refused() -> None:
    with pytest.raises(ClaimFalse, match="have 5 tokens: expected more than one sequence of 5"):
        ReadingOrder(documents([(True, 3), (False, 99), (True, 2)]), 0, 5)
