"""Continue a prompt, with counter-based random bits: the same prompt, seed and model give the same text everywhere.

    weight[v] = exp((logit[v] - max) / temperature)          own exp
    token     = the first v at which  weight[0] + ... + weight[v]  >  u * (sum of all)

Sums run left to right in binary32. u is a 24-bit fraction from Philox, keyed by (seed, GENERATE), counted by position.
At temperature 0 the token is the first with the largest logit.
"""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import torch

from glasswright.errors import Misuse
from glasswright.kernels.rounding import nearest_binary32
from glasswright.model import ops
from glasswright.model.guard import ExactArithmetic
from glasswright.model.llama import KeyValueCache, Llama

GENERATE = 3  # purpose of the random bits (see train.order for 1 and 2)


def generate(model: Llama, prompt: list[int], *, num_tokens: int, temperature: Fraction, seed: int) -> Iterator[int]:
    """Yield up to `num_tokens` token ids that follow the prompt; the end-of-text token ends it and is not given.

    Raises:  Misuse if prompt and continuation do not fit in the model's positions, or the prompt is empty.
    """
    if not prompt:
        raise Misuse("the prompt has no tokens", hint="start from the end-of-text token for a text from nothing")
    longest = model.config.max_positions
    if len(prompt) + num_tokens > longest:
        raise Misuse(
            f"the prompt has {len(prompt)} tokens: with {num_tokens} more it is beyond the model's {longest} positions",
            hint="shorten the prompt, or ask for fewer tokens; nothing is cut silently",
        )
    cache, fed = KeyValueCache(), prompt
    for _ in range(num_tokens):
        with ExactArithmetic():  # type: ignore[no-untyped-call]
            logits_TV = ops.array(model.logits(torch.tensor([fed]), cache))[0]
        token = _pick(logits_TV[-1], temperature, seed, position=cache.num_positions)
        if token == model.config.end_of_text:
            return
        yield token
        fed = [token]


def _pick(logits_V: ops.Array, temperature: Fraction, seed: int, *, position: int) -> int:
    if temperature == 0:
        return int(np.argmax(logits_V))
    weight_V = np.empty_like(logits_V)
    scaled_V = (logits_V - logits_V.max()) / np.float32(nearest_binary32(temperature))
    ops.kernel.exp(scaled_V, weight_V)
    total_V = np.add.accumulate(weight_V, dtype=np.float32)  # left to right: an accumulation has no other order
    threshold = _fraction(seed, position) * total_V[-1]
    return int(np.searchsorted(total_V, threshold, side="right").clip(max=len(total_V) - 1))


def _fraction(seed: int, position: int) -> np.float32:
    """A multiple of 2**-24 in [0, 1) that belongs to this seed and position."""
    word_14 = np.empty((1, 4), np.uint32)
    ops.kernel.philox(seed % 2**32, GENERATE, 0, 0, position, seed // 2**32, word_14)
    return np.float32(word_14[0, 0] >> 8) * np.float32(2.0**-24)
