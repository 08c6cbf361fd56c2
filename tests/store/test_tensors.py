"""One file content for one set of tensors, and no reading of a file that is not sound."""

import json
from pathlib import Path

import numpy as np
import pytest

from glasswright.errors import Misuse
from glasswright.store import floats, tensors

SOME = {
    "b.weight": np.arange(6, dtype=np.float32).reshape(2, 3),
    "a": np.array([1, -1], dtype=np.int64),
    "scalar": np.array(2.5, dtype=np.float32),
    "none": np.zeros((0, 4), dtype=np.float32),
    "mask": np.array([True, False, True]),
    "é": np.array([7], dtype=np.uint16),
}


def test_saved_tensors_are_loaded_back(tmp_path: Path) -> None:
    tensors.save(tmp_path / "t.safetensors", SOME)
    loaded = tensors.load(tmp_path / "t.safetensors")
    assert set(loaded) == set(SOME)
    for name, array in SOME.items():
        assert loaded[name].dtype == array.dtype
        assert loaded[name].shape == array.shape
        assert loaded[name].tobytes() == array.tobytes()
        assert not loaded[name].flags.writeable


def test_the_bytes_are_those_of_the_safetensors_package(tmp_path: Path) -> None:
    upstream = pytest.importorskip("safetensors.numpy")
    tensors.save(tmp_path / "t.safetensors", SOME)
    assert (tmp_path / "t.safetensors").read_bytes() == upstream.save(SOME, metadata={"format": "pt"})


def test_the_bytes_do_not_depend_on_the_order_given(tmp_path: Path) -> None:
    tensors.save(tmp_path / "a", SOME)
    tensors.save(tmp_path / "b", dict(reversed(SOME.items())))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_views_and_foreign_byte_order_are_saved_by_value(tmp_path: Path) -> None:
    array = np.arange(12, dtype=np.float32).reshape(3, 4)
    tensors.save(tmp_path / "a", {"x": array.T, "y": array.astype(">f4")})
    tensors.save(tmp_path / "b", {"x": array.T.copy(), "y": array})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_no_tensors_is_a_file_too(tmp_path: Path) -> None:
    tensors.save(tmp_path / "a", {})
    assert tensors.load(tmp_path / "a") == {}


def test_a_dtype_without_a_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="complex64 has no name"):
        tensors.save(tmp_path / "a", {"x": np.zeros(1, dtype=np.complex64)})
    assert not list(tmp_path.iterdir())


ENTRY = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


@pytest.mark.parametrize(
    ("header", "data", "message"),
    [
        ({"x": ENTRY}, bytes(7), "the tensors take 8 bytes, the file holds 7"),
        ({"x": ENTRY}, bytes(9), "the tensors take 8 bytes, the file holds 9"),
        ({"x": ENTRY, "y": ENTRY}, bytes(8), "tensor 'y' begins at 0, the one before ends at 8"),
        ({"x": {**ENTRY, "data_offsets": [4, 12]}}, bytes(12), "tensor 'x' begins at 4"),
        ({"x": {**ENTRY, "shape": [3]}}, bytes(8), "takes 12 bytes"),
        ({"x": {**ENTRY, "shape": [-2]}}, bytes(8), "not counts"),
        ({"x": {**ENTRY, "shape": [2**62] * 40_000}}, bytes(8), "not counts"),
        ({"x": {**ENTRY, "dtype": "F9"}}, bytes(8), "dtype 'F9'"),
        ({"x": {**ENTRY, "dtype": "BF16", "data_offsets": [0, 4]}}, bytes(4), "dtype 'BF16' is none of"),
        ({"x": {**ENTRY, "dtype": "F6_E2M3", "data_offsets": [0, 1]}}, bytes(1), "takes 1 bytes, the offsets"),
        ({"x": {"dtype": "F32"}}, bytes(8), "expected dtype, shape and data_offsets"),
        (["x"], b"", "not safetensors"),
    ],
)
def test_an_unsound_file_is_refused_with_its_place(tmp_path: Path, header: object, data: bytes, message: str) -> None:
    text = json.dumps(header).encode()
    path = tmp_path / "t.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    with pytest.raises(Misuse, match=message) as caught:
        tensors.load(path)
    assert "t.safetensors" in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x01",
        (2**63).to_bytes(8, "little"),
        (10).to_bytes(8, "little") + b"{}",
        (2).to_bytes(8, "little") + b"\xff{",
    ],
)
def test_a_file_that_is_no_safetensors_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t").write_bytes(content)
    with pytest.raises(Misuse):
        tensors.load(tmp_path / "t")


def test_a_name_used_twice_is_refused(tmp_path: Path) -> None:
    text = (
        b'{"x":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"x":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}'
    )
    (tmp_path / "t").write_bytes(len(text).to_bytes(8, "little") + text)
    with pytest.raises(Misuse, match="twice"):
        tensors.load(tmp_path / "t")


@pytest.mark.parametrize("dtype", ["BF16", "F16"])
def test_every_16_bit_float_comes_back_from_binary32_as_it_went(dtype: str) -> None:
    every = np.arange(2**16, dtype=np.uint16)
    wide = np.empty(2**16, np.float32)
    floats.widen(every, dtype, wide)
    numbers = ~np.isnan(wide)
    assert np.array_equal(floats.narrowed(wide[numbers], dtype), every[numbers])


@pytest.mark.parametrize(
    ("dtype", "value"), [("BF16", 1 + 2**-8), ("F16", 1 + 2**-11), ("F16", 65520.0), ("F16", 1e-9)]
)
def test_a_value_that_16_bits_do_not_hold_is_refused_and_nothing_is_written(
    tmp_path: Path, dtype: str, value: float
) -> None:
    with pytest.raises(ValueError, match=f"a value that {dtype} does not hold"):
        tensors.save(tmp_path / "a", {"x": np.array([1, value], np.float32)}, {"x": dtype})
    assert not list(tmp_path.iterdir())


def test_16_bit_floats_are_written_as_the_safetensors_package_writes_them(tmp_path: Path) -> None:
    torch, upstream = pytest.importorskip("torch"), pytest.importorskip("safetensors.torch")
    numbers = {name: np.array([1.5, -2, 0.25], np.float32) for name in ("a", "b", "c")}
    tensors.save(tmp_path / "t", numbers, {"a": "F16", "b": "BF16"})
    theirs = {name: torch.from_numpy(array) for name, array in numbers.items()}
    theirs |= {"a": theirs["a"].half(), "b": theirs["b"].bfloat16()}
    assert (tmp_path / "t").read_bytes() == upstream.save(theirs, metadata={"format": "pt"})
