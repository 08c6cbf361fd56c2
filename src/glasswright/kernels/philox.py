"""Random bits by counting: Philox4x32-10, initial weights and shuffles. No state, no thread, no rank (rule 13).

A block of four 32-bit words is a function of a key and a counter alone:

    key     = (seed mod 2^32, purpose)
    counter = (block, sample, step, seed div 2^32)

`seed` has 64 bits, `purpose` 32 (a number the recipe fixes for each use). Distinct uses have distinct (key, counter).
Source: Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", section 4; known answers in the tests.
"""

import numpy as np

from glasswright.kernels.checks import Door, number
from glasswright.kernels.scalars import integer

KERNELS = ["philox", "uniform", "permutation"]

NUM_ROUNDS = 10
MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)  # the paper's M4x32
WEYL = (0x9E3779B9, 0xBB67AE85)  # golden ratio and sqrt(3) - 1, in 2^-32
WORD = 1 << 32
MASK = np.uint64(WORD - 1)
MAX_SEED = (1 << 64) - 1
MAX_WORDS = 4 * WORD  # of one stream: its blocks are counted by one word
MAX_ITEMS = 1 << 31


def philox(
    key0: int, key1: int, counter0: int, counter1: int, counter2: int, counter3: int, out_B4: np.ndarray
) -> None:
    """Write B blocks: block b has the counter (counter0 + b, counter1, counter2, counter3).

    Dtypes:  uint32 out.
    Raises:  ValueError if a word does not fit in 32 bits, or counter0 + B - 1 does not.
    """
    out = Door().writes("out_B4", out_B4, None, 4, dtype=np.uint32)
    key = word("key0", key0), word("key1", key1)
    counter = (
        word("counter0", counter0),
        word("counter1", counter1),
        word("counter2", counter2),
        word("counter3", counter3),
    )
    word("counter0 + B - 1", counter[0] + max(len(out), 1) - 1)
    out[...] = stream(key, counter, len(out))


def stream(key: tuple[int, int], counter: tuple[int, int, int, int], num_blocks: int) -> np.ndarray:
    """words_B4: blocks with ascending first counter."""
    counters = [np.full(num_blocks, first, np.uint64) for first in counter]
    counters[0] += np.arange(num_blocks, dtype=np.uint64)
    return np.stack(blocks(*key, counters), axis=1).astype(np.uint32)


def word(name: str, value: int) -> int:
    return integer(name, value, 0, WORD - 1)


def blocks(key0: int, key1: int, counter: list[np.ndarray]) -> list[np.ndarray]:
    """The ten rounds, on uint64 arrays that hold 32-bit words."""
    c0, c1, c2, c3 = counter
    for round_ in range(NUM_ROUNDS):
        k0 = np.uint64((key0 + round_ * WEYL[0]) % WORD)
        k1 = np.uint64((key1 + round_ * WEYL[1]) % WORD)
        product0 = c0 * np.uint64(MULTIPLIERS[0])
        product1 = c2 * np.uint64(MULTIPLIERS[1])
        c0, c2 = (product1 >> np.uint64(32)) ^ c1 ^ k0, (product0 >> np.uint64(32)) ^ c3 ^ k1
        c1, c3 = product1 & MASK, product0 & MASK
    return [c0, c1, c2, c3]


def words_of(seed: int, purpose: int, step: int, num_words: int) -> np.ndarray:
    """The first num_words of the stream of (seed, purpose, step), sample 0."""
    counter = (0, 0, step, seed // WORD)
    return stream((seed % WORD, purpose), counter, (num_words + 3) // 4).reshape(-1)[:num_words]


def uniform(seed: int, purpose: int, half_width: float, out_N: np.ndarray) -> None:
    """Write numbers spread evenly over (-half_width, half_width): initial weights.

        k      = word[i] >> 8                                     24 bits
        out[i] = float(2 k + 1 - 2^24) * (half_width * 2^-24)     rounded once; exact if half_width is a power of two

    Word i of the stream (seed, purpose), step 0, is word i mod 4 of block i div 4, so an element depends on its own
    index only. The 2^24 values are symmetric about zero and none of them is zero.

    Shapes:  out of any shape, filled in row-major order; at most 2^34 elements, the stream's words.
    Raises:  ValueError naming the argument that does not fit; half_width is a binary32 from 2^-100 to 2^100.
    """
    out = Door().writes_flat("out_N", out_N)
    if len(out) > MAX_WORDS:
        raise ValueError(f"out_N: expected at most {MAX_WORDS} elements, got {len(out)}")
    width = number("half_width", half_width)
    if not 2.0**-100 <= width <= 2.0**100:
        raise ValueError(f"half_width: expected 2^-100 to 2^100, got {half_width!r}")
    words = words_of(integer("seed", seed, 0, MAX_SEED), word("purpose", purpose), 0, len(out))
    k = (words >> np.uint32(8)).astype(np.int32)
    out[...] = (2 * k + 1 - (1 << 24)).astype(np.float32) * (width * np.float32(2.0**-24))


def permutation(seed: int, purpose: int, epoch: int, num_items: int) -> np.ndarray:
    """The items 0 ... num_items - 1 in a seeded order: sorted by 64 random bits, equal ones by number.

        bits[i] = word[2 i] 2^32 + word[2 i + 1]      of the stream (seed, purpose), step = epoch

    All orders are equally likely but for equal bits: two of ten million items meet with probability 3e-6.

    Dtypes:  int64 out, a new array.
    Raises:  ValueError naming the argument that does not fit; num_items is 0 to 2^31.
    """
    n = integer("num_items", num_items, 0, MAX_ITEMS)
    stream_of = integer("seed", seed, 0, MAX_SEED), word("purpose", purpose), word("epoch", epoch)
    words = words_of(*stream_of, 2 * n).astype(np.uint64)
    bits = words[0::2] << np.uint64(32) | words[1::2]
    return np.argsort(bits, kind="stable").astype(np.int64)
