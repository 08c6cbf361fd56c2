"""Evaluation items that a model must not learn: found in documents by common runs of words, and reported one by one.

An item is one text of an evaluation set: a question, a passage, a question with its answer. Words are those of
shingles: lower case, no punctuation. A document is contaminated by an item if

    run       they share a run of 13 words, or
    share     at least half of the item's words lie under runs of 8 words that they share

Both bounds are the recipe's. An item of fewer than 8 words cannot be told from ordinary language: such items are
counted as not searched, never as absent.

Source: Brown et al. 2020 (GPT-3), appendix C, for runs of 13 words; Lambert et al. 2024 (Tulu 3), section 3.2, and its
code (open-instruct, decontamination/) for the share of an item under common 8-grams, and for one half.

Axes:  G 8-grams of items, M meetings of an item's gram with a document's, T pairs of an item and a document.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np

from glasswright.corpus.dedup.evaluations import Item
from glasswright.corpus.dedup.sketches import GRAM_WORDS, Grams, grams
from glasswright.corpus.quality import segments

FILTER_BITS = 24
HASH_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """What a document shares with one evaluation item."""

    evaluation_set: str
    item: str  # file and row of the set: the first, where several hold the same text
    item_words: int
    shared_words: int  # of the item, under runs of 8 words that the document has too
    run_words: int  # the longest such run
    example: str  # that run, as the document has it


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationSet:
    """How much of a set can be searched for."""

    name: str
    num_items: int
    num_items_too_short: int


class Contamination:
    """An index of evaluation items. It never changes; `hits` may be called anywhere, on any batch."""

    def __init__(self, items_by_set: Mapping[str, Iterable[Item]], *, run: int = 13, share: Fraction = Fraction(1, 2)):
        """items_by_set: the items of each evaluation set, by its name.

        run, share:  what a document may not have of an item; a share of 0 asks for runs alone

        Raises:  ValueError if the run is shorter than the grams it is made of.
        """
        if run < GRAM_WORDS:
            raise ValueError(f"run: expected at least {GRAM_WORDS} words, got {run}")
        self.sets: list[EvaluationSet] = []
        self._run, self._share = run, share
        self._items: list[tuple[str, Item]] = []
        words: list[np.ndarray] = []
        for name, items in sorted(items_by_set.items()):
            different = _different(items)
            long = {key: item for key, item in different.items() if len(key) >= GRAM_WORDS * HASH_BYTES}
            self.sets.append(
                EvaluationSet(name=name, num_items=len(different), num_items_too_short=len(different) - len(long))
            )
            self._items += [(name, item) for item in long.values()]
            words += [np.frombuffer(key, np.uint64) for key in long]
        self._num_words = np.array([len(hash_W) for hash_W in words], np.int64)
        self._index = _Index(words)

    def hits(self, texts: Sequence[str]) -> list[list[Hit]]:
        """For each text, the items that it must not have, in order of set and item."""
        return [hits for part in segments.portions(texts) for hits in self._hits(part)]

    def _hits(self, texts: Sequence[str]) -> list[list[Hit]]:
        words, hash_W = segments.words(segments.join(texts))
        starts_D = np.cumsum([0, *(len(text) + 1 for text in texts)]).tolist()
        found: list[list[Hit]] = [[] for _ in texts]
        for document, item, shared, first, run in _shared(self._index.find(grams(words, hash_W, GRAM_WORDS))):
            num_words = int(self._num_words[item])
            if run >= self._run or (self._share and shared >= self._share * num_words):
                name, (place, _) = self._items[item]
                start, end = int(words.starts[first]), int(words.ends[first + run - 1])
                found[document].append(
                    Hit(
                        evaluation_set=name,
                        item=place,
                        item_words=num_words,
                        shared_words=shared,
                        run_words=run,
                        example=texts[document][start - starts_D[document] : end - starts_D[document]],
                    )
                )
        return found


def _different(items: Iterable[Item]) -> dict[bytes, Item]:
    """The items by the hashes of their words, each once: the first of those that have the same."""
    items = sorted(items, key=lambda item: item.text)
    first: dict[bytes, Item] = {}
    done = 0
    for part in segments.portions([item.text for item in items]):
        spans, hash_W = segments.words(segments.join(part))
        for item, start, end in zip(items[done:], spans.offsets[:-1], spans.offsets[1:], strict=False):
            first.setdefault(hash_W[start:end].tobytes(), item)
        done += len(part)
    return first


@dataclass(frozen=True, slots=True)
class _Meetings:
    """Where a gram of an item stands in a document."""

    document_M: np.ndarray
    item_M: np.ndarray
    in_item_M: np.ndarray  # the gram's place among the item's words
    in_text_M: np.ndarray  # and among the words of all documents


class _Index:
    """The 8-grams of all items, by hash, and a bitmap that says no quickly."""

    def __init__(self, words: Sequence[np.ndarray]):
        sizes = np.array([len(hash_W) for hash_W in words], np.int64)
        offsets = np.concatenate(([0], np.cumsum(sizes)))
        spans = segments.Spans(np.zeros(offsets[-1]), np.zeros(offsets[-1]), offsets)
        found = grams(spans, np.concatenate([np.zeros(0, np.uint64), *words]), GRAM_WORDS)
        order = np.argsort(found.hash_S, kind="stable")
        item_G = np.repeat(np.arange(len(words)), np.diff(found.offsets))
        self._hash_G, self._item_G = found.hash_S[order], item_G[order]
        self._in_item_G = (found.first_S - offsets[item_G])[order]
        self._maybe = np.zeros(2**FILTER_BITS, bool)
        self._maybe[self._hash_G >> np.uint64(64 - FILTER_BITS)] = True

    def find(self, runs: Grams) -> _Meetings:
        """Every place of a text where a gram of an item stands."""
        places = np.flatnonzero(self._maybe[runs.hash_S >> np.uint64(64 - FILTER_BITS)])
        left = np.searchsorted(self._hash_G, runs.hash_S[places], side="left")
        counts = np.searchsorted(self._hash_G, runs.hash_S[places], side="right") - left
        ends = np.cumsum(counts)
        gram_M = np.repeat(left - ends + counts, counts) + np.arange(counts.sum())
        place_M = np.repeat(places, counts)
        document_M = np.searchsorted(runs.offsets, place_M, side="right") - 1
        return _Meetings(document_M, self._item_G[gram_M], self._in_item_G[gram_M], runs.first_S[place_M])


def _shared(met: _Meetings) -> Iterator[tuple[int, int, int, int, int]]:
    """For each document and item that meet: the item's words under common grams, and the first of the longest runs.

    Yields:  document, item, shared words, the run's first word among the words of all documents, its length.
    """
    shift_M = met.in_text_M - met.in_item_M  # equal for the grams of one run
    order = np.lexsort((met.in_text_M, shift_M, met.item_M, met.document_M))
    document, item, in_item, in_text, shift = (
        array[order] for array in (met.document_M, met.item_M, met.in_item_M, met.in_text_M, shift_M)
    )
    is_new_pair = _changes(document, item)
    run_starts = np.flatnonzero(is_new_pair | _changes(shift) | _changes(in_text - np.arange(len(in_text))))
    run_words = np.diff(np.append(run_starts, len(order))) + GRAM_WORDS - 1
    for first, last in _bounds(is_new_pair[run_starts]):
        runs = slice(first, last)
        longest = first + int(np.argmax(run_words[runs]))
        begin, end = run_starts[first], run_starts[last] if last < len(run_starts) else len(order)
        places = np.unique(in_item[begin:end])
        shared = int(np.minimum(np.diff(places), GRAM_WORDS).sum()) + GRAM_WORDS
        at = run_starts[longest]
        yield int(document[at]), int(item[at]), shared, int(in_text[at]), int(run_words[longest])


def _changes(*columns: np.ndarray) -> np.ndarray:
    """Which rows differ from the one before in any of the columns; the first does."""
    differs = np.ones(len(columns[0]), bool)
    differs[1:] = np.any([column[1:] != column[:-1] for column in columns], axis=0)
    return differs


def _bounds(begins: np.ndarray) -> Iterator[tuple[int, int]]:
    """Where each group of rows begins and ends."""
    edges = [*np.flatnonzero(begins).tolist(), len(begins)]
    return pairwise(edges)
