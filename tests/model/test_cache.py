"""The cache of keys and values: what was fed is there in its order, and little is written to keep it."""

import pytest
import torch

from glasswright.model import ops
from glasswright.model.cache import KeyValueCache

X_STGE = torch.arange(2 * 100 * 3 * 4, dtype=torch.float32).view(2, 100, 3, 4)


def feed(cache: KeyValueCache, x_STGE: torch.Tensor, cuts: list[int]) -> torch.Tensor:
    """What the cache holds of a text that is fed in pieces."""
    for x in x_STGE.split(cuts, dim=1):
        cache.make_room(x.shape[1])
        keys_SCGE, values_SCGE = cache.of_layer(0, x, x)
        ops.continued_attention(x.clone(), x.clone(), -x, cache.position_1, keys_SCGE, values_SCGE, 0.5)
        cache.advance(x.shape[1])
    held = cache.keys[0][:, : cache.num_positions]
    assert torch.equal(cache.values[0][:, : cache.num_positions], -held)
    return held


@pytest.mark.parametrize("cuts", [[100], [1] * 100, [40, 1, 1, 58], [3, 97]])
@pytest.mark.parametrize("num_sequences", [1, 2])
def test_what_was_fed_in_pieces_is_there_whole(cuts: list[int], num_sequences: int) -> None:
    assert torch.equal(feed(KeyValueCache(), X_STGE[:num_sequences], cuts), X_STGE[:num_sequences])


def test_memory_is_taken_as_often_as_the_length_doubles() -> None:
    cache, addresses = KeyValueCache(room=1), set()
    for t in range(100):
        held = feed(cache, X_STGE[:1, t : t + 1], [1])
        addresses.add((held.data_ptr(), cache.keys[0].shape[1]))
    assert len(addresses) == len([1, 2, 4, 8, 16, 32, 64, 128])
    assert torch.equal(held, X_STGE[:1])
