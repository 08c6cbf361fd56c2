"""Documents that stand, nearly whole, inside a longer one: a chapter beside the book, a page beside its anthology.

    contained(a in b) = sampled 8-grams of a that b has / sampled 8-grams of a

Documents are taken from the longest to the shortest (of equals, the lowest id first). One is dropped if a kept longer
one contains at least the asked share of it; what holds it is the one that contains most, of equals the lowest id. A
dropped document holds nothing, so nothing is dropped for the sake of a document that is gone. This is no cluster: two
anthologies that share one story are not duplicates.

Grams that more than MAX_DOCUMENTS documents share are boilerplate and count on neither side; of what is then left a
document needs at least MIN_GRAMS (about 200 words), or it is not judged.
"""

from fractions import Fraction

import numpy as np

from glasswright.corpus.dedup.sketches import Sketches

MAX_DOCUMENTS = 50
MIN_GRAMS = 12


def contained(sketches: Sketches, share: Fraction) -> np.ndarray:
    """For each document, the longer one that contains it, or itself. The documents must be in order of id.

    Shapes:  result (D,).
    Dtypes:  int64.
    """
    document = np.repeat(np.arange(len(sketches)), np.diff(sketches.offsets))
    gram, document = _without_boilerplate(sketches.sample_G, document)
    num_grams = np.bincount(document, minlength=len(sketches))
    inner, outer, shared = _shared(gram, document, _rank(sketches.num_words_D))
    enough = (shared * share.denominator >= num_grams[inner] * share.numerator) & (num_grams[inner] >= MIN_GRAMS)
    return _holders(inner[enough], outer[enough], shared[enough], _rank(sketches.num_words_D))


def _rank(num_words_D: np.ndarray) -> np.ndarray:
    """The place of each document from the longest to the shortest."""
    order = np.lexsort((np.arange(len(num_words_D)), -num_words_D))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank


def _without_boilerplate(gram: np.ndarray, document: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Grams in order, less those that too many documents share."""
    order = np.argsort(gram, kind="stable")
    gram, document = gram[order], document[order]
    starts = np.flatnonzero(np.append(True, gram[1:] != gram[:-1])) if len(gram) else np.zeros(0, np.int64)
    sizes = np.diff(np.append(starts, len(gram)))
    rare = np.repeat(sizes <= MAX_DOCUMENTS, sizes)
    return gram[rare], document[rare]


def _shared(gram: np.ndarray, document: np.ndarray, rank: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs with a common gram: the shorter, the longer, and how many they share."""
    num_documents = len(rank)
    codes = [np.zeros(0, np.int64)]
    for distance in range(1, MAX_DOCUMENTS):
        equal = np.flatnonzero(gram[distance:] == gram[:-distance])
        if not len(equal):
            break
        left, right = document[equal], document[equal + distance]
        left_is_longer = rank[left] < rank[right]
        codes.append(np.where(left_is_longer, right * num_documents + left, left * num_documents + right))
    pair, shared = np.unique(np.concatenate(codes), return_counts=True)
    inner, outer = np.divmod(pair, max(num_documents, 1))
    return inner, outer, shared


def _holders(inner: np.ndarray, outer: np.ndarray, shared: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """Who holds each document, deciding from the longest to the shortest."""
    holder = np.arange(len(rank))
    order = np.lexsort((outer, -shared, rank[inner]))
    for place in order.tolist():
        a, b = inner[place], outer[place]
        if holder[a] == a and holder[b] == b:
            holder[a] = b
    return holder
