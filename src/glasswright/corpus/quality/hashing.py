"""Integer hashes of many spans at once, equal on every machine: all arithmetic is modulo 2**64.

    prefix[i] = x[0] + x[1] P + ... + x[i-1] P**(i-1)
    hash of x[a:b] = mix((prefix[b] - prefix[a]) * P**-a)

P is odd, so it has an inverse, and a span's hash does not depend on where the span lies. These are fingerprints, not
signatures: two different spans agree with probability near 2**-64 unless somebody sets out to make them agree.
"""

from functools import cache

import numpy as np

P = 0x9E3779B97F4A7C15  # 2**64 over the golden ratio, odd (Knuth, TAOCP 3, section 6.4)
P_INVERSE = pow(P, -1, 2**64)


def mix(x: np.ndarray) -> np.ndarray:
    """Spread every bit over all 64: the finalizer of SplitMix64 (Steele, Lea, Flood 2014, figure 16).

    Dtypes:  uint64 in and out; the input is not changed.
    """
    x = x ^ (x >> np.uint64(30))
    x *= np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(27)
    x *= np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    return x


@cache
def _powers_to(base: int, size: int) -> np.ndarray:
    powers = np.full(size, base, np.uint64)
    powers[0] = 1
    return np.cumprod(powers, dtype=np.uint64)


def powers(base: int, num: int) -> np.ndarray:
    """base**0 ... base**(num-1), modulo 2**64."""
    return _powers_to(base, 1 << max(12, (num - 1).bit_length()))[:num]


def hash_spans(x_N: np.ndarray, starts_S: np.ndarray, ends_S: np.ndarray) -> np.ndarray:
    """The hash of x_N[start:end] for each span.

    Shapes:  x_N (N,); starts_S, ends_S (S,); result (S,).
    Dtypes:  x_N any unsigned integer; result uint64.
    """
    prefix = np.zeros(len(x_N) + 1, np.uint64)
    np.multiply(x_N, powers(P, len(x_N)), out=prefix[1:], dtype=np.uint64)
    np.cumsum(prefix, out=prefix)
    return mix((prefix[ends_S] - prefix[starts_S]) * powers(P_INVERSE, len(x_N) + 1)[starts_S])


def append(grams_W: np.ndarray, words_W: np.ndarray) -> np.ndarray:
    """Hashes of n-grams and the words that follow them: hashes of (n+1)-grams."""
    return mix(grams_W * np.uint64(P) + words_W)
