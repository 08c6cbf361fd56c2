"""Evaluation items that a model must not learn: found in documents by common runs of words, and reported.

An item is one string of an evaluation set: a question, a passage, an answer. A document is contaminated by it if they
share a run of 13 words, or all the words of the item where it has 8 to 12. Shorter items cannot be told from ordinary
language: they are counted as not searched, never as absent.

Source: Brown et al. 2020 (GPT-3), appendix C: n-grams of 8 to 13 words. Words as for shingles: lower case, no
punctuation.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from glasswright.corpus.dedup.sketches import Grams, grams
from glasswright.corpus.quality import segments

GRAM_WORDS = 13
MIN_WORDS = 8
FILTER_BITS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """What a document shares with one evaluation set."""

    evaluation_set: str
    num_items: int  # different items of the set
    num_grams: int  # places in the document where a shared run begins
    example: str  # the first shared run, as the document has it


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationSet:
    """How much of a set can be searched for."""

    name: str
    num_items: int
    num_items_too_short: int


class Contamination:
    """An index of evaluation items. It never changes; `hits` may be called anywhere, on any batch."""

    def __init__(self, items_by_set: Mapping[str, Iterable[str]]):
        """items_by_set: the strings of each evaluation set, by its name."""
        self.sets: list[EvaluationSet] = []
        found: dict[int, list[np.ndarray]] = {num_words: [] for num_words in range(MIN_WORDS, GRAM_WORDS + 1)}
        num_before = 0
        self._first_item: list[int] = []
        for name, strings in sorted(items_by_set.items()):
            items = sorted(set(strings))
            sizes = _add(found, items, num_before)
            self._first_item.append(num_before)
            num_before += len(items)
            too_short = int((sizes < MIN_WORDS).sum())
            self.sets.append(EvaluationSet(name=name, num_items=len(items), num_items_too_short=too_short))
        self._tables = {num_words: _Table(parts) for num_words, parts in found.items() if parts}

    def hits(self, texts: Sequence[str]) -> list[list[Hit]]:
        """For each text, what it shares with each set that it shares anything with."""
        return [hits for part in segments.portions(texts) for hits in self._hits(part)]

    def _hits(self, texts: Sequence[str]) -> list[list[Hit]]:
        words, hash_W = segments.words(segments.join(texts))
        starts_D = np.cumsum([0, *(len(text) + 1 for text in texts)])
        met: list[dict[int, tuple[set[int], set[tuple[int, int]]]]] = [{} for _ in texts]
        for num_words, table in self._tables.items():
            runs = grams(words, hash_W, num_words)
            for place, item in table.find(runs):
                document = int(np.searchsorted(runs.offsets, place, side="right")) - 1
                first = int(runs.first_S[place])
                evaluation_set = int(np.searchsorted(self._first_item, item, side="right")) - 1
                items, places = met[document].setdefault(evaluation_set, (set(), set()))
                items.add(item)
                places.add((first, num_words))
        return [
            [
                Hit(
                    evaluation_set=self.sets[index].name,
                    num_items=len(items),
                    num_grams=len(places),
                    example=_excerpt(texts[d], words, *min(places), int(starts_D[d])),
                )
                for index, (items, places) in sorted(met[d].items())
            ]
            for d in range(len(texts))
        ]


def _excerpt(text: str, words: segments.Spans, first: int, num_words: int, start: int) -> str:
    last = min(first + num_words, len(words)) - 1
    return text[int(words.starts[first]) - start : int(words.ends[last]) - start]


def _add(found: dict[int, list[np.ndarray]], items: Sequence[str], num_before: int) -> np.ndarray:
    """File each item's runs under their length; the number of words of each item."""
    words, hash_W = segments.words(segments.join(items))
    sizes = np.diff(words.offsets)
    for num_words, parts in found.items():
        runs = grams(words, hash_W, num_words)
        item = np.repeat(np.arange(len(items)), np.diff(runs.offsets))
        wanted = sizes[item] >= GRAM_WORDS if num_words == GRAM_WORDS else sizes[item] == num_words
        if wanted.any():
            numbered = (item[wanted] + num_before).astype(np.uint64)
            parts.append(np.stack((runs.hash_S[wanted], numbered)))
    return sizes


class _Table:
    """Runs of one length: sorted hashes with their items, and a bitmap that says no quickly."""

    def __init__(self, parts: list[np.ndarray]):
        hashes, items = np.concatenate(parts, axis=1)
        order = np.lexsort((items, hashes))
        self._hashes, self._items = hashes[order], items[order].astype(np.int64)
        self._maybe = np.zeros(2**FILTER_BITS, bool)
        self._maybe[self._hashes >> np.uint64(64 - FILTER_BITS)] = True

    def find(self, runs: Grams) -> Iterable[tuple[int, int]]:
        """(place in runs, item) for every run that is an item's."""
        places = np.flatnonzero(self._maybe[runs.hash_S >> np.uint64(64 - FILTER_BITS)])
        left = np.searchsorted(self._hashes, runs.hash_S[places], side="left")
        right = np.searchsorted(self._hashes, runs.hash_S[places], side="right")
        for place, first, last in zip(places.tolist(), left.tolist(), right.tolist(), strict=True):
            for index in range(first, last):
                yield place, int(self._items[index])


def tally(hits_by_document: Iterable[Sequence[Hit]]) -> dict[str, Counter[str]]:
    """The report: for each set that was met, how many documents, item hits and runs."""
    report: dict[str, Counter[str]] = {}
    for hits in hits_by_document:
        for hit in hits:
            counts = report.setdefault(hit.evaluation_set, Counter())
            counts.update(documents=1, items=hit.num_items, grams=hit.num_grams)
    return dict(sorted(report.items()))
