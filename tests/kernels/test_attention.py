"""Attention: definition and twin have equal bits, and no batch, cache or number of threads changes one."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glasswright.kernels import attention as definition
from glasswright.kernels import definitions, native

ISAS = native().supported_isas()
# One, around the strips of 4 and 8 rows, the pairs of vectors, and the blocks of 64 keys.
LENGTHS = (1, 2, 3, 4, 5, 7, 8, 9, 15, 17, 31, 33, 63, 64, 65, 90, 129)
CACHED = (0, 0, 0, 1, 5, 63, 64, 70)
HEADS = ((1, 1), (2, 1), (4, 2), (3, 3))
HEAD_DIMS = (1, 3, 16, 17, 32, 48, 64, 65, 100)
# None, narrower than a strip of rows, around blocks, and wider than any text here.
WINDOWS = (0, 0, 1, 2, 5, 8, 63, 64, 65, 100, 128, 2**31)
SPECIALS = np.array([0.0, -0.0, 1e-45, -1e-45, 1e-39, 1e-20, -1e-20, 1.0, -1.0, 20.0, -90.0, 3e38, np.inf], np.float32)


@pytest.fixture(autouse=True)
def _restore_kernels():
    yield
    native().set_num_threads(1)
    native(ISAS[-1])


def bits(x):
    """Bit patterns, every NaN as one."""
    return np.where(np.isnan(x), np.uint32(0x7FC00000), x.view(np.uint32))


def misaligned(shape, offset):
    """A float32 array of NaN that starts `offset` floats after a 64-byte boundary."""
    size = int(np.prod(shape))
    memory = np.full(size + 32, np.nan, np.float32)
    start = (-memory.ctypes.data // 4) % 16 + offset
    return memory[start : start + size].reshape(shape)


def case(S=1, T=70, H=2, G=1, E=16, cached=0, seed=0, offset=0, values=None, F=None, window=0, soft_cap=0.0):
    """Inputs of one call, T queries after `cached` keys."""
    rng = np.random.default_rng(seed)
    F = E if F is None else F
    shapes = {"q": (S, T, H, E), "k": (S, T + cached, G, E), "v": (S, T + cached, G, F), "dout": (S, T, H, F)}
    x = SimpleNamespace(rule=(float(np.float32(E**-0.5)), window, soft_cap))
    for name, shape in shapes.items():
        drawn = misaligned(shape, offset)
        drawn[...] = 2 * rng.standard_normal(shape) if values is None else rng.choice(values, shape)
        setattr(x, name, drawn)
    return x


def forward(kernels, x, offset=0):
    S, T, H, _ = x.q.shape
    out, logsumexp = misaligned((S, T, H, x.v.shape[3]), offset), misaligned((S, H, T), offset)
    kernels.attention(x.q, x.k, x.v, *x.rule, out, logsumexp)
    return out, logsumexp


def run(kernels, x, offset=0):
    """Everything the kernels write, by name; the gradient too where there are as many queries as keys."""
    out, logsumexp = forward(kernels, x, offset)
    if x.q.shape[1] < x.k.shape[1]:
        return {"out": out, "logsumexp": logsumexp}
    dq, dk, dv = (misaligned(y.shape, offset) for y in (x.q, x.k, x.v))
    kernels.attention_backward(x.dout, x.q, x.k, x.v, out, logsumexp, *x.rule, dq, dk, dv)
    return {"out": out, "logsumexp": logsumexp, "dq": dq, "dk": dk, "dv": dv}


def differing(found, wanted):
    """The names under which two results have different bits."""
    return {name for name in wanted if not np.array_equal(bits(found[name]), bits(wanted[name]))}


def assert_twin_agrees(x, threads=1, offset=0):
    wanted = run(definitions(), x)
    for isa in ISAS:
        twin = native(isa)
        twin.set_num_threads(threads)
        assert not differing(run(twin, x, offset), wanted), isa


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    S=st.integers(1, 2),
    T=st.sampled_from(LENGTHS),
    cached=st.sampled_from(CACHED),
    heads=st.sampled_from(HEADS),
    E=st.sampled_from(HEAD_DIMS),
    F=st.sampled_from((None, *HEAD_DIMS)),
    window=st.sampled_from(WINDOWS),
    soft_cap=st.sampled_from((0.0, 0.0, 2.0, 50.0)),
    threads=st.integers(1, 3),
    offset=st.integers(0, 3),
    seed=st.integers(0, 99),
)
def test_twin_is_bit_equal_at_every_edge(S, T, cached, heads, E, F, window, soft_cap, threads, offset, seed):
    H, G = heads
    assert_twin_agrees(case(S, T, H, G, E, cached, seed, offset, None, F, window, soft_cap), threads, offset)


@pytest.mark.parametrize("window", [1, 3, 4, 7, 8, 9, 62, 63, 64, 65, 66, 127, 128, 129, 200])
def test_twin_is_bit_equal_for_windows_around_strips_and_blocks(window):
    assert_twin_agrees(case(T=200, H=2, G=1, E=5, F=7, window=window), threads=3)
    assert_twin_agrees(case(T=3, H=2, G=1, E=5, F=7, window=window, cached=190))


@pytest.mark.parametrize("shape", [(0, 5, 2, 1, 4), (2, 0, 2, 1, 4), (1, 5, 0, 1, 4)])
def test_nothing_to_attend_is_no_error(shape):
    assert_twin_agrees(case(*shape))


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_both_cuts_of_the_gradient_are_bit_equal(threads):
    """Two key/value heads: one task each for one or two threads, tasks by tile for three."""
    assert_twin_agrees(case(S=1, T=150, H=4, G=2, E=24), threads)
    assert_twin_agrees(case(S=1, T=150, H=4, G=2, E=24, F=40, window=70, soft_cap=2.0), threads)


@pytest.mark.parametrize("seed", range(5))
def test_twin_is_bit_equal_for_zeros_subnormals_and_infinities(seed):
    assert_twin_agrees(case(T=70, E=5, seed=seed, values=SPECIALS))
    assert_twin_agrees(case(T=70, E=5, seed=seed, values=SPECIALS[:9]))
    assert_twin_agrees(case(T=90, E=5, seed=seed, values=SPECIALS, window=67))
    assert_twin_agrees(case(T=70, E=5, seed=seed, values=SPECIALS, soft_cap=20.0))


@pytest.mark.parametrize("soft_cap", [2.0**-149, -3.0, np.inf, np.nan])
def test_twin_is_bit_equal_under_any_cap(soft_cap):
    assert_twin_agrees(case(T=70, E=5, soft_cap=soft_cap))


@pytest.mark.parametrize("rule", [{}, {"window": 66, "soft_cap": 3.0, "F": 9}])
@pytest.mark.parametrize("isa", ISAS)
def test_continuing_from_any_prefix_gives_the_bits_of_the_whole(isa, rule):
    twin = native(isa)
    x = case(S=2, T=135, E=20, **rule)
    out, logsumexp = forward(twin, x)
    for first in range(135):
        rest = SimpleNamespace(q=x.q[:, first:].copy(), k=x.k, v=x.v, rule=x.rule)
        token = SimpleNamespace(
            q=x.q[:, first : first + 1].copy(),
            k=x.k[:, : first + 1].copy(),
            v=x.v[:, : first + 1].copy(),
            rule=x.rule,
        )
        for part, rows in ((rest, slice(first, None)), (token, slice(first, first + 1))):
            part_out, part_logsumexp = forward(twin, part)
            assert np.array_equal(bits(part_out), bits(out[:, rows])), first
            assert np.array_equal(bits(part_logsumexp), bits(logsumexp[:, :, rows])), first


@pytest.mark.parametrize("isa", ISAS)
def test_a_sequence_has_the_same_bits_alone_and_in_a_batch(isa):
    twin = native(isa)
    x = case(S=3, T=80, H=4, G=2)
    together = run(twin, x)
    for s in range(3):
        alone = SimpleNamespace(rule=x.rule, **{n: vars(x)[n][s : s + 1].copy() for n in ("q", "k", "v", "dout")})
        assert not differing(run(twin, alone), {n: y[s : s + 1] for n, y in together.items()}), s


@pytest.mark.parametrize("kernels", ["definition", *ISAS])
@pytest.mark.parametrize("unseen", [np.nan, np.inf])
def test_a_key_that_is_not_seen_is_never_met(kernels, unseen):
    kernels = definitions() if kernels == "definition" else native(kernels)
    x = case(T=75, H=1)
    out, logsumexp = forward(kernels, x)
    x.k[:, 70:] = x.v[:, 70:] = unseen
    part_out, part_logsumexp = forward(kernels, x)
    assert np.array_equal(bits(part_out[:, :70]), bits(out[:, :70]))
    assert np.array_equal(bits(part_logsumexp[:, :, :70]), bits(logsumexp[:, :, :70]))
    assert np.isnan(part_out[:, 70:]).all()


@pytest.mark.parametrize("kernels", ["definition", *ISAS])
@pytest.mark.parametrize("unseen", [np.nan, np.inf])
def test_a_key_that_has_left_the_window_is_never_met(kernels, unseen):
    kernels = definitions() if kernels == "definition" else native(kernels)
    x = case(T=150, H=1, window=66)
    wanted = run(kernels, x)
    x.k[:, :20] = x.v[:, :20] = unseen
    x.dout[:, : 20 + 65] = 0  # whose gradient is that of the queries that see none of them
    found, of_others = run(kernels, x), slice(20 + 65, None)
    assert np.array_equal(bits(found["out"][:, of_others]), bits(wanted["out"][:, of_others]))
    assert np.array_equal(bits(found["logsumexp"][:, :, of_others]), bits(wanted["logsumexp"][:, :, of_others]))
    assert np.array_equal(bits(found["dq"][:, of_others]), bits(wanted["dq"][:, of_others]))
    assert np.isnan(found["out"][:, : 20 + 65]).all()


@pytest.mark.parametrize("kernels", ["definition", *ISAS])
def test_a_window_as_wide_as_the_text_is_none(kernels):
    kernels = definitions() if kernels == "definition" else native(kernels)
    wanted = run(kernels, case(T=90))
    assert not differing(run(kernels, case(T=90, window=90)), wanted)
    assert differing(run(kernels, case(T=90, window=89)), wanted)


@pytest.mark.parametrize("isa", ISAS)
def test_a_nan_in_a_query_reaches_its_row_and_the_keys_it_sees(isa):
    x = case(T=75, H=1)
    x.q[0, 66, 0, 3] = np.nan
    found = run(native(isa), x)
    for name in ("out", "dq"):
        assert np.array_equal(np.isnan(found[name]).any(axis=(0, 2, 3)), np.arange(75) == 66), name
    for name in ("dk", "dv"):
        assert np.array_equal(np.isnan(found[name]).any(axis=(0, 2, 3)), np.arange(75) <= 66), name


# ---- sabotage: each change must be noticed


@pytest.mark.parametrize("name", ["q", "k", "v", "dout"])
@pytest.mark.parametrize("isa", ISAS)
def test_one_ulp_in_one_input_is_noticed(isa, name):
    x = case(T=75)
    wanted = run(definitions(), x)
    changed = vars(x)[name].reshape(-1)
    largest = abs(changed).argmax()
    changed[largest] = np.nextafter(changed[largest], np.float32(0))
    assert differing(run(native(isa), x), wanted)


@pytest.mark.parametrize("isa", ISAS)
def test_another_order_over_the_head_dimension_is_noticed(isa):
    x = case(T=75)
    wanted = run(definitions(), x)
    order = np.r_[1, 0, 2:16]
    x.q, x.k = np.ascontiguousarray(x.q[..., order]), np.ascontiguousarray(x.k[..., order])
    assert {"out", "logsumexp", "dv"} <= differing(run(native(isa), x), wanted)


@pytest.mark.parametrize("isa", ISAS)
def test_another_order_of_keys_is_noticed(isa):
    x = case(T=75)
    wanted = run(definitions(), x)
    order = np.r_[2, 1, 0, 3:75]
    x.k, x.v = np.ascontiguousarray(x.k[:, order]), np.ascontiguousarray(x.v[:, order])
    out, logsumexp = forward(native(isa), x)  # from the third query on, the same sums in another order
    assert not np.array_equal(out[:, 3:], wanted["out"][:, 3:])
    assert not np.array_equal(logsumexp[:, :, 3:], wanted["logsumexp"][:, :, 3:])
    assert np.allclose(out[:, 3:], wanted["out"][:, 3:], atol=1e-4)


@pytest.mark.parametrize("isa", ISAS)
def test_another_order_of_the_heads_of_a_group_is_noticed(isa):
    x = case(T=75, H=4, G=2)
    wanted = run(definitions(), x)
    order = [1, 0, 2, 3]
    x.q, x.dout = np.ascontiguousarray(x.q[:, :, order]), np.ascontiguousarray(x.dout[:, :, order])
    found = run(native(isa), x)
    assert np.array_equal(bits(found["out"][:, :, order]), bits(wanted["out"]))
    assert np.array_equal(bits(found["dq"][:, :, order]), bits(wanted["dq"]))
    assert {"dk", "dv"} <= differing(found, wanted)


@pytest.mark.parametrize("isa", ISAS)
def test_another_block_length_is_noticed(isa, monkeypatch):
    x = case(T=150)
    monkeypatch.setattr(definition, "BLOCK", 32)
    assert {"out", "logsumexp"} <= differing(run(native(isa), x), run(definition, x))


@pytest.mark.parametrize("isa", ISAS)
def test_scaling_after_the_product_is_noticed(isa, monkeypatch):
    x = case(T=75, E=24)
    logits = definition._logits
    monkeypatch.setattr(definition, "_logits", lambda q, k, scale: logits(q, k, np.float32(1)) * scale)
    assert {"out", "logsumexp"} <= differing(run(native(isa), x), run(definition, x))


@pytest.mark.parametrize("isa", ISAS)
def test_a_window_one_wider_is_noticed(isa):
    assert differing(run(native(isa), case(T=75, window=9)), run(definitions(), case(T=75, window=10)))


@pytest.mark.parametrize("isa", ISAS)
def test_a_cap_that_multiplies_by_a_reciprocal_is_noticed(isa, monkeypatch):
    x = case(T=75, E=24, soft_cap=3.0)
    tanh_of = definition.tanh_of
    third = np.float32(1) / np.float32(3)
    monkeypatch.setattr(definition, "_cap", lambda logit, cap: (cap * tanh_of(logit * third), None))
    assert {"out", "logsumexp"} <= differing(run(native(isa), x), run(definition, x))


# ---- against exact arithmetic


def exact_forward(x, to=np.float64):
    """(logit, weight, out) in float64, axes SHTU, SHTU, STHE."""
    q, k, v = (to(y) for y in (x.q, x.k, x.v))
    group = q.shape[2] // k.shape[2]
    k, v = k.repeat(group, axis=2), v.repeat(group, axis=2)
    scale, window, soft_cap = x.rule
    logit = np.einsum("sthe,suhe->shtu", q, k) * scale
    logit = logit if soft_cap == 0 else soft_cap * np.tanh(logit / soft_cap)
    seen = seen_by(window, logit.shape[3])
    weight = np.where(seen, np.exp(logit - logit.max(axis=3, keepdims=True, where=seen, initial=-np.inf)), 0)
    weight /= weight.sum(axis=3, keepdims=True)
    return logit, weight, np.einsum("shtu,suhe->sthe", weight, v)


def seen_by(window, T):
    """Whether query t sees key u: (T, T)."""
    behind = np.subtract.outer(np.arange(T), np.arange(T))
    return (behind >= 0) & (behind < (window or T))


def exact_gradients(x):
    """float64 autograd of torch."""
    torch = pytest.importorskip("torch", reason="did not run: torch is not installed")
    q, k, v = (torch.tensor(y, dtype=torch.float64, requires_grad=True) for y in (x.q, x.k, x.v))
    group = q.shape[2] // k.shape[2]
    scale, window, soft_cap = x.rule
    logit = torch.einsum("sthe,suhe->shtu", q, k.repeat_interleave(group, 2)) * scale
    logit = logit if soft_cap == 0 else soft_cap * torch.tanh(logit / soft_cap)
    unseen = ~torch.from_numpy(seen_by(window, logit.shape[3]))
    weight = torch.softmax(logit.masked_fill(unseen, -torch.inf), dim=3)
    out = torch.einsum("shtu,suhe->sthe", weight, v.repeat_interleave(group, 2))
    out.backward(torch.tensor(x.dout, dtype=torch.float64))
    return {"dq": q.grad.numpy(), "dk": k.grad.numpy(), "dv": v.grad.numpy()}


def error_bounds(x):
    """What rounding can do, to first order in u = 2^-24, as in Higham 2002, section 3.1.

    A chain of n terms errs by at most n u times the sum of its terms' sizes; exp and log by 2 u of their value
    (docs/numerics.md). `shift` bounds the error of a logit less the maximum, and with it the relative error of a
    weight; each of the blocks adds a rescaling (a difference, an exp, two products). A cap adds the errors of its
    quotient, tanh (1 u) and product to a logit, and its slope, whose own error is that of a square.
    """
    u = 2.0**-24
    S, T, H, E = x.q.shape
    G, group, blocks = x.k.shape[2], H // x.k.shape[2], -(-T // 64)
    logit, weight, out = exact_forward(x)
    k, v = (abs(y).astype(np.float64).repeat(group, axis=2) for y in (x.k, x.v))
    q, dout = abs(x.q).astype(np.float64) * x.rule[0], abs(x.dout).astype(np.float64)
    largest = abs(logit).max() + np.log(T)
    shift = u * ((E + 1) * np.einsum("sthe,suhe->shtu", q, k).max() + 2 * largest)
    soft_cap, of_slope = x.rule[2], 0.0
    if soft_cap != 0:
        shift += 4 * u * largest
        of_slope = 2 * (shift / soft_cap + 2 * u) + 2 * u
    of_sums = shift + u * (T + 7 + 2 + blocks * (2 * largest + 4))
    of_out = (2 * of_sums + 2 * u) * v.max()
    of_logsumexp = of_sums + 3 * u * largest
    of_weight = shift + of_logsumexp + 2 * u

    dweight = np.einsum("sthe,suhe->shtu", dout, v)
    delta = np.einsum("sthe,sthe->sht", dout, abs(out))[..., None]
    of_delta = (of_out * dout.sum(axis=3) + 8 * u * np.einsum("sthe,sthe->sth", dout, abs(out))).transpose(0, 2, 1)
    dlogit = weight * (dweight + delta)
    of_dlogit = (of_weight + of_slope + 3 * u) * dlogit + weight * (x.v.shape[3] * u * dweight + of_delta[..., None])
    of_chain = of_dlogit + (T * group + 2) * u * dlogit
    return {
        "out": of_out,
        "logsumexp": of_logsumexp,
        "dq": x.rule[0] * np.einsum("shtu,suhe->sthe", of_chain, k),
        "dk": np.einsum("shtu,sthe->suhe", of_chain, q).reshape(S, T, G, group, E).sum(axis=3),
        "dv": (of_weight + T * group * u)
        * np.einsum("shtu,sthe->suhe", weight, dout).reshape(S, T, G, group, -1).sum(axis=3),
    }


@pytest.mark.parametrize("isa", ISAS)
@pytest.mark.parametrize("rule", [{}, {"window": 30}, {"soft_cap": 4.0}, {"window": 70, "soft_cap": 2.0, "F": 24}])
@pytest.mark.parametrize("T", [1, 50, 200])
def test_results_stay_within_rounding_of_exact_ones(isa, T, rule):
    x = case(T=T, H=4, G=2, E=32, **rule)
    logit, _, out = exact_forward(x)
    seen = seen_by(x.rule[1], T)
    logsumexp = np.log(np.where(seen, np.exp(logit), 0).sum(axis=3))
    exact = {"out": out, "logsumexp": logsumexp, **exact_gradients(x)}
    found, bound = run(native(isa), x), error_bounds(x)
    for name in exact:
        assert (abs(found[name] - exact[name]) <= bound[name]).all(), name


@pytest.mark.parametrize("rule", [{}, {"window": 30, "soft_cap": 4.0, "F": 24}])
@pytest.mark.parametrize("name", ["q", "k", "v"])
def test_gradients_agree_with_central_differences(name, rule):
    x = case(S=1, T=70, H=4, G=2, E=16, **rule)
    gradient, bound = run(native(), x)["d" + name], error_bounds(x)["d" + name]
    direction = np.random.default_rng(5).standard_normal(gradient.shape)

    def difference(step):
        losses = []
        for sign in (1, -1):
            moved = SimpleNamespace(**vars(x))
            setattr(moved, name, vars(x)[name] + sign * step * direction)
            losses.append(np.sum(exact_forward(moved)[2] * x.dout))
        return (losses[0] - losses[1]) / (2 * step)

    coarse, fine = difference(2.0**-12), difference(2.0**-13)  # the error of `fine` is a third of what they differ by
    assert abs(np.sum(gradient * direction) - fine) <= np.sum(bound * abs(direction)) + abs(coarse - fine)


# ---- at the door


@pytest.mark.parametrize("kernels", ["definition", "twin"])
def test_arrays_that_do_not_fit_are_refused_by_name(kernels):
    kernels = definitions() if kernels == "definition" else native()
    x, rule = case(T=5, H=4, G=2, E=3), (0.5, 0, 0.0)
    out, logsumexp = np.empty_like(x.q), np.empty((1, 4, 5), np.float32)
    with pytest.raises(ValueError, match="heads that divides the 3 of q, got 2"):
        kernels.attention(x.q[:, :, :3].copy(), x.k, x.v, *rule, out[:, :, :3].copy(), logsumexp[:, :3].copy())
    with pytest.raises(ValueError, match="at least the 5 positions of q, got 4"):
        kernels.attention(x.q, x.k[:, :4].copy(), x.v[:, :4].copy(), *rule, out, logsumexp)
    with pytest.raises(ValueError, match="v_SUGF"):
        kernels.attention(x.q, x.k, x.v[:, :4].copy(), *rule, out, logsumexp)
    with pytest.raises(ValueError, match=r"logsumexp_SHT.*\(1, 4, 5\).*\(1, 5, 4\)"):
        kernels.attention(x.q, x.k, x.v, *rule, out, np.empty((1, 5, 4), np.float32))
    with pytest.raises(ValueError, match="scale.*exact in binary32"):
        kernels.attention(x.q, x.k, x.v, 0.1, 0, 0.0, out, logsumexp)
    with pytest.raises(ValueError, match="dk_STGE"):
        kernels.attention_backward(x.dout, x.q, x.k, x.v, out, logsumexp, *rule, out.copy(), out.copy(), x.v.copy())


# ---- continued from memory


def continued(kernels, x, cached, room):
    """What `continued_attention` writes, its keys and values after NaN where nothing was fed."""
    S, T, H, _ = x.q.shape
    keys, values = (np.full((S, room, *y.shape[2:]), np.nan, np.float32) for y in (x.k, x.v))
    keys[:, :cached], values[:, :cached] = x.k[:, :cached], x.v[:, :cached]
    out, logsumexp = np.empty((S, T, H, x.v.shape[3]), np.float32), np.empty((S, H, T), np.float32)
    new = x.k[:, cached:].copy(), x.v[:, cached:].copy()
    kernels.continued_attention(x.q, *new, np.array([cached]), *x.rule, keys, values, out, logsumexp)
    return {"out": out, "logsumexp": logsumexp}, {"keys": keys, "values": values}


@pytest.mark.parametrize("cached", [0, 1, 63, 64, 70])
@pytest.mark.parametrize("rule", [{}, {"window": 66, "soft_cap": 3.0, "F": 9}])
@pytest.mark.parametrize("isa", ["definition", *ISAS])
def test_continuing_from_memory_is_attention_over_all_that_was_fed(isa, rule, cached):
    kernels = definitions() if isa == "definition" else native(isa)
    x = case(S=2, T=3, H=4, G=2, E=7, cached=cached, **rule)
    written, kept = continued(kernels, x, cached, cached + 5)
    assert not differing(written, run(kernels, x) if cached else dict(zip(written, forward(kernels, x), strict=True)))
    for name, whole in (("keys", x.k), ("values", x.v)):
        assert np.array_equal(kept[name][:, : cached + 3], whole)
        assert np.isnan(kept[name][:, cached + 3 :]).all()


def test_a_key_that_was_kept_one_place_off_shows():
    x = case(S=1, T=3, E=7, cached=5)
    _, kept = continued(native(), x, 5, 9)
    assert not np.array_equal(kept["keys"][:, 1:9], x.k)


@pytest.mark.parametrize("isa", ["definition", "twin"])
@pytest.mark.parametrize("position", [-1, 6, 2**62])
def test_positions_beyond_the_room_are_refused(isa, position):
    kernels, x = definitions() if isa == "definition" else native(), case(S=1, T=3, E=7)
    memory, out = np.zeros((1, 8, 1, 7), np.float32), np.empty((1, 3, 2, 7), np.float32)
    with pytest.raises(
        ValueError, match=f"position_1: expected 3 positions within the 8 of keys_SCGE, got 3 from {position}"
    ):
        kernels.continued_attention(
            x.q, x.k, x.v, np.array([position]), *x.rule, memory, memory.copy(), out, np.empty((1, 2, 3), np.float32)
        )
