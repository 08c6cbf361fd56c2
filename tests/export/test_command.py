"""`glasswright export`: one file or one folder, from a release or a folder, with what goes with the model."""

import resource
from pathlib import Path

import pytest
from tests.export.conftest import MakeFolder
from transformers import AutoModelForCausalLM, AutoTokenizer

from glasswright.cli.app import run


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ([], "expected one of --gguf and --hf"),
        (["--gguf", "F32", "--hf", "out"], "expected one of --gguf and --hf"),
        (["--gguf", "F32"], "--out is the file of --gguf"),
        (["--hf", "out", "--out", "x"], "--out is the file of --gguf"),
        (["--gguf", "Q4_K", "--out", "x.gguf"], "--gguf Q4_K: expected one of F32, BF16, F16, Q8_0"),
        (["--hf", "model"], "model: exists already"),
        (["--gguf", "F32", "--out", "model"], "expected a place for a file"),
        (["--gguf", "F32", "--out", "model/model.safetensors"], "lies in the model that is exported"),
        (["--hf", "model/out"], "lies in the model that is exported"),
    ],
)
def test_what_is_asked_wrongly_is_said(
    make_folder: MakeFolder,
    options: list[str],
    told: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(make_folder().parent)
    assert run(["export", "model", *options]) == 2
    assert told in capsys.readouterr().err
    assert [path.name for path in Path().iterdir()] == ["model"]


@pytest.mark.parametrize("options", [("--gguf", "F32", "--out", "x.gguf"), ("--hf", "out")], ids=["gguf", "folder"])
def test_a_full_disk_is_said_and_nothing_half_written_stays(
    make_folder: MakeFolder,
    options: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(make_folder().parent)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, hard))
    try:
        code = run(["export", "model", *options])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    told = capsys.readouterr().err
    assert code == 2
    assert "cannot write: File too large" in told
    assert "free some space or raise the limit" in told
    assert [path.name for path in Path().iterdir()] == ["model"]


def test_a_folder_leaves_with_the_files_that_go_with_it(make_folder: MakeFolder, tmp_path: Path) -> None:
    folder = make_folder()
    (folder / "LICENSE").write_bytes(b"as it is\r\n")
    (folder / "unrelated.py").write_text("import os")
    assert run(["export", str(folder), "--hf", str(tmp_path / "out")]) == 0
    left = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert left == {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "unrelated.py"}


def test_transformers_loads_what_leaves(make_folder: MakeFolder, tmp_path: Path) -> None:
    folder = make_folder()
    assert run(["export", str(folder), "--hf", str(tmp_path / "out")]) == 0
    assert AutoModelForCausalLM.from_pretrained(tmp_path / "out").config.num_hidden_layers == 2
    assert AutoTokenizer.from_pretrained(tmp_path / "out")("the cat").input_ids


def test_a_family_without_a_place_in_llama_cpp_is_named(
    make_folder: MakeFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("glasswright.export.architecture.ARCHITECTURES", {})
    assert run(["export", str(make_folder()), "--gguf", "F32", "--out", str(tmp_path / "x.gguf")]) == 2
    assert "family llama: no GGUF of it is written" in capsys.readouterr().err
    assert not (tmp_path / "x.gguf").exists()
