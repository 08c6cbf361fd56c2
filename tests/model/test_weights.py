"""Weights come in exactly, all of them and no other, and what is wrong with a folder is named."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from glasswright.errors import Misuse
from glasswright.model.folder import ModelFolder
from glasswright.model.weights import PIECE, Weights, read_weights

WANTED = {"a": (3, 5), "b": (7,), "c": (2, 2)}
Write = Callable[..., Path]


def numbers(shape: tuple[int, ...], dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(len(shape))).to(dtype)


def some(dtype: torch.dtype = torch.float32) -> dict[str, torch.Tensor]:
    return {name: numbers(shape, dtype) for name, shape in WANTED.items()}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A folder with these tensors in one file, or, where file names are given, in shards."""

    def written(tensors: dict[str, torch.Tensor], **files: tuple[str, ...]) -> Path:
        folder = tmp_path / "model"
        folder.mkdir()
        if not files:
            save_file(tensors, folder / "model.safetensors")
            return folder
        shards = {f"{file}.safetensors": names for file, names in files.items()}
        for file, names in shards.items():
            save_file({name: tensors[name] for name in names}, folder / file)
        write_index(folder, {name: file for file, names in shards.items() for name in names})
        return folder

    return written


def write_index(folder: Path, weight_map: object) -> None:
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))


def read(folder: Path, **more: object) -> Weights:
    return read_weights(ModelFolder(folder), WANTED, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(("dtype", "name"), [(torch.float32, "F32"), (torch.bfloat16, "BF16"), (torch.float16, "F16")])
def test_every_type_enters_with_the_value_it_has_and_is_remembered(write: Write, dtype: torch.dtype, name: str) -> None:
    weights = read(write(some(dtype)))
    assert {key: tensor.dtype for key, tensor in weights.tensors.items()} == dict.fromkeys(WANTED, torch.float32)
    assert all(torch.equal(weights.tensors[key], tensor.float()) for key, tensor in some(dtype).items())
    assert weights.halves == ({} if name == "F32" else dict.fromkeys(WANTED, name))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("length", [PIECE - 1, PIECE, PIECE + 1, 2 * PIECE + 3])
def test_a_tensor_longer_than_a_piece_is_whole(write: Write, dtype: torch.dtype, length: int) -> None:
    long = numbers((length,), dtype)
    folder = write({"x": torch.ones(3, dtype=dtype), "y": long})
    found = read_weights(ModelFolder(folder), {"x": (3,), "y": (length,)}).tensors["y"]
    assert torch.equal(found, long.float())


def test_what_is_wanted_is_read_whatever_else_is_passed_over(write: Write) -> None:
    """A pattern for a layer beyond the last would take one that a larger model computes with."""
    found = read(write(some() | {"z": torch.ones(2)}), is_unused=lambda name: name in "az").tensors
    assert found.keys() == WANTED.keys()


def test_shards_are_read_as_one(write: Write) -> None:
    found = read(write(some(), first=("b",), second=("c", "a"))).tensors
    assert all(torch.equal(found[name], tensor) for name, tensor in some().items())


def test_a_tensor_without_elements_and_one_without_dimensions_are_read(write: Write) -> None:
    folder = write({"empty": torch.zeros(0, 3), "one": torch.tensor(2.5)})
    found = read_weights(ModelFolder(folder), {"empty": (0, 3), "one": ()}).tensors
    assert (found["empty"].shape, found["one"].item()) == ((0, 3), 2.5)


def without(name: str) -> dict[str, torch.Tensor]:
    return {key: tensor for key, tensor in some().items() if key != name}


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        (without("b"), r"tensor 'b' is missing"),
        (some() | {"d": torch.zeros(1)}, r"model.safetensors: tensor 'd' is not one of this architecture"),
        (some() | {"b": torch.zeros(8)}, r"tensor 'b': expected shape \(7,\), found \(8,\)"),
        (some() | {"a": torch.zeros(5, 3)}, r"tensor 'a': expected shape \(3, 5\), found \(5, 3\)"),
        (
            some() | {"b": torch.zeros(7).to(torch.float8_e4m3fn)},
            r"tensor 'b': expected F32, BF16 or F16, found F8_E4M3",
        ),
        (some() | {"b": torch.zeros(7, dtype=torch.float64)}, r"tensor 'b': expected F32, BF16 or F16, found F64"),
        (some() | {"b": torch.zeros(7, dtype=torch.int8)}, r"tensor 'b': expected F32, BF16 or F16, found I8"),
    ],
)
def test_a_tensor_that_does_not_belong_is_named(write: Write, tensors: dict[str, torch.Tensor], message: str) -> None:
    with pytest.raises(Misuse, match=message):
        read(write(tensors))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize(("value", "shown"), [(float("nan"), "nan"), (float("-inf"), "-inf")])
def test_what_is_no_number_is_named_with_its_index(write: Write, dtype: torch.dtype, value: float, shown: str) -> None:
    tensors = some(dtype)
    tensors["a"][2, 4] = value
    with pytest.raises(Misuse, match=rf"model.safetensors: tensor 'a': {shown} at \[2, 4\]"):
        read(write(tensors))


def test_a_buffer_that_nothing_is_computed_with_is_passed_over_by_name(write: Write) -> None:
    folder = write(some() | {"h.3.attn.bias": torch.zeros(4, dtype=torch.bool)})
    assert set(read(folder, is_unused=lambda name: name.endswith("attn.bias")).tensors) == set(WANTED)


def test_a_tied_head_may_be_stored_as_well_if_it_is_the_embedding(write: Write) -> None:
    assert set(read(write(some() | {"head": some()["a"]}), same={"head": "a"}).tensors) == set(WANTED)


def test_a_tied_head_that_is_not_the_embedding_is_refused(write: Write) -> None:
    head = some()["a"]
    head[0, 0] = -head[0, 0]
    with pytest.raises(Misuse, match="tensor 'head' is not equal to 'a'"):
        read(write(some() | {"head": head}), same={"head": "a"})


def test_a_tensor_in_two_shards_is_refused(write: Write) -> None:
    folder = write(some(), first=("a", "b"), second=("b", "c"))
    with pytest.raises(Misuse, match="tensor 'b' is in first.safetensors and in second.safetensors"):
        read(folder)


def test_a_shard_that_is_not_there_is_named(write: Write) -> None:
    folder = write(some(), first=("a",), second=("b", "c"))
    (folder / "second.safetensors").unlink()
    with pytest.raises(Misuse, match="second.safetensors: no such file"):
        read(folder)


def test_a_tensor_that_the_index_promises_is_named(write: Write) -> None:
    folder = write(some(), first=("a",), second=("b", "c"))
    write_index(folder, {"a": "first.safetensors", "b": "second.safetensors", "c": "first.safetensors"})
    with pytest.raises(Misuse, match=r"first.safetensors: tensor 'c' is missing"):
        read(folder)


@pytest.mark.parametrize(
    ("weight_map", "message"),
    [
        ({"a": "../out.safetensors"}, "not the name of a file in this folder"),
        ({"a": "/etc/passwd"}, "not the name of a file in this folder"),
        ({"a": ".."}, "not the name of a file in this folder"),
        ({"a": "x\0y"}, "not the name of a file in this folder"),
        ({"a": "link.safetensors"}, "a link that leads out of the folder"),
        ({"a": "loop.safetensors"}, "no such file"),
        ({"a": "deep"}, "a folder, where a plain file was expected"),
        ({"a": 7}, "weight_map: expected an object of tensors and their files"),
        ([], "weight_map: expected an object of tensors and their files"),
        ({str(i): str(i) for i in range(10_001)}, "10001 files, where at most 10000 are read"),
    ],
)
def test_an_index_that_leads_elsewhere_is_refused(write: Write, weight_map: object, message: str) -> None:
    folder = write(some(), first=("a", "b", "c"))
    shutil.copy(folder / "first.safetensors", folder.parent / "out.safetensors")
    (folder / "link.safetensors").symlink_to("../out.safetensors")
    (folder / "loop.safetensors").symlink_to("loop.safetensors")
    (folder / "deep").mkdir()
    write_index(folder, weight_map)
    with pytest.raises(Misuse, match=message):
        read(folder)


def test_links_of_the_hubs_own_cache_are_followed(write: Write, tmp_path: Path) -> None:
    model = tmp_path / "models--some--model"
    snapshot, blobs = model / "snapshots" / "c0ffee", model / "blobs"
    snapshot.mkdir(parents=True)
    blobs.mkdir()
    shutil.move(write(some()) / "model.safetensors", blobs / "d1gest")
    (snapshot / "model.safetensors").symlink_to("../../blobs/d1gest")
    assert set(read(snapshot).tensors) == set(WANTED)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pth", "consolidated.00.pt"])
def test_a_pickle_is_refused_with_the_way_out(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(Misuse, match=f"{name}: a pickle") as caught:
        read(tmp_path)
    assert "glasswright scan" in str(caught.value.hint)


def test_a_folder_without_weights_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="neither model.safetensors nor"):
        read(tmp_path)


def test_what_does_not_fit_is_refused_before_any_memory_is_taken(write: Write) -> None:
    with pytest.raises(Misuse, match="expected shape"):
        read_weights(ModelFolder(write(some())), WANTED | {"a": (2**40, 2**20)})


def test_the_bits_that_enter_are_those_of_the_file(write: Write) -> None:
    """Signed zeros and subnormals among them."""
    bits = torch.tensor([0x00000001, 0x007FFFFF, -(2**31), 0x7F7FFFFF], dtype=torch.int32)
    found = read_weights(ModelFolder(write({"x": bits.view(torch.float32)})), {"x": (4,)}).tensors["x"]
    assert np.array_equal(found.view(torch.int32).numpy(), bits.numpy())
