"""Documents that stand, half or more, inside a longer one: a chapter beside the book, a page beside its anthology.

    contained(a in b) = different 8-grams of a that b has / different 8-grams of a

    1. pairs that share a sampled 8-gram are candidates; a gram that more than MAX_DOCUMENTS documents share is
       boilerplate and makes none
    2. a pair whose sample lies more than DOUBT standard errors below the asked share is let go
    3. documents are taken from the longest to the shortest (of equals, the lowest id first), the candidates of each
       from the one that shares most of its sample (of equals, the lowest id first). A document is dropped for the
       first kept one that contains at least the asked share of it: by the sample if that lies more than DOUBT
       standard errors above, else by counting all 8-grams of the two texts

A dropped document holds nothing, so nothing is dropped for the sake of a document that is gone. This is no cluster: two
anthologies that share one story are not duplicates.

A gram is in the sample with probability 1/SAMPLE, so of n sampled grams a pair of share s has s n in common, give or
take a standard error of sqrt(s (1 - s) n). Boilerplate counts on neither side; of the texts, SAMPLE times as many grams
are left out as were met in the sample.

Axes:  D documents, G sampled grams, P pairs.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import lru_cache

import numpy as np

from glasswright.corpus.dedup.sketches import GRAM_WORDS, SAMPLE, Sketches, grams
from glasswright.corpus.quality import segments

MAX_DOCUMENTS = 50
DOUBT = 4  # standard errors: of pairs that the sample decides, one in 30,000 is decided wrongly
PARTS = 16  # the sampled grams are compared a part at a time, for memory's sake
TEXTS_AT_HAND = 64

TextOf = Callable[[int], str]


def contained(sketches: Sketches, share: Fraction, text_of: TextOf) -> np.ndarray:
    """For each document, the longer one that contains it, or itself. The documents must be in order of id.

    text_of:  the text of a document, by its place in `sketches`

    Shapes:  result (D,).
    Dtypes:  int64.
    """
    rank_D = _rank(sketches.num_words_D)
    pair_P, shared_P, boilerplate_D = _shared(sketches)
    left, right = np.divmod(pair_P, max(len(sketches), 1))
    left_is_longer = rank_D[left] < rank_D[right]
    inner, outer = np.where(left_is_longer, right, left), np.where(left_is_longer, left, right)
    num_sampled = (np.diff(sketches.offsets) - boilerplate_D)[inner]
    is_possible = shared_P >= _bound(num_sampled, share, -DOUBT)
    inner, outer, shared_P, num_sampled = (array[is_possible] for array in (inner, outer, shared_P, num_sampled))
    order = np.lexsort((outer, -shared_P, rank_D[inner]))
    is_clear = shared_P >= _bound(num_sampled, share, DOUBT)
    holds = _by_text(share, text_of, SAMPLE * boilerplate_D)
    holder = np.arange(len(sketches))
    for a, b, clear in zip(inner[order].tolist(), outer[order].tolist(), is_clear[order].tolist(), strict=True):
        if holder[a] == a and holder[b] == b and (clear or holds(a, b)):
            holder[a] = b
    return holder


def _rank(num_words_D: np.ndarray) -> np.ndarray:
    """The place of each document from the longest to the shortest."""
    order = np.lexsort((np.arange(len(num_words_D)), -num_words_D))
    rank_D = np.empty(len(order), np.int64)
    rank_D[order] = np.arange(len(order))
    return rank_D


def _bound(num_sampled: np.ndarray, share: Fraction, errors: int) -> np.ndarray:
    """How much of a sample a pair of this share has in common, so many standard errors up or down."""
    bound: np.ndarray = float(share) * num_sampled + errors * np.sqrt(float(share * (1 - share)) * num_sampled)
    return bound


def _by_text(share: Fraction, text_of: TextOf, boilerplate_D: np.ndarray) -> Callable[[int, int], bool]:
    """Whether a document stands in another, by all their 8-grams but boilerplate."""

    @lru_cache(TEXTS_AT_HAND)
    def grams_of(document: int) -> np.ndarray:
        words, hash_W = segments.words(segments.join([text_of(document)]))
        return np.unique(grams(words, hash_W, GRAM_WORDS).hash_S)

    def holds(inner: int, outer: int) -> bool:
        own, others = grams_of(inner), grams_of(outer)
        places = np.minimum(np.searchsorted(others, own), len(others) - 1)
        num_boilerplate = int(boilerplate_D[inner])
        num_shared = int((others[places] == own).sum()) - num_boilerplate
        return num_shared * share.denominator >= (len(own) - num_boilerplate) * share.numerator

    return holds


def _shared(sketches: Sketches) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs that share sampled grams, how many, and how much of each document's sample is boilerplate.

    Shapes:  pairs (P,), as left * D + right with left < right; how many (P,); boilerplate (D,).
    """
    pair_P, shared_P = np.zeros(0, np.int64), np.zeros(0, np.int64)
    boilerplate_D = np.zeros(len(sketches), np.int64)
    for gram, document in _parts(sketches):
        starts = np.flatnonzero(np.append(True, gram[1:] != gram[:-1])) if len(gram) else np.zeros(0, np.int64)
        sizes = np.diff(np.append(starts, len(gram)))
        is_rare = np.repeat(sizes <= MAX_DOCUMENTS, sizes)
        boilerplate_D += np.bincount(document[~is_rare], minlength=len(sketches))
        met = _pairs(gram[is_rare], document[is_rare], len(sketches))
        pair_P, place = np.unique(np.concatenate((pair_P, met)), return_inverse=True)
        shared_P = np.bincount(place, np.append(shared_P, np.ones(len(met), np.int64)), len(pair_P)).astype(np.int64)
    return pair_P, shared_P, boilerplate_D


def _parts(sketches: Sketches) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """All sampled grams with their documents, in order of gram and document, a part at a time."""
    document_G = np.repeat(np.arange(len(sketches), dtype=np.uint32), np.diff(sketches.offsets))
    part_G = (sketches.sample_G >> np.uint32(28)).astype(np.uint8)
    for part in range(PARTS):
        here = np.flatnonzero(part_G == part)
        key = np.sort((sketches.sample_G[here].astype(np.uint64) << np.uint64(32)) | document_G[here])
        yield key >> np.uint64(32), (key & np.uint64(0xFFFFFFFF)).astype(np.int64)


def _pairs(gram: np.ndarray, document: np.ndarray, num_documents: int) -> np.ndarray:
    """Every two documents with a common gram, once for each gram they share."""
    codes = [np.zeros(0, np.int64)]
    for distance in range(1, MAX_DOCUMENTS):
        equal = np.flatnonzero(gram[distance:] == gram[:-distance])
        if not len(equal):
            break
        codes.append(document[equal] * num_documents + document[equal + distance])
    return np.concatenate(codes)
