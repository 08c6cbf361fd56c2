"""Where kernels run is decided by the tensor, and by GLASSWRIGHT_KERNELS at the moment a kernel is asked for."""

import ctypes
from contextlib import nullcontext

import numpy as np
import pytest

from glasswright import kernels
from glasswright.errors import Misuse
from glasswright.kernels import backends
from glasswright.kernels.backends.cpu import Cpu
from glasswright.kernels.backends.definition import Definition

torch = pytest.importorskip("torch")


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch):
    return lambda name: monkeypatch.setenv("GLASSWRIGHT_KERNELS", name)


def test_the_variable_is_read_when_a_kernel_is_asked_for(use) -> None:
    x = torch.ones(3)
    use("")
    assert isinstance(backends.of(x), Cpu)
    use("definition")
    assert isinstance(backends.of(x), Definition)
    for isa in kernels.native().supported_isas():
        use(isa)
        backends.of(x).kernel("add")(x, x, torch.empty(3))
        assert kernels.native().active_isa() == isa


@pytest.mark.parametrize("name", ["definition", "generic"])
def test_the_numerics_that_are_followed_say_which_kernel_it_is(use, name: str) -> None:
    use(name)
    x, found = torch.linspace(-3, 3, 49).exp().reshape(7, 7), {}
    for version in (1, 2, None):  # None: outside
        with backends.following(version) if version else nullcontext():
            found[version] = torch.empty(7, 7)
            backends.of(x).kernel("matmul_nn")(x, x, found[version])
    by_integers = np.empty((7, 7), np.float32)
    kernels.definitions().integer_matmul_nn(x.numpy(), x.numpy(), by_integers)
    assert np.array_equal(found[2].numpy(), by_integers)
    assert not torch.equal(found[1], found[2])
    assert torch.equal(found[1], found[None])


@pytest.mark.parametrize("name", ["avx1024", "Definition", "all"])
def test_a_name_that_is_none_is_misuse_that_says_which_there_are(use, name: str) -> None:
    use(name)
    for ask in (lambda: backends.on("cpu"), kernels.active):
        with pytest.raises(Misuse, match=f"GLASSWRIGHT_KERNELS={name}: ") as refused:
            ask()
        assert ", ".join(["definition", *kernels.native().supported_isas()]) in str(refused.value.hint)


def test_a_device_without_kernels_is_misuse() -> None:
    with pytest.raises(Misuse, match="no kernels compute on the device mps"):
        backends.on("mps")


@pytest.mark.parametrize("name", ["definition", "generic"])
def test_tensors_go_in_as_they_are(use, name: str) -> None:
    """Parameters, views and several axes: the kernel sees their memory and writes to it."""
    use(name)
    parameter = torch.nn.Parameter(torch.ones(2, 3))
    rows = torch.arange(12, dtype=torch.float32).reshape(4, 3)
    backends.of(parameter).kernel("add")(parameter, rows[2:], rows[:2])
    assert np.array_equal(rows[:2].numpy(), rows[2:].numpy() + 1)


@pytest.mark.parametrize("name", ["definition", "generic"])
@pytest.mark.parametrize(
    "tensor",
    [torch.ones(3, 2).t(), torch.ones(2, 3, dtype=torch.float64), torch.ones(2, 3, dtype=torch.int64)],
    ids=["not contiguous", "float64", "int64"],
)
def test_what_a_kernel_cannot_read_is_refused(use, name: str, tensor) -> None:
    use(name)
    out = torch.empty(2, 3)
    with pytest.raises((TypeError, ValueError)):
        backends.of(out).kernel("add")(tensor, torch.ones(2, 3), out)


def test_a_view_that_negates_is_refused(use) -> None:
    use("")
    negated = torch._neg_view(torch.ones(3))
    with pytest.raises(ValueError, match="a view that negates"):
        backends.of(negated).kernel("add")(negated, negated, torch.empty(3))


def test_definition_and_twin_write_the_same_bits(use) -> None:
    x = torch.linspace(-3, 3, 50)
    found = []
    for name in ("definition", "generic"):
        use(name)
        out = backends.of(x).empty(50)
        backends.of(x).kernel("tanh")(x, out)
        found.append(out.numpy().tobytes())
    assert found[0] == found[1]
    assert found[0] != torch.tanh(x).numpy().tobytes()


def test_room_for_an_array_begins_at_a_line_of_the_cache() -> None:
    cpu = backends.on("cpu")
    shapes = [(0, 3), (1,), (3, 5), (7, 11, 13), (2, 3), (1000, 1000)]
    rooms = [cpu.empty(*shape) for shape in shapes]
    assert [tuple(room.shape) for room in rooms] == shapes
    assert [room.data_ptr() % 64 for room in rooms if room.numel()] == [0] * 5


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="did not run: the C library is not glibc")
def test_an_array_takes_the_place_of_a_freed_one_of_its_size(use) -> None:
    """Training keeps some arrays and frees others between them: holes that nothing fits would be held for good."""
    use("")
    cpu = backends.on("cpu")
    rooms = [cpu.empty(300, 1000) for _ in range(8)]
    freed = {room.data_ptr() for room in rooms[1::2]}
    del rooms[1::2]
    again = [cpu.empty(300, 1000) for _ in freed]
    assert {room.data_ptr() for room in again} == freed
    assert len(rooms) == 4
