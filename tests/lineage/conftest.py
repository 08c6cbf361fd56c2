"""A small model in a folder, and GGUF files of it in every type, written by the `gguf` package itself."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType, GGUFWriter, quantize
from tests.export.conftest import MakeFolder, make_folder

from glasswright.cli.app import run
from glasswright.store import tensors

__all__ = ["make_folder"]
Change = Callable[[str, np.ndarray], np.ndarray]  # of a tensor's bytes


@pytest.fixture
def base(make_folder: MakeFolder) -> Path:
    return make_folder()


@pytest.fixture
def whole(base: Path, tmp_path: Path) -> Path:
    """The model as a GGUF file in F32."""
    out = tmp_path / "whole.gguf"
    assert run(["export", str(base), "--gguf", "F32", "--out", str(out)]) == 0
    return out


def as_type(whole: Path, out: Path, kind: str, *, keys: Mapping[str, Any] | None = None, change: Change | None = None):
    """The file with every matrix in a type, other values for some keys, and some bytes changed."""
    reader = GGUFReader(whole)
    writer = GGUFWriter(out, str(reader.fields["general.architecture"].contents()))
    for key, field in reader.fields.items():
        if key.startswith("GGUF.") or key == "general.architecture":
            continue
        value = (keys or {}).get(key, field.contents())
        if value is not None:
            of_array = field.types[-1] if field.types[0] == GGUFValueType.ARRAY else None
            writer.add_key_value(key, value, field.types[0], of_array)
    for it in reader.tensors:
        type_ = GGMLQuantizationType[kind if len(it.data.shape) > 1 else "F32"]
        data = quantize(np.array(it.data), type_)
        if change is not None:
            flat = change(it.name, data.reshape(-1).view(np.uint8))
            data = flat.view(data.dtype).reshape(data.shape)
        writer.add_tensor(it.name, data, raw_dtype=type_)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return out


def unchanged(numbers: dict[str, np.ndarray]) -> None:
    """Leaves every tensor as it is."""


def changed_folder(folder: Path, out: Path, change: Callable[[dict[str, np.ndarray]], None] = unchanged) -> Path:
    """A copy of a model's folder, with other tensors."""
    out.mkdir()
    for path in folder.iterdir():
        (out / path.name).write_bytes(path.read_bytes())
    numbers = {name: np.array(it) for name, it in tensors.load(folder / "model.safetensors").items()}
    change(numbers)
    tensors.save(out / "model.safetensors", numbers)
    return out


@pytest.fixture
def verdict(capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    """What `glasswright lineage ... --json` says, its exit code with it."""

    def ask(child: Path, *words: object) -> dict[str, Any]:
        return asked(capsys, "lineage", child, *words)

    return ask


@pytest.fixture
def descent(capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    """The same of `glasswright verify ... --lineage`, with where the parents may lie."""

    def ask(child: Path, *places: Path) -> dict[str, Any]:
        return asked(capsys, "verify", child, "--lineage", *(it for place in places for it in ("--parent", place)))

    return ask


def asked(capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, Any]:
    code = run([*map(str, words), "--json"])
    return {**json.loads(capsys.readouterr().out), "code": code}


def answers(found: dict[str, Any], answer: str) -> list[dict[str, Any]]:
    return [finding for finding in found["findings"] if finding["answer"] == answer]
