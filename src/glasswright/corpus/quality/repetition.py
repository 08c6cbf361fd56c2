"""Repetition inside a document: Gopher's table, for a batch at once.

An n-gram repeats where one equal to it stood before in the same document. It can repeat only if both (n-1)-grams in it
repeat as well, or are the ones repeated, so each n looks only at what the n before left over: the first pass sorts all
2-grams of the batch, the later ones a small part.

    top n-gram        most frequent; count times length, the longest among equals     n = 2, 3, 4
    repeated n-grams  tokens under any repeated n-gram, each counted once              n = 5 ... 10

Source: Rae et al. 2021, "Scaling Language Models: Methods, Analysis & Insights from Training Gopher", A.1.1 and
Table A1. Where the paper is silent: the first occurrence is not a repetition; lengths leave out spaces.
"""

import numpy as np

from glasswright.corpus.quality.hashing import append
from glasswright.corpus.quality.segments import Spans

TOP_GRAMS = (2, 3, 4)
REPEATED_GRAMS = (5, 6, 7, 8, 9, 10)
DOCUMENT_BITS = 20  # of a 64-bit key; the rest is the hash, so that what is found never depends on the batch


class _Groups:
    """Items with equal keys in the same document, where there are two or more."""

    def __init__(self, hash_S: np.ndarray, document_S: np.ndarray):
        key_S = (document_S.astype(np.uint64) << np.uint64(64 - DOCUMENT_BITS)) | (hash_S >> np.uint64(DOCUMENT_BITS))
        order = np.argsort(key_S)
        sorted_S = key_S[order]
        equal_to_next = sorted_S[1:] == sorted_S[:-1]
        grouped = np.zeros(len(key_S), bool)
        grouped[1:] |= equal_to_next
        grouped[:-1] |= equal_to_next
        self.members = order[grouped]  # item indices, group by group
        begins = np.append(True, ~equal_to_next)[: len(key_S)][grouped]
        self.starts = np.flatnonzero(begins)
        self.sizes = np.diff(np.append(self.starts, len(self.members)))
        self.firsts = np.minimum.reduceat(self.members, self.starts) if len(self.starts) else self.members

    def repeats(self, num_items: int) -> np.ndarray:
        """Which items stood before."""
        again = np.zeros(num_items, bool)
        again[self.members] = True
        again[self.firsts] = False
        return again


def repeated(hash_S: np.ndarray, document_S: np.ndarray) -> np.ndarray:
    """Which items equal an earlier one of the same document.

    Shapes:  hash_S, document_S, result (S,).
    Dtypes:  uint64 and int64 in, bool out.
    """
    return _Groups(hash_S, document_S).repeats(len(hash_S))


def repeated_grams(tokens: Spans, hash_T: np.ndarray) -> dict[str, np.ndarray]:
    """Characters in the top n-gram, and under repeated n-grams, of each document.

    Shapes:  hash_T (T,); each result (D,).
    Dtypes:  uint64 in, int64 out.
    """
    document_T = tokens.documents()
    length_to_T = np.concatenate(([0], np.cumsum(tokens.lengths)))
    gram_T = hash_T.copy()
    at = np.flatnonzero(document_T[1:] == document_T[:-1])  # where a 2-gram begins
    found: dict[str, np.ndarray] = {}
    for n in range(2, REPEATED_GRAMS[-1] + 1):
        gram_T[at] = append(gram_T[at], hash_T[at + n - 1])
        groups = _Groups(gram_T[at], document_T[at])
        if n in TOP_GRAMS:
            found[f"num_top_{n}_gram_characters"] = _top(groups, at, n, tokens, document_T, length_to_T)
        if n in REPEATED_GRAMS:
            found[f"num_repeated_{n}_gram_characters"] = _covered(at[groups.repeats(len(at))], n, tokens)
        at = _longer(np.sort(at[groups.members]))
    return found


def _longer(at: np.ndarray) -> np.ndarray:
    """Where a longer n-gram can repeat: where the next position repeats as well."""
    return at[:-1][at[1:] == at[:-1] + 1] if len(at) else at


def _top(
    groups: _Groups, at: np.ndarray, n: int, tokens: Spans, document_T: np.ndarray, length_to_T: np.ndarray
) -> np.ndarray:
    """Count times length of each document's most frequent n-gram; 0 where none repeats."""
    first = at[groups.firsts]
    rank = (groups.sizes << 32) | (length_to_T[first + n] - length_to_T[first])
    best = np.zeros(len(tokens.offsets) - 1, np.int64)
    np.maximum.at(best, document_T[first], rank)
    return (best >> 32) * (best & 0xFFFFFFFF)


def _covered(at: np.ndarray, n: int, tokens: Spans) -> np.ndarray:
    """Characters of the tokens that lie under an n-gram beginning at one of the positions."""
    edges = np.zeros(len(tokens) + 1, np.int64)
    np.add.at(edges, at, 1)
    np.subtract.at(edges, at + n, 1)
    return tokens.total(np.where(np.cumsum(edges[:-1]) > 0, tokens.lengths, 0))
