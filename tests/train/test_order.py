"""The order of reading: every window once an epoch, every span where the tokens are."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from glasswright import kernels
from glasswright.errors import Misuse
from glasswright.records.tokens import DocumentTokens
from glasswright.store.tokens import open_tokens
from glasswright.train.order import Order


def documents(*counts: int) -> tuple[DocumentTokens, ...]:
    starts = np.cumsum((0, *counts))
    return tuple(
        DocumentTokens(document_id=str(i), split="train", first_token=int(starts[i]), num_tokens=n, num_bytes=n)
        for i, n in enumerate(counts)
    )


def test_an_epoch_reads_every_token_as_input_at_most_once() -> None:
    order = Order(documents(7, 1, 30, 4, 12), seed=3, sequence_length=5)
    seen: Counter[tuple[int, int]] = Counter()
    for index in range(order.num_windows):
        read = [(s.document, s.start + i) for s in order.sequence(index) for i in range(s.count)]
        assert len(read) == 6
        seen.update(read[:-1])  # the last token is a target only
    assert order.num_windows == 10
    assert set(seen.values()) == {1}
    assert sum(seen.values()) == 50


def test_a_sequence_continues_where_a_document_ends() -> None:
    order = Order(documents(7, 1, 30, 4, 12), seed=3, sequence_length=5)
    for index in range(order.num_windows):
        for before, after in zip(order.sequence(index), order.sequence(index)[1:], strict=False):
            assert before.start + before.count == (7, 1, 30, 4, 12)[before.document]
            assert after.start == 0


def test_epochs_read_in_different_orders() -> None:
    order = Order(documents(*[9] * 40), seed=3, sequence_length=8)
    first = [order.sequence(i) for i in range(order.num_windows)]
    second = [order.sequence(i + order.num_windows) for i in range(order.num_windows)]
    assert first != second


def test_an_epoch_reads_its_own_windows_of_its_own_stream() -> None:
    """The rule written out with the definition of the permutation: documents by purpose 1, windows by purpose 2."""
    counts, seed, length = (7, 1, 30, 4, 12), 3, 5
    order = Order(documents(*counts), seed=seed, sequence_length=length)
    permutation = kernels.definitions().permutation
    seen = []
    for epoch in range(3):
        stream = [(int(d), i) for d in permutation(seed, 1, epoch, len(counts)) for i in range(counts[d])]
        windows = [stream[w * length : (w + 1) * length + 1] for w in permutation(seed, 2, epoch, order.num_windows)]
        for place, window in enumerate(windows):
            spans = order.sequence(epoch * order.num_windows + place)
            assert [(span.document, span.start + i) for span in spans for i in range(span.count)] == window
        seen.append(windows)
    assert seen[0] != seen[1] != seen[2]


def test_another_seed_reads_in_another_order() -> None:
    orders = [Order(documents(*[9] * 40), seed=seed, sequence_length=8) for seed in (1, 2)]
    assert orders[0].sequence(0) != orders[1].sequence(0)


def test_validation_documents_are_never_read(recipe, tokens: Path) -> None:
    token_map = open_tokens(tokens).map
    order = Order(token_map.documents, seed=recipe.seed, sequence_length=12)
    read = {span.document for index in range(3 * order.num_windows) for span in order.sequence(index)}
    assert read == {place for place, d in enumerate(token_map.documents) if d.split == "train"}


def test_too_few_tokens_for_one_sequence_is_an_error() -> None:
    with pytest.raises(Misuse, match="have 5 tokens: expected more than one sequence of 5"):
        Order(documents(3, 2), seed=0, sequence_length=5)


def test_spans_are_read_across_shards(tokens: Path) -> None:
    reader = open_tokens(tokens)
    whole = np.concatenate([np.fromfile(tokens / "shards" / f"0000{i}.bin", "<u2") for i in (0, 1)])
    order = Order(reader.map.documents, seed=0, sequence_length=12)
    for index in range(order.num_windows):
        spans = order.sequence(index)
        starts = [reader.map.documents[s.document].first_token + s.start for s in spans]
        expected = np.concatenate([whole[a : a + s.count] for a, s in zip(starts, spans, strict=True)])
        assert np.array_equal(reader.read_spans(spans), expected)


def test_a_missing_shard_is_named(tokens: Path) -> None:
    (tokens / "shards" / "00001.bin").unlink()
    with pytest.raises(Misuse, match="00001.bin: expected .* no such file"):
        open_tokens(tokens)
