"""The cache of keys and values: what comes back is what was fed, and little is written to keep it."""

import pytest
import torch

from glasswright.model.cache import KeyValueCache

X_STGE = torch.arange(2 * 100 * 3 * 4, dtype=torch.float32).view(2, 100, 3, 4)


def fed(cache: KeyValueCache, x_STGE: torch.Tensor, cuts: list[int]) -> torch.Tensor:
    """What the cache holds of a text that is fed in pieces."""
    held = x_STGE[:, :0]
    for piece in x_STGE.split(cuts, dim=1):
        held, negatives = cache.extend(0, piece, -piece)
        assert torch.equal(negatives, -held)
        cache.num_positions += piece.shape[1]
    return held


@pytest.mark.parametrize("cuts", [[100], [1] * 100, [40, 1, 1, 58], [3, 97]])
@pytest.mark.parametrize("num_sequences", [1, 2])
def test_what_was_fed_in_pieces_comes_back_whole(cuts: list[int], num_sequences: int) -> None:
    held = fed(KeyValueCache(), X_STGE[:num_sequences], cuts)
    assert torch.equal(held, X_STGE[:num_sequences])
    assert held.is_contiguous()


def test_memory_is_taken_as_often_as_the_length_doubles() -> None:
    cache, addresses = KeyValueCache(), set()
    for t in range(100):
        held = fed(cache, X_STGE[:1, t : t + 1], [1])
        addresses.add((held.data_ptr(), cache.keys[0].shape[1]))
    assert len(addresses) == len([1, 2, 4, 8, 16, 32, 64, 128])
    assert torch.equal(held, X_STGE[:1])
