"""Philox4x32-10, as its authors define it, with Python's long integers for vectors.

Block b of a stream has the counter (b, 0, step, seed div 2^32) and the key (seed mod 2^32, purpose). Words of 32 bits
lie in lanes of 64, a lane for each block, side by side in one integer: a lane times a constant of 32 bits does not
reach the next, so one multiplication of integers multiplies all of them.

Source:  Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", section 4.
"""

from array import array

NUM_ROUNDS = 10
MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
WEYL = (0x9E3779B9, 0xBB67AE85)  # golden ratio and sqrt(3) - 1, in 2^-32
WORD = 2**32
LANES_AT_ONCE = 4096
LANE_BYTES = 8


def pairs_of_words(seed: int, purpose: int, step: int, count: int) -> "array[int]":
    """The first `count` numbers of 64 bits of a stream: number i is word[2 i] * 2^32 + word[2 i + 1]."""
    numbers = array("Q", bytes(LANE_BYTES * (count + count % 2)))
    for first in range(0, (count + 1) // 2, LANES_AT_ONCE):
        lanes = min(LANES_AT_ONCE, (count + 1) // 2 - first)
        one = _every(1, lanes)
        counting = int.from_bytes(array("Q", range(first, first + lanes)).tobytes(), "little")
        counters = (counting, 0, step * one, seed // WORD * one)
        words = philox((seed % WORD, purpose), counters, lanes)
        numbers[2 * first : 2 * (first + lanes) : 2] = _lanes(words[0] << 32 | words[1], lanes)
        numbers[2 * first + 1 : 2 * (first + lanes) : 2] = _lanes(words[2] << 32 | words[3], lanes)
    return numbers[:count]


def philox(key: tuple[int, int], counter: tuple[int, int, int, int], lanes: int) -> tuple[int, int, int, int]:
    """The four words of every lane's block."""
    c0, c1, c2, c3 = counter
    one = _every(1, lanes)
    low = one * (WORD - 1)
    for number in range(NUM_ROUNDS):
        k0, k1 = ((start + number * weyl) % WORD * one for start, weyl in zip(key, WEYL, strict=True))
        product0, product1 = c0 * MULTIPLIERS[0], c2 * MULTIPLIERS[1]
        c0, c2 = (product1 >> 32) & low ^ c1 ^ k0, (product0 >> 32) & low ^ c3 ^ k1
        c1, c3 = product1 & low, product0 & low
    return c0, c1, c2, c3


def _every(word: int, lanes: int) -> int:
    return int.from_bytes(word.to_bytes(LANE_BYTES, "little") * lanes, "little")


def _lanes(value: int, lanes: int) -> "array[int]":
    return array("Q", value.to_bytes(LANE_BYTES * lanes, "little"))
