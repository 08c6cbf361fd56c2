"""What every step must have read, from the seed and the token map alone.

epoch e        training documents permuted by (seed, 1, e) and laid end to end: the stream of e
window w       tokens w*T to w*T + T of that stream
sequence g     epoch g // W, window permuted by (seed, 2, e) at g % W       W windows an epoch
step s         sequences (s-1)*B to s*B - 1

Of conversations, each of which is read whole:

epoch e        training documents permuted by (seed, 1, e), laid in sequences: the next one goes into the sequence that
               is begun if its n - 1 inputs and those there are no more than T together, else it begins one
sequence g     the g-th, epoch after epoch

permuted       sorted by 64 random bits each, equal ones by number
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from glasswright.errors import ClaimFalse
from glasswright.records.tokens import DocumentTokens
from glasswright.records.transcript import Sequences, Span
from glasswright.verify.philox import pairs_of_words

DOCUMENTS, WINDOWS = 1, 2  # purposes of the random bits: never used for anything else
EPOCHS_HELD = 2  # a step may end in the next one


@dataclass(frozen=True, slots=True)
class Epoch:
    """One pass over the training documents."""

    documents: "array[int]"  # in reading order; numbers among the training documents
    ends: "array[int]"  # where each one's tokens end in the stream
    windows: "array[int]"  # in reading order


class ReadingOrder:
    """The order in which a run reads. Memory: 16 bytes a window and 48 a training document, for the epochs held."""

    def __init__(self, documents: tuple[DocumentTokens, ...], seed: int, sequence_length: int):
        """documents: those of a token map, of one token or more each.

        Raises:  ClaimFalse if there are too few tokens for one sequence: nothing can have been trained on them.
        """
        self.seed, self.sequence_length = seed, sequence_length
        self.places = array("q", (place for place, d in enumerate(documents) if d.split == "train"))
        self.counts = array("q", (documents[place].num_tokens for place in self.places))
        num_tokens = sum(self.counts)
        self.num_windows = (num_tokens - 1) // sequence_length
        if self.num_windows < 1:
            raise ClaimFalse(
                f"tokens/map.json: the training documents have {num_tokens} tokens: expected more than one sequence of "
                f"{sequence_length}"
            )
        self._epoch = lru_cache(maxsize=EPOCHS_HELD)(self._permuted)

    def step(self, number: int, batch_sequences: int) -> Sequences:
        """What each sequence of step `number` reads; steps count from 1."""
        sequences = range((number - 1) * batch_sequences, number * batch_sequences)
        return tuple(tuple(self._sequence(index)) for index in sequences)

    def _sequence(self, index: int) -> Iterator[Span]:
        number, place = divmod(index, self.num_windows)
        epoch = self._epoch(number)
        first, left = epoch.windows[place] * self.sequence_length, self.sequence_length + 1
        at = bisect_right(epoch.ends, first)
        while left:
            document = epoch.documents[at]
            start = first - (epoch.ends[at] - self.counts[document])
            count = min(left, self.counts[document] - start)
            yield Span(document=self.places[document], start=start, count=count)
            first, left, at = first + count, left - count, at + 1

    def _permuted(self, number: int) -> Epoch:
        documents = permutation(self.seed, DOCUMENTS, number, len(self.counts))
        ends = array("q", accumulate(self.counts[document] for document in documents))
        return Epoch(documents, ends, permutation(self.seed, WINDOWS, number, self.num_windows))


class PackedReadingOrder:
    """The order in which a run reads conversations. Memory: a list of spans for each epoch held."""

    def __init__(self, documents: tuple[DocumentTokens, ...], seed: int, sequence_length: int):
        """Raises:  ClaimFalse if there is no training document, or one that no sequence holds."""
        self.seed, self.sequence_length = seed, sequence_length
        self.places = array("q", (place for place, d in enumerate(documents) if d.split == "train"))
        self.counts = array("q", (documents[place].num_tokens for place in self.places))
        if not self.places or max(self.counts) > sequence_length + 1:
            raise ClaimFalse(
                f"tokens/map.json: expected training documents of at most {sequence_length + 1} tokens, found "
                f"{max(self.counts, default=0)}"
            )
        self._epochs, self._begun = 0, 0  # those laid, and the sequences of all before the last of them
        self._ready: list[tuple[Span, ...]] = []  # its own

    def step(self, number: int, batch_sequences: int) -> Sequences:
        """What each sequence of step `number` reads; steps count from 1, and are asked for in order."""
        return tuple(self._sequence(index) for index in range((number - 1) * batch_sequences, number * batch_sequences))

    def _sequence(self, index: int) -> tuple[Span, ...]:
        while index >= self._begun + len(self._ready):
            self._begun += len(self._ready)
            self._ready = list(self._laid(self._epochs))
            self._epochs += 1
        return self._ready[index - self._begun]

    def _laid(self, epoch: int) -> Iterator[tuple[Span, ...]]:
        begun, inputs = list[Span](), 0
        for document in permutation(self.seed, DOCUMENTS, epoch, len(self.counts)):
            added = self.counts[document] - 1
            if begun and inputs + added > self.sequence_length:
                yield tuple(begun)
                begun, inputs = [], 0
            begun.append(Span(document=self.places[document], start=0, count=added + 1))
            inputs += added
        yield tuple(begun)


def permutation(seed: int, purpose: int, epoch: int, num_items: int) -> "array[int]":
    """The items 0 to num_items - 1 sorted by 64 random bits each, equal ones by number.

    They are first dealt out by their highest byte: what is sorted at one time is then a 256th part.
    """
    bits = pairs_of_words(seed, purpose, epoch, num_items)
    dealt = [array("q") for _ in range(256)]
    for item, key in enumerate(bits):
        dealt[key >> 56].append(item)
    order = array("q")
    for some in dealt:
        order.extend(sorted(some, key=bits.__getitem__))
    return order
