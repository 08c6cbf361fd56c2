"""What a GPU is handed, as far as it can be shown without one: arguments as cuda.core keeps them for a launch."""

import ctypes

import pytest

torch = pytest.importorskip("torch")
handler = pytest.importorskip("cuda.core._kernel_arg_handler", reason="cuda.core is not installed")

from glasswright.errors import Misuse  # noqa: E402
from glasswright.kernels.cuda import device  # noqa: E402


def test_a_launch_hands_over_addresses_whole_numbers_of_64_bits_and_binary32_numbers():
    tensor = torch.zeros(3)
    kept = handler.ParamHolder(tuple(map(device._value, (tensor, -3, 2**64 - 1, 0.1))))
    places = (ctypes.c_void_p * 4).from_address(kept.ptr)
    whole = [ctypes.c_uint64.from_address(place).value for place in places[:3]]
    assert whole == [tensor.data_ptr(), 2**64 - 3, 2**64 - 1]
    assert ctypes.c_float.from_address(places[3]).value == ctypes.c_float(0.1).value


def test_a_gpu_that_is_too_old_is_misuse(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(device, "is_there", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: (7, 5))
    with pytest.raises(Misuse, match="compute capability 7.5: 8.0 is the lowest"):
        device.Device()
