"""Muon: twin and definition agree in every bit, and the update is an orthogonalized one of AdamW's size."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glasswright.kernels import definitions, native

ISAS = native().supported_isas()
RATES = {"clip": 0.75, "learning_rate": 0.0078125, "momentum_beta": 0.9375, "weight_decay": 0.125}


@pytest.fixture(autouse=True)
def _restore_kernels():
    yield
    native().set_num_threads(1)
    native(ISAS[-1])


def bits(x):
    """Bit patterns, every NaN as one."""
    return np.where(np.isnan(x), np.uint32(0x7FC00000), x.view(np.uint32))


def matrices(M, N, seed, size=1.0):  # (param, grad, momentum)
    rng = np.random.default_rng(seed)
    return [(rng.standard_normal((M, N)) * s).astype(np.float32) for s in (1.0, size, size)]


def run(kernels, param, grad, momentum, **rates):
    """(param, momentum) after one step."""
    param, momentum = param.copy(), momentum.copy()
    kernels.muon(param, grad, momentum, **(RATES | rates))
    return param, momentum


def assert_twin_agrees(param, grad, momentum, threads=1):
    wanted = run(definitions(), param, grad, momentum)
    for isa in ISAS:
        twin = native(isa)
        twin.set_num_threads(threads)
        for name, got, expected in zip(("param", "momentum"), run(twin, param, grad, momentum), wanted, strict=True):
            assert np.array_equal(bits(got), bits(expected)), (isa, name)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    M=st.sampled_from((0, 1, 2, 13, 16, 17, 33, 50)),
    N=st.sampled_from((0, 1, 2, 13, 16, 17, 33, 50)),
    threads=st.integers(1, 3),
    seed=st.integers(0, 99),
)
def test_twin_is_bit_equal_at_every_edge(M, N, threads, seed):
    assert_twin_agrees(*matrices(M, N, seed), threads)


@pytest.mark.parametrize("shape", [(70, 530), (530, 70), pytest.param((300, 290), marks=pytest.mark.slow)])
def test_twin_is_bit_equal_across_chunks_and_blocks(shape):
    assert_twin_agrees(*matrices(*shape, seed=1), threads=3)


@pytest.mark.parametrize("shape", [(300, 290), (290, 700)])
def test_twins_agree_across_blocks_of_the_mirrored_triangle(shape):
    inputs = matrices(*shape, seed=1)
    digests = set()
    for isa in ISAS:
        for threads in (1, 3):
            twin = native(isa)
            twin.set_num_threads(threads)
            digests.add(run(twin, *inputs)[0].tobytes())
    assert len(digests) == 1


@pytest.mark.parametrize("size", [0.0, 1e-38, 1e-22, 1e15, 1e30, np.inf, np.nan])
def test_twin_is_bit_equal_for_gradients_of_any_size(size):
    with np.errstate(all="ignore"):
        assert_twin_agrees(*matrices(20, 40, seed=2, size=size))


@pytest.mark.parametrize("which", [0, 1, 2])
def test_one_ulp_in_one_element_is_noticed(which):
    inputs = matrices(20, 40, seed=3)
    wanted = run(definitions(), *inputs)
    inputs[which][3, 4] = np.nextafter(inputs[which][3, 4], np.float32(9))
    for isa in ISAS:
        got = run(native(isa), *inputs)
        assert not all(np.array_equal(bits(a), bits(b)) for a, b in zip(got, wanted, strict=True)), isa


@pytest.mark.parametrize("rate", sorted(RATES))
def test_one_ulp_in_one_rate_is_noticed(rate):
    inputs = matrices(20, 40, seed=4)
    wanted = run(definitions(), *inputs)
    other = {rate: float(np.nextafter(np.float32(RATES[rate]), np.float32(9)))}
    for isa in ISAS:
        got = run(native(isa), *inputs, **other)
        assert not all(np.array_equal(bits(a), bits(b)) for a, b in zip(got, wanted, strict=True)), isa


@pytest.mark.parametrize("shape", [(48, 80), (80, 48), (64, 64)])
def test_singular_values_of_the_update_are_near_one_and_its_size_is_adamws(shape):
    param, grad, momentum = matrices(*shape, seed=5)
    moved, _ = run(native(), param, grad, momentum * 0, learning_rate=1.0, weight_decay=0.0)
    update = (param.astype(np.float64) - moved) / (0.2 * np.sqrt(max(shape)))
    values = np.linalg.svd(update, compute_uv=False)
    # The quintic's band after five steps (Jordan 2024), for values of the normalised matrix above about 0.01.
    assert (values[values > 0.5] > 0.65).all()
    assert values.max() < 1.25
    assert (values > 0.5).mean() > 0.95
    assert 0.15 < np.sqrt(np.mean((param - moved) ** 2)) < 0.25


def test_update_has_the_singular_vectors_of_the_nesterov_momentum():
    param, grad, momentum = matrices(30, 50, seed=6)
    moved, _ = run(native(), param, grad, momentum, weight_decay=0.0)
    g = 0.75 * grad.astype(np.float64)
    u = 0.9375 * (0.9375 * momentum + g) + g
    left, values, right = np.linalg.svd(u, full_matrices=False)
    x = values / np.sqrt((values**2).sum())
    for _ in range(5):
        x = 3.4445 * x - 4.7750 * x**3 + 2.0315 * x**5
    wanted = param - 0.0078125 * 0.2 * np.sqrt(50) * (left * x) @ right
    # Five products in binary32 of matrices with elements below 1, moved by a rate of 0.01.
    assert abs(moved - wanted).max() < 1e-6


def test_weight_decay_shrinks_the_parameter_alone():
    param, grad, momentum = matrices(20, 40, seed=7)
    moved, same = run(native(), param, grad * 0, momentum * 0)
    assert np.allclose(moved, param * (1 - 0.0078125 * 0.125), rtol=2.0**-23, atol=0)
    assert not same.any()


def test_a_transposed_parameter_gets_the_transposed_update():
    param, grad, momentum = matrices(20, 40, seed=8)
    # Not bit for bit: the norm adds the elements in the order in which they lie.
    wide = run(native(), param, grad, momentum)[0]
    tall = run(native(), *(np.ascontiguousarray(x.T) for x in (param, grad, momentum)))[0]
    assert np.allclose(wide, tall.T, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kernels", ["definition", "twin"])
def test_arguments_that_do_not_fit_are_refused_by_name(kernels):
    chosen = definitions() if kernels == "definition" else native()
    param, grad, momentum = matrices(4, 6, seed=9)
    with pytest.raises(ValueError, match="grad_MN: expected"):
        run(chosen, param, grad.T.copy(), momentum)
    with pytest.raises(ValueError, match="momentum_MN: expected"):
        run(chosen, param, grad, momentum[:3].copy())
    with pytest.raises(ValueError, match="learning_rate: expected a number that is exact in binary32"):
        run(chosen, param, grad, momentum, learning_rate=0.1)
