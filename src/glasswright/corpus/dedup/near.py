"""Near-duplicates: MinHash-LSH for the candidates, signatures for the proof, union-find for the clusters.

    1. cut every signature in bands; documents with an equal band are candidates
    2. a candidate pair is joined if the share of equal places reaches the asked similarity
    3. clusters are the connected components: if a ~ b and b ~ c, then a, b and c are one cluster
    4. a cluster keeps its document with the most words, of equals the one with the lowest document id

With 28 bands of 4 rows a pair of similarity s becomes a candidate with probability 1 - (1 - s**4)**28: 0.999 at 0.7,
0.83 at 0.5, 0.20 at 0.3. In a band that more than WINDOW documents share, each is compared with the WINDOW
before it in order of id; documents with equal signatures are joined without that.

Source: Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", 3.4 (bands).
"""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from glasswright.corpus.dedup.sketches import BANDS, NUM_HASHES, ROWS, Sketches
from glasswright.corpus.quality.hashing import append

WINDOW = 32
ROWS_AT_ONCE = 2**16


def near_duplicates(sketches: Sketches, similarity: Fraction) -> np.ndarray:
    """For each document, the one its cluster keeps; itself if that is the one, or if nothing is near.

    The documents must be in order of id: that order settles every tie.

    Shapes:  result (D,).
    Dtypes:  int64.
    """
    with_words = np.flatnonzero(sketches.num_words_D > 0)
    root_D = _equal(sketches.signature_DH)
    for left, right in _candidates(sketches.signature_DH, np.intersect1d(root_D, with_words)):
        apart = np.flatnonzero(root_D[left] != root_D[right])
        left, right = left[apart], right[apart]
        similar = _are_similar(sketches.signature_DH, left, right, similarity)
        root_D = _joined(root_D, left[similar], right[similar])
    kept = np.arange(len(sketches))
    kept[with_words] = _kept(root_D, sketches.num_words_D)[with_words]
    return kept


def _equal(signature_DH: np.ndarray) -> np.ndarray:
    """For each document, the first that has the same signature."""
    key = np.zeros(len(signature_DH), np.uint64)
    for hash_D in signature_DH.T:
        key = append(key, hash_D.astype(np.uint64))
    _, first, member_of = np.unique(key, return_index=True, return_inverse=True)
    places = np.arange(len(signature_DH))
    same = np.empty(len(places), bool)
    for part in _portions(len(places)):
        same[part] = (signature_DH[first[member_of[part]]] == signature_DH[part]).all(axis=1)
    return np.where(same, first[member_of], places)


def _candidates(signature_DH: np.ndarray, documents: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Pairs of these documents that have an equal band, some at a time; a pair may come again in another band."""
    for band in range(BANDS):
        key = np.zeros(len(documents), np.uint64)
        for row in range(band * ROWS, (band + 1) * ROWS):
            key = append(key, signature_DH[documents, row].astype(np.uint64))
        order = np.argsort(key, kind="stable")
        key, ordered = key[order], documents[order]
        for distance in range(1, WINDOW + 1):
            equal = np.flatnonzero(key[distance:] == key[:-distance])
            if not len(equal):
                break
            yield ordered[equal], ordered[equal + distance]


def _are_similar(signature_DH: np.ndarray, left: np.ndarray, right: np.ndarray, similarity: Fraction) -> np.ndarray:
    """Whether enough places are equal, pair by pair.  Shapes: (P,)."""
    equal = np.empty(len(left), np.int64)
    for part in _portions(len(left)):
        equal[part] = (signature_DH[left[part]] == signature_DH[right[part]]).sum(axis=1)
    similar: np.ndarray = equal * similarity.denominator >= NUM_HASHES * similarity.numerator
    return similar


def _portions(size: int) -> Iterator[slice]:
    return (slice(start, min(start + ROWS_AT_ONCE, size)) for start in range(0, size, ROWS_AT_ONCE))


def _joined(root_D: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The components after these edges; root_D: the lowest member of each document's component.

    The higher root of an edge is hung below the lower one, and every document below the top of its tree, until both
    ends of every edge have the same root.
    """
    root_D = root_D.copy()
    while True:
        low, high = np.minimum(root_D[left], root_D[right]), np.maximum(root_D[left], root_D[right])
        apart = np.flatnonzero(low != high)
        if not len(apart):
            return root_D
        left, right = left[apart], right[apart]
        np.minimum.at(root_D, high[apart], low[apart])
        while not np.array_equal(top := root_D[root_D], root_D):
            root_D = top


def _kept(cluster: np.ndarray, num_words: np.ndarray) -> np.ndarray:
    """Each document's kept member: most words first, then lowest place."""
    order = np.lexsort((np.arange(len(cluster)), -num_words, cluster))
    starts = np.flatnonzero(np.diff(cluster[order], prepend=-1))
    best = np.zeros(len(cluster), np.int64)
    best[cluster[order[starts]]] = order[starts]
    kept: np.ndarray = best[cluster]
    return kept
