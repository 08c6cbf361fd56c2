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

from fractions import Fraction

import numpy as np

from glasswright.corpus.dedup.sketches import BANDS, NUM_HASHES, ROWS, Sketches
from glasswright.corpus.quality.hashing import append

WINDOW = 32
PAIRS_AT_ONCE = 2**16


def near_duplicates(sketches: Sketches, similarity: Fraction) -> np.ndarray:
    """For each document, the one its cluster keeps; itself if that is the one, or if nothing is near.

    The documents must be in order of id: that order settles every tie.

    Shapes:  result (D,).
    Dtypes:  int64.
    """
    with_words = np.flatnonzero(sketches.num_words_D > 0)
    signature_DH = sketches.signature_DH[with_words]
    unique, member_of = np.unique(signature_DH, axis=0, return_inverse=True)
    first = np.full(len(unique), len(with_words))
    np.minimum.at(first, member_of, np.arange(len(with_words)))
    pairs = _pairs(signature_DH, np.sort(first))
    pairs = pairs[_are_similar(signature_DH, pairs, similarity)]
    same = np.stack((first[member_of], np.arange(len(with_words))), axis=1)
    cluster = _components(len(with_words), np.concatenate((pairs, same[same[:, 0] != same[:, 1]])))
    kept = np.arange(len(sketches))
    kept[with_words] = with_words[_kept(cluster, sketches.num_words_D[with_words])]
    return kept


def _pairs(signature_DH: np.ndarray, documents: np.ndarray) -> np.ndarray:
    """Candidate pairs among these documents, each once.  Shapes: (P, 2)."""
    codes = [np.zeros(0, np.int64)]
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
            codes.append(ordered[equal] * len(signature_DH) + ordered[equal + distance])
    return np.stack(np.divmod(np.unique(np.concatenate(codes)), max(len(signature_DH), 1)), axis=1)


def _are_similar(signature_DH: np.ndarray, pairs: np.ndarray, similarity: Fraction) -> np.ndarray:
    """Whether enough places are equal, pair by pair.  Shapes: (P,)."""
    equal = np.empty(len(pairs), np.int64)
    for start in range(0, len(pairs), PAIRS_AT_ONCE):
        left, right = pairs[start : start + PAIRS_AT_ONCE].T
        equal[start : start + len(left)] = (signature_DH[left] == signature_DH[right]).sum(axis=1)
    similar: np.ndarray = equal * similarity.denominator >= NUM_HASHES * similarity.numerator
    return similar


def _components(num_documents: int, pairs: np.ndarray) -> np.ndarray:
    """The lowest member of each document's connected component: union-find with path halving."""
    parent = list(range(num_documents))

    def root(document: int) -> int:
        while parent[document] != document:
            parent[document] = parent[parent[document]]
            document = parent[document]
        return document

    for left, right in pairs.tolist():
        a, b = root(left), root(right)
        parent[max(a, b)] = min(a, b)
    return np.array([root(document) for document in range(num_documents)], np.int64)


def _kept(cluster: np.ndarray, num_words: np.ndarray) -> np.ndarray:
    """Each document's kept member: most words first, then lowest place."""
    order = np.lexsort((np.arange(len(cluster)), -num_words, cluster))
    starts = np.flatnonzero(np.diff(cluster[order], prepend=-1))
    best = np.zeros(len(cluster), np.int64)
    best[cluster[order[starts]]] = order[starts]
    kept: np.ndarray = best[cluster]
    return kept
