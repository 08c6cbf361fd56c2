"""What kernels take in: nothing that would be read for what it is not, or written where something else lies.

Both sides refuse the same things in the same words: a ValueError that names the argument, what was expected, what was
found. Every argument of every kernel is tried.
"""

import ctypes
import inspect
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tests.kernels.cases import CASES, Draw
from tests.kernels.conftest import first_difference

from glasswright.kernels import definitions, native

torch = pytest.importorskip("torch")

DEFINITIONS = definitions()
N = 5  # the length of a row in every call below

LOOKS = {name for name in CASES if name.startswith("first_")}
# Outputs that may be an input, whole.
IN_PLACE = {
    ("add", "out"): {"a", "b"},
    **{
        (name, "out_N"): {"x_N"} for name in ("exp", "log", "sin", "cos", "sigmoid", "tanh", "erf", "scale", "soft_cap")
    },
    ("rmsnorm_backward", "dx_RD"): {"dout_RD", "x_RD"},
    ("add_rmsnorm", "sum_RD"): {"x_RD", "delta_RD"},
    ("add_rmsnorm_backward", "dx_RD"): {"dsum_RD", "dout_RD", "sum_RD"},
    ("add_layernorm", "sum_RD"): {"x_RD", "delta_RD"},
    ("add_layernorm_backward", "dx_RD"): {"dsum_RD", "dout_RD", "sum_RD"},
    ("add_bias", "out_RN"): {"x_RN"},
    ("rotary", "out_RHE"): {"x_RHE"},
    ("rotary_backward", "dx_RHE"): {"dout_RHE"},
    ("rotary_interleaved", "out_RHE"): {"x_RHE"},
    ("rotary_interleaved_backward", "dx_RHE"): {"dout_RHE"},
    **{(name, "dx_RF"): {"dout_RF", "x_RF"} for name in ("gelu_backward", "gelu_tanh_backward")},
    **{
        (name, out): {"dout_RF", "gate_RF", "up_RF"}
        for name in ("geglu_backward", "geglu_tanh_backward")
        for out in ("dgate_RF", "dup_RF")
    },
    ("swiglu_backward", "dgate_RF"): {"dout_RF", "gate_RF", "up_RF"},
    ("swiglu_backward", "dup_RF"): {"dout_RF", "gate_RF", "up_RF"},
}
WORD = 2**32 - 1
INTEGERS = {
    **{("philox", name): (0, WORD) for name in ("key0", "key1", "counter0", "counter1", "counter2", "counter3")},
    ("uniform", "seed"): (0, 2**64 - 1),
    ("uniform", "purpose"): (0, WORD),
    ("permutation", "seed"): (0, 2**64 - 1),
    ("permutation", "purpose"): (0, WORD),
    ("permutation", "epoch"): (0, WORD),
    ("permutation", "num_items"): (0, 2**31),
    ("attention", "window"): (0, 2**31),
    ("continued_attention", "window"): (0, 2**31),
    ("attention_backward", "window"): (0, 2**31),
    ("rotary_table", "first_position"): (0, 2**24 - 2),
    ("first_not_below", "limit"): (0, 2**64 - 1),
    **{(f"{name}_router", key): (1, 2**24) for name in ("softmax", "sigmoid") for key in ("num_groups", "num_kept")},
    **{(name, "is_normalized"): (0, 1) for name in CASES if "_router" in name},
}


def call_of(kernel: str) -> dict[str, Any]:
    """A sound call, by the names of its arguments; copies, so that each test has its own."""
    names = list(inspect.signature(getattr(DEFINITIONS, kernel)).parameters)
    return dict(zip(names, CASES[kernel](Draw(3, N), N), strict=True))


def results(kernels: Any, kernel: str, call: dict[str, Any]) -> list[np.ndarray]:
    """What a call leaves in its arrays, and what it returns."""
    returned = getattr(kernels, kernel)(*call.values())
    arrays = [np.asarray(x.detach() if isinstance(x, torch.Tensor) else x) for x in call.values() if np.ndim(x)]
    return [*arrays, np.asarray(returned)] if returned is not None else arrays


def outputs_of(kernel: str) -> set[str]:
    """The arguments that the definition writes."""
    call, untouched = call_of(kernel), call_of(kernel)
    getattr(DEFINITIONS, kernel)(*call.values())
    return {name for name in arrays_of(call) if first_difference([untouched[name]], [call[name]])}


def arrays_of(call: dict[str, Any]) -> list[str]:
    return [name for name, value in call.items() if isinstance(value, np.ndarray)]


ARRAYS = [(kernel, name) for kernel in CASES for name in arrays_of(call_of(kernel))]
OUTPUTS = {(kernel, name) for kernel in CASES for name in outputs_of(kernel)}
NUMBERS = [
    (kernel, name)
    for kernel in CASES
    for name, value in call_of(kernel).items()
    if isinstance(value, float) and (kernel, name) not in INTEGERS
]


def refusal(kernels: Any, kernel: str, call: dict[str, Any]) -> str:
    with pytest.raises(ValueError, match=": expected ") as refused:
        getattr(kernels, kernel)(*call.values())
    return str(refused.value)


def refused_alike(kernel: str, call: dict[str, Any]) -> str:
    """In what words the definition and the twin refuse a call."""
    words = refusal(DEFINITIONS, kernel, call)
    assert refusal(native(), kernel, call) == words
    return words


def test_the_table_of_what_may_be_in_place_names_outputs():
    assert set(IN_PLACE) <= OUTPUTS
    assert {(kernel, name) for kernel in CASES for name, value in call_of(kernel).items() if type(value) is int} == set(
        INTEGERS
    )


# ---- one array that is not what it should be


def misplaced(x: np.ndarray) -> np.ndarray:
    memory = np.zeros(x.nbytes + 1, np.uint8)
    copy = memory[1:].view(x.dtype).reshape(x.shape)
    copy[...] = x
    return copy


def every_other(x: np.ndarray) -> np.ndarray:
    return np.repeat(x, 2, axis=-1)[..., ::2]


UNSOUND: list[tuple[Callable[[np.ndarray], Any], str]] = [
    (lambda x: np.zeros(x.shape, np.float64), "got float64"),
    (lambda x: np.zeros(x.shape, np.int16), "got int16"),
    (lambda x: np.zeros(x.shape, np.complex64), "got complex64"),
    (lambda x: torch.zeros(x.shape, dtype=torch.bfloat16), "got bfloat16"),
    (every_other, "not contiguous"),
    (lambda x: torch.from_numpy(every_other(x)), "not contiguous"),
    (lambda x: np.broadcast_to(x.reshape(-1)[:1], (*x.shape[:-1], 3)), "not contiguous"),
    (lambda x: x.tolist(), "got list"),
    (lambda _: "x", "got str"),
    (lambda _: None, "got NoneType"),
    (lambda _: 1.0, "got float"),
    (lambda x: torch._neg_view(torch.from_numpy(x)), "with the negative bit set"),
    (lambda x: torch.zeros(x.shape, dtype=torch.complex64).conj().imag, "with the negative bit set"),
    (lambda x: torch.zeros(x.shape, dtype=torch.complex64).conj(), "got complex64"),
]


@pytest.mark.parametrize(("kernel", "name"), ARRAYS)
def test_an_array_that_is_not_what_it_should_be_is_refused_by_name(kernel, name):
    for spoil, found in UNSOUND:
        call = call_of(kernel)
        if found == "not contiguous" and call[name].size == 1:
            continue  # one element has no gaps
        call[name] = spoil(call[name])
        words = refused_alike(kernel, call)
        assert words.startswith(f"{name}: expected C-contiguous ")
        assert found in words


@pytest.mark.parametrize(("kernel", "name"), ARRAYS)
def test_an_array_that_kernels_cannot_see_is_refused_by_name(kernel, name):
    call = call_of(kernel)
    ordinary = torch.from_numpy(call[name])
    other_order = call[name].astype(call[name].dtype.newbyteorder())
    unseen_ones = [ordinary.to("meta"), torch._efficientzerotensor(ordinary.shape)]
    has_order = call[name].dtype.itemsize > 1
    for unseen in (*unseen_ones, *([other_order] if has_order else [])):
        call[name] = unseen
        for kernels in (DEFINITIONS, native()):
            assert refusal(kernels, kernel, call).startswith(f"{name}: expected C-contiguous ")
    assert not has_order or refusal(DEFINITIONS, kernel, call).endswith("bytes in the other order")


def test_memory_of_another_device_is_refused():
    """A capsule that says so for the twin; for the definition, what a tensor says of itself."""
    capsule = torch.utils.dlpack.to_dlpack(torch.zeros(N))
    get_pointer = ctypes.pythonapi.PyCapsule_GetPointer
    get_pointer.restype, get_pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    device_type = ctypes.c_int32.from_address(get_pointer(capsule, b"dltensor") + 8)  # DLPack's struct: data, device
    device_type.value = 2  # kDLCUDA

    class Elsewhere(SimpleNamespace):
        def is_neg(self) -> bool:
            return False

    tensor = Elsewhere(dtype=torch.float32, shape=(N,), device=torch.device("cuda"))
    refused = {"x_N: expected C-contiguous float32 of any shape, got float32 of shape (5), on another device"}
    assert {refusal(native(), "all_finite", {"x_N": capsule})} == refused
    assert {refusal(DEFINITIONS, "all_finite", {"x_N": tensor})} == refused


@pytest.mark.parametrize(("kernel", "name"), [pair for pair in ARRAYS if pair[0] not in LOOKS])
def test_an_array_between_two_places_is_refused_by_name(kernel, name):
    call = call_of(kernel)
    call[name] = misplaced(call[name])
    assert refused_alike(kernel, call).startswith(f"{name}: expected C-contiguous ")


@pytest.mark.parametrize(("kernel", "name"), sorted(OUTPUTS))
def test_an_output_that_cannot_be_written_is_refused_by_name(kernel, name):
    call = call_of(kernel)
    call[name].flags.writeable = False
    assert refused_alike(kernel, call).endswith("read-only")


@pytest.mark.parametrize(("kernel", "name"), ARRAYS)
def test_a_shape_that_does_not_fit_is_refused_in_the_same_words(kernel, name):
    for spoil in (lambda x: np.stack([x, x]), lambda x: np.concatenate([x, x], axis=-1), lambda x: x[..., 0].copy()):
        call = call_of(kernel)
        call[name] = spoil(call[name])
        outcome = []
        for kernels in (DEFINITIONS, native()):
            try:
                getattr(kernels, kernel)(*call.values())
                outcome.append("taken")
            except ValueError as refused:
                outcome.append(str(refused))
        assert outcome[0] == outcome[1]
        assert outcome[0] == "taken" or ": expected " in outcome[0]


@pytest.mark.parametrize(("kernel", "name"), ARRAYS)
def test_an_endless_array_of_nothing_is_refused_at_once(kernel, name):
    call = call_of(kernel)
    call[name] = np.empty((2**40, *call[name].shape[2:], 0), call[name].dtype)
    words = refused_alike(kernel, call)
    assert words.startswith(f"{name}: expected C-contiguous ")
    assert words.endswith(", empty and too long")


def test_a_long_array_of_nothing_costs_nothing():
    nothing = np.empty((2**30, 2, 0), np.float32)
    for kernels in (DEFINITIONS, native()):
        kernels.rotary(nothing, nothing[:3, 0], nothing[:3, 0], nothing)
        kernels.embedding_backward(nothing[:3, 0], np.zeros(3, np.int64), nothing.reshape(2**31, 0))


# ---- what is taken


@pytest.mark.parametrize("kernel", CASES)
def test_tensors_are_taken_as_arrays_are_parameters_included(kernel):
    wanted = results(DEFINITIONS, kernel, call_of(kernel))
    for kernels in (DEFINITIONS, native()):
        call = {k: torch.from_numpy(v) if isinstance(v, np.ndarray) else v for k, v in call_of(kernel).items()}
        assert first_difference(wanted, results(kernels, kernel, call)) == ""
        call = {k: torch.from_numpy(v) if isinstance(v, np.ndarray) else v for k, v in call_of(kernel).items()}
        for value in call.values():
            if isinstance(value, torch.Tensor) and value.is_floating_point():
                value.requires_grad_()
        assert first_difference(wanted, results(kernels, kernel, call)) == ""


@pytest.mark.parametrize("kernel", CASES)
def test_buffers_are_taken_as_arrays_are(kernel):
    wanted = results(DEFINITIONS, kernel, call_of(kernel))
    for kernels in (DEFINITIONS, native()):
        call = {k: memoryview(v) if isinstance(v, np.ndarray) else v for k, v in call_of(kernel).items()}
        assert first_difference(wanted, results(kernels, kernel, call)) == ""


# ---- arrays that lie in one another


PAIRS = [(kernel, output, other) for kernel, output in sorted(OUTPUTS)
         for other in arrays_of(call_of(kernel)) if other != output]  # fmt: skip


def are_alike(pair: tuple[str, str, str]) -> bool:
    call = call_of(pair[0])
    one, other = call[pair[1]], call[pair[2]]
    return bool(one.shape == other.shape and one.dtype == other.dtype)


def placed(call: dict[str, Any], first: str, second: str, shift: int) -> dict[str, Any]:
    """The call with the second array `shift` elements of its own behind the beginning of the first, in one memory."""
    x, y = call[first], call[second]
    memory = np.zeros(x.nbytes + y.nbytes + 64, np.uint8)
    memory = memory[-memory.ctypes.data % 8 :]
    front = memory[: x.nbytes].view(x.dtype).reshape(x.shape)
    behind = memory[shift * y.itemsize :][: y.nbytes].view(y.dtype).reshape(y.shape)
    behind[...] = y if y.dtype == np.int64 else behind
    front[...] = x
    return {**call, first: front, second: behind}


def last_element(call: dict[str, Any], name: str) -> int:
    return int(call[name].size) - 1


@pytest.mark.parametrize(("kernel", "output", "other"), PAIRS)
def test_an_output_that_lies_in_another_array_is_refused_by_both_names(kernel, output, other):
    for first, second in ((other, output), (output, other)):
        call = call_of(kernel)
        shift = call[first].itemsize * last_element(call, first) // call[second].itemsize  # in the last of the first
        words = refused_alike(kernel, placed(call, first, second, shift))
        assert "expected memory apart from that of " in words
        assert {words.split(":")[0], words.split("that of ")[1].split(",")[0]} == {output, other}


@pytest.mark.parametrize(("kernel", "output", "other"), [pair for pair in PAIRS if are_alike(pair)])
def test_an_output_may_be_the_whole_of_the_inputs_it_says_and_of_no_others(kernel, output, other):
    apart = call_of(kernel)
    if other not in IN_PLACE.get((kernel, output), set()):
        words = refused_alike(kernel, placed(apart, other, output, 0))
        assert {words.split(":")[0], words.split("that of ")[1].split(",")[0]} == {output, other}
        return
    getattr(DEFINITIONS, kernel)(*apart.values())
    for side in (DEFINITIONS, *map(native, native().supported_isas())):
        call = placed(call_of(kernel), other, output, 0)
        getattr(side, kernel)(*call.values())
        assert first_difference([apart[output]], [call[output]]) == ""


@pytest.mark.parametrize("kernel", CASES)
def test_inputs_may_be_one_array(kernel):
    call = call_of(kernel)
    inputs = [name for name in arrays_of(call) if (kernel, name) not in OUTPUTS]
    for name in inputs[1:]:
        if call[name].shape == call[inputs[0]].shape and call[name].dtype == call[inputs[0]].dtype:
            call[name] = call[inputs[0]]
    other = {k: v.copy() if isinstance(v, np.ndarray) else v for k, v in call.items()}
    assert first_difference(results(DEFINITIONS, kernel, call), results(native(), kernel, other)) == ""


# ---- numbers


@pytest.mark.parametrize(("kernel", "name"), INTEGERS)
def test_an_integer_out_of_range_is_refused_by_name(kernel, name):
    low, high = INTEGERS[kernel, name]
    for bad in {low - 1, high + 1, -(2**63), 2**63 - 1, 2**63, 2**64, 2**200, -(2**200)}:
        if low <= bad <= high:
            continue
        words = [refusal(kernels, kernel, {**call_of(kernel), name: bad}) for kernels in (DEFINITIONS, native())]
        assert all(w.startswith((f"{name}: expected ", "counter0 + B - 1: expected ")) for w in words)
    for bad in (1.0, "1", None, [1]):
        assert refused_alike(kernel, {**call_of(kernel), name: bad}).startswith(f"{name}: expected an integer, got ")


@pytest.mark.parametrize(("kernel", "name"), NUMBERS)
def test_what_is_no_number_of_binary32_is_refused_by_name(kernel, name):
    for bad in ("1", None, [1.0], 10**400, np.zeros(2, np.float32)):
        assert refused_alike(kernel, {**call_of(kernel), name: bad}).startswith(f"{name}: expected a number, got ")
    if kernel in LOOKS:
        return
    for bad in (0.1, 1e300, 2.0**-150, 2**24 + 1, np.float64(0.3)):
        words = refused_alike(kernel, {**call_of(kernel), name: bad})
        assert words.startswith(f"{name}: expected a number that is exact in binary32, got ")


@pytest.mark.parametrize("bad", [0, -1, 513, 2**40, 2**70, -(2**70), 1.0, "2", None])
def test_a_senseless_number_of_threads_is_refused(bad):
    with pytest.raises(ValueError, match="num_threads: expected "):
        native().set_num_threads(bad)


@pytest.mark.parametrize("bad", [-1, 8, 2**32, 2**70, 1.0, "2", None])
def test_a_senseless_float_mode_is_refused(bad):
    with pytest.raises(ValueError, match="mode: expected "):
        native().set_float_mode(bad)
    assert native().float_mode() == 0


def test_more_random_numbers_than_a_stream_has_are_refused(tmp_path):
    (tmp_path / "sparse").touch()
    out = np.memmap(tmp_path / "sparse", np.float32, "w+", shape=(2**34 + 1,))
    words = refused_alike("uniform", {**call_of("uniform"), "out_N": out})
    assert words == f"out_N: expected at most {2**34} elements, got {2**34 + 1}"
