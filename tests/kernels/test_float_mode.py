"""Rule 1: kernels keep subnormals, though the process around them has been told to flush them to zero."""

import numpy as np
import pytest
import torch

from glasswright.kernels import native

SUBNORMAL = np.full(40_000, 1e-40, np.float32)  # several tasks, so that the pool's threads take part
TWICE = (SUBNORMAL[:1] + SUBNORMAL[:1]).view(np.uint32)[0]


@pytest.fixture
def _flushing():
    if not torch.set_flush_denormal(True):
        pytest.skip("did not run: this machine cannot flush subnormals")
    yield
    torch.set_flush_denormal(False)


def flushes() -> bool:
    """Whether arithmetic outside of kernels takes subnormals for zero."""
    return bool((torch.tensor([1e-40]) * torch.tensor([1.0])).item() == 0.0)


@pytest.mark.usefixtures("_flushing")
@pytest.mark.parametrize("num_threads", [1, 3])
def test_kernels_keep_subnormals_in_a_process_that_flushes_them(twins, num_threads):
    out, one = np.empty_like(SUBNORMAL), np.empty(1, np.float32)
    for isa in twins.isas:
        twin = native(isa)
        twin.set_num_threads(num_threads)
        twin.add(SUBNORMAL, SUBNORMAL, out)
        assert (out.view(np.uint32) == TWICE).all()
        twin.tanh(SUBNORMAL, out)
        assert np.array_equal(out.view(np.uint32), SUBNORMAL.view(np.uint32))
        twin.ordered_sum(SUBNORMAL[:2], one)
        assert one.view(np.uint32)[0] == TWICE
        assert flushes(), "the process's own mode was not given back"


@pytest.mark.usefixtures("_flushing")
def test_the_process_really_flushes():
    assert flushes()


def test_the_process_ordinarily_does_not():
    assert not flushes()
