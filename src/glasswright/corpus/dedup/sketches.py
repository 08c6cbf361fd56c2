"""What is remembered of a document to find its duplicates: a few hundred numbers in place of the text.

    words       letters, marks and digits in lower case; punctuation and spacing do not count
    signature   MinHash of its shingles (runs of 5 words): NUM_HASHES minima under random permutations of 32 bits.
                The share of equal places in two signatures estimates the Jaccard similarity of the shingle sets,
                with standard error sqrt(s (1 - s) / NUM_HASHES), at most 0.045
    sample      those of its 8-grams whose hash falls in the lowest 1/SAMPLE: the same choice in every document, so the
                share of one document's sample found in another's estimates how much of it the other contains. Of
                the hash, 32 bits are kept: a gram seems to be in another text by chance once in a few hundred times
                in a corpus of 10 million sampled grams

    permutation k:  x -> a[k] x + b[k]  modulo 2**32, a odd, both from SplitMix64 of a stated seed

A sketch depends on the text alone, so batches may be cut and ordered at will, anywhere, and joined afterwards.

Source: Broder 1997, "On the resemblance and containment of documents" (both estimates); Brown and Irber 2016 (sourmash,
the sample by a bound on the hash).

Axes:  D documents, H hashes, W words, S shingles, G sampled grams.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from glasswright.corpus.quality import segments
from glasswright.corpus.quality.hashing import hash_spans, mix
from glasswright.corpus.quality.segments import Spans

SHINGLE_WORDS = 5
BANDS, ROWS = 28, 4
NUM_HASHES = BANDS * ROWS
GRAM_WORDS = 8
SAMPLE_BITS = 2
SAMPLE = 2**SAMPLE_BITS  # one gram in so many
SEED = 0x676C617373  # "glass"


@dataclass(frozen=True, slots=True)
class Sketches:
    """The sketches of a run of documents."""

    num_words_D: np.ndarray  # int64
    signature_DH: np.ndarray  # uint32; meaningless where a document has no words
    sample_G: np.ndarray  # uint32, ascending and unique within a document
    offsets: np.ndarray  # (D+1,) int64: document d sampled sample_G[offsets[d]:offsets[d+1]]

    def __len__(self) -> int:
        return len(self.num_words_D)

    def take(self, indices: np.ndarray) -> "Sketches":
        """The sketches at these places, in this order."""
        sizes = np.diff(self.offsets)[indices]
        offsets = np.concatenate(([0], np.cumsum(sizes)))
        places = np.repeat(self.offsets[indices] - offsets[:-1], sizes) + np.arange(offsets[-1])
        return Sketches(self.num_words_D[indices], self.signature_DH[indices], self.sample_G[places], offsets)


def join(parts: Iterable[Sketches]) -> Sketches:
    """Sketches of several batches, one after the other."""
    parts = list(parts)
    sizes = np.concatenate([np.zeros(1, np.int64), *(np.diff(part.offsets) for part in parts)])
    return Sketches(
        np.concatenate([np.zeros(0, np.int64), *(part.num_words_D for part in parts)]),
        np.concatenate([np.zeros((0, NUM_HASHES), np.uint32), *(part.signature_DH for part in parts)]),
        np.concatenate([np.zeros(0, np.uint32), *(part.sample_G for part in parts)]),
        np.cumsum(sizes),
    )


def sketch(texts: Sequence[str]) -> Sketches:
    """The sketches of texts, in the order given."""
    return join(_sketch(part) for part in segments.portions(texts))


def _sketch(texts: Sequence[str]) -> Sketches:
    spans, hash_W = segments.words(segments.join(texts))
    sample_G, offsets = _sample(grams(spans, hash_W, GRAM_WORDS))
    return Sketches(np.diff(spans.offsets), _signatures(grams(spans, hash_W, SHINGLE_WORDS)), sample_G, offsets)


@dataclass(frozen=True, slots=True)
class Grams:
    """The hashes of all runs of n words, document by document."""

    hash_S: np.ndarray  # uint64
    first_S: np.ndarray  # the word it begins with
    offsets: np.ndarray  # (D+1,)


def grams(words: Spans, hash_W: np.ndarray, num_words: int) -> Grams:
    """Runs of so many words; of a document that has fewer, the one run of all its words."""
    sizes_D = np.diff(words.offsets)
    counts_D = np.where(sizes_D > 0, np.maximum(sizes_D - num_words + 1, 1), 0)
    offsets = np.concatenate(([0], np.cumsum(counts_D)))
    first_S = np.repeat(words.offsets[:-1] - offsets[:-1], counts_D) + np.arange(offsets[-1])
    end_S = np.minimum(first_S + num_words, np.repeat(words.offsets[1:], counts_D))
    return Grams(hash_spans(hash_W, first_S, end_S), first_S, offsets)


@cache
def _permutations() -> list[tuple[np.uint32, np.uint32]]:
    drawn = mix(np.uint64(SEED) + np.arange(1, 2 * NUM_HASHES + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15))
    high = (drawn >> np.uint64(32)).astype(np.uint32)
    return list(zip(high[::2] | np.uint32(1), high[1::2], strict=True))


def _signatures(shingles: Grams) -> np.ndarray:
    """MinHash signatures.  Shapes: (D, H).  Dtypes: uint32."""
    num_documents = len(shingles.offsets) - 1
    signature_HD = np.zeros((NUM_HASHES, num_documents), np.uint32)
    has_shingles = np.flatnonzero(np.diff(shingles.offsets))
    if not len(has_shingles):
        return signature_HD.T
    starts = shingles.offsets[:-1][has_shingles]
    x_S = (shingles.hash_S >> np.uint64(32)).astype(np.uint32)
    permuted_S = np.empty_like(x_S)
    for k, (a, b) in enumerate(_permutations()):
        np.multiply(x_S, a, out=permuted_S)
        permuted_S += b
        signature_HD[k, has_shingles] = np.minimum.reduceat(permuted_S, starts)
    return np.ascontiguousarray(signature_HD.T)


def _sample(all_grams: Grams) -> tuple[np.ndarray, np.ndarray]:
    """The sampled grams of each document, ascending and unique, and where each document's begin."""
    chosen = np.flatnonzero(all_grams.hash_S < np.uint64(2**64 // SAMPLE))
    document = np.searchsorted(all_grams.offsets, chosen, side="right") - 1
    hashes = (all_grams.hash_S[chosen] >> np.uint64(32 - SAMPLE_BITS)).astype(np.uint32)
    order = np.lexsort((hashes, document))
    hashes, document = hashes[order], document[order]
    new = np.ones(len(hashes), bool)
    new[1:] = (hashes[1:] != hashes[:-1]) | (document[1:] != document[:-1])
    return hashes[new], np.searchsorted(document[new], np.arange(len(all_grams.offsets)))
