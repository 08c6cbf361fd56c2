"""Reading and writing tell how far they are; whoever ends them there leaves nothing half-made."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tests.export.conftest import VOCAB, MakeFolder
from tests.families.cases import CASES

from glasswright.export.folder import export_folder
from glasswright.export.gguf import export_gguf
from glasswright.model import huggingface
from glasswright.model.decoder import Decoder
from glasswright.model.folder import ModelFolder
from glasswright.model.tokenizer import FolderTokenizer
from glasswright.records.decoder import DecoderConfig
from glasswright.records.model import Model
from glasswright.records.progress import Progress, Report

WIDE = {"hidden_size": 512, "intermediate_size": 1024}  # of some MiB, which are what is told


def to_gguf(folder: Path, out: Path, report: Report) -> None:
    tokenizer = FolderTokenizer(ModelFolder(folder), VOCAB)
    export_gguf(huggingface.load(folder), tokenizer, out, "F16", name="tiny", report=report)


def to_folder(folder: Path, out: Path, report: Report) -> None:
    export_folder(huggingface.load(folder), ModelFolder(folder), out, report)


WAYS = pytest.mark.parametrize("export", [to_gguf, to_folder])
Export = Callable[[Path, Path, Report], None]


@WAYS
def test_writing_tells_how_far_it_is(make_folder: MakeFolder, tmp_path: Path, export: Export) -> None:
    told: list[Progress] = []
    export(make_folder(**WIDE), tmp_path / "out", told.append)
    done = [it.done for it in told]
    assert done == sorted(done)
    assert len(set(done)) > 5
    assert (told[0].done, told[-1].done) == (0, told[-1].total)
    assert {(it.what, it.unit) for it in told} == {("write", "MiB")}


def test_reading_tells_how_far_it_is(make_folder: MakeFolder) -> None:
    told: list[Progress] = []
    huggingface.load(make_folder(**WIDE), told.append)
    done = [it.done for it in told]
    assert len(set(done)) > 5
    assert (done, told[-1].done) == (sorted(done), told[-1].total)


@WAYS
def test_nothing_is_there_of_what_is_ended_in_between(make_folder: MakeFolder, tmp_path: Path, export: Export) -> None:
    def ended(progress: Progress) -> None:
        if progress.done > 5:
            raise KeyboardInterrupt

    folder = make_folder(**WIDE)
    with pytest.raises(KeyboardInterrupt):
        export(folder, tmp_path / "out", ended)
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


def test_layers_behind_the_last_are_left_out_and_that_is_news(tmp_path: Path) -> None:
    model = Model.model_validate(CASES["deepseek_v3"].recipe)
    huggingface.save(Decoder(DecoderConfig(model=model, vocab_size=20, max_positions=16)), tmp_path)
    file = tmp_path / "model.safetensors"
    behind = {f"model.layers.{model.num_layers}.{name}": torch.ones(3) for name in ("enorm.weight", "eh_proj.weight")}
    save_file(load_file(file) | behind, file)
    told: list[Progress] = []
    huggingface.load(tmp_path, told.append)
    (news,) = (it.note for it in told if it.is_news)
    assert "2 tensors behind the last of 2 layers are left out: modules that predict a second token" in news
