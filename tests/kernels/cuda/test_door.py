"""What a GPU kernel accepts: arrays that fit each other, by the names of its definition's arguments."""

import inspect

import pytest

torch = pytest.importorskip("torch")

from tests.kernels.cuda.emulation import Emulation  # noqa: E402

from glasswright import kernels  # noqa: E402
from glasswright.kernels.cuda import door, launches  # noqa: E402


def test_the_axes_of_a_call_are_read_from_the_definitions_names():
    q, k, v = torch.empty(2, 3, 4, 8), torch.empty(2, 5, 2, 8), torch.empty(2, 5, 2, 6)
    arguments = q, k, v, 0.5, 0, 0.0, torch.empty(2, 3, 4, 6), torch.empty(2, 4, 3)
    assert door.taken("attention", arguments, "cpu")[0] == {"S": 2, "T": 3, "H": 4, "E": 8, "U": 5, "G": 2, "F": 6}


def test_a_kernel_that_goes_element_by_element_takes_any_shape():
    assert door.taken("add", [torch.empty(2, 3), torch.empty(6), torch.empty(3, 2)], "cpu")[0] == {"N": 6}


def test_a_whole_number_in_the_place_of_another_is_that_number():
    x, out = torch.ones(3), torch.empty(3)
    launches.run("scale", Emulation(), x, 2, out)
    assert out.tolist() == [2.0, 2.0, 2.0]


@pytest.mark.parametrize(
    ("gain", "found"),
    [
        (torch.empty(4), r"shape \(4,\)"),
        (torch.empty(3, dtype=torch.float64), "float64"),
        (torch.empty(3, 1), r"shape \(3, 1\)"),
        (torch.empty(6)[::2], "contiguous"),
        (torch._neg_view(torch.empty(3)), "contiguous"),
        (torch.empty(3, device="meta"), "on meta"),
    ],
)
def test_an_array_that_does_not_fit_is_refused_by_name(gain: torch.Tensor, found: str):
    arguments = torch.empty(2, 3), gain, 0.5, torch.empty(2, 3), torch.empty(2)
    with pytest.raises(ValueError, match=f"gain_D: .*{found}"):
        launches.run("rmsnorm", Emulation(), *arguments)


def test_a_number_that_binary32_does_not_hold_is_refused():
    with pytest.raises(ValueError, match="factor: expected a number that is exact in binary32"):
        launches.run("scale", Emulation(), torch.empty(3), 0.1, torch.empty(3))


def test_every_argument_of_whole_numbers_is_one_of_a_definition():
    names = {
        it for name in launches.LAUNCHES for it in inspect.signature(getattr(kernels.definitions(), name)).parameters
    }
    assert {"token_R", "target_R"} <= door.IDS & names
