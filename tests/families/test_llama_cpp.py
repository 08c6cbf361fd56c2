"""llama.cpp computes what we do from our GGUF files of every family, or the file is refused by name."""

import importlib
import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.families.conftest import TOKENS_ST, Written
from tokenizers import pre_tokenizers

from glasswright.errors import Misuse
from glasswright.export.gguf import export_gguf
from glasswright.export.layout import architecture_of
from glasswright.model import huggingface
from glasswright.model.folder import ModelFolder
from glasswright.model.tokenizer import FolderTokenizer

F32 = 0  # llama.cpp's number for it: keys and values are remembered in binary16 unless another is asked for


def tokenizer_of(folder: Path, vocab_size: int) -> FolderTokenizer:
    """A token for each of the first bytes and a pair, without which llama.cpp loads none. What it is fed are ids."""
    first, second, *more = sorted(pre_tokenizers.ByteLevel.alphabet())[: vocab_size - 1]
    vocabulary = {token: number for number, token in enumerate([first, second, *more, first + second])}
    cut = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    model = {"type": "BPE", "vocab": vocabulary, "merges": [[first, second]]}
    (folder / "tokenizer.json").write_text(json.dumps({"version": "1.0", "pre_tokenizer": cut, "model": model}))
    return FolderTokenizer(ModelFolder(folder), vocab_size)


def logits_there(path: Path, tokens: list[int]) -> np.ndarray:
    if importlib.util.find_spec("llama_cpp") is None:
        pytest.skip("did not run: the package llama-cpp-python is not installed")
    llama: Any = importlib.import_module("llama_cpp").Llama
    theirs = llama(str(path), n_ctx=128, logits_all=True, type_k=F32, type_v=F32, verbose=False)
    theirs.eval(tokens)
    return np.array(theirs.scores[: len(tokens)])


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the binding's own
def test_logits_are_those_of_llama_cpp_or_the_part_is_named(written: Written, tmp_path: Path) -> None:
    ours = huggingface.load(written.folder)
    tokenizer, path = tokenizer_of(tmp_path, ours.config.vocab_size), tmp_path / "model.gguf"
    try:
        architecture_of(ours.config.model)
    except Misuse as refusal:
        with pytest.raises(Misuse) as raised:
            export_gguf(ours, tokenizer, path, "F32", name="tiny")
        assert str(raised.value) == str(refusal)
        assert not path.exists()
        return
    export_gguf(ours, tokenizer, path, "F32", name="tiny")
    expected = ours.logits(TOKENS_ST[:1])[0].numpy()
    found = logits_there(path, TOKENS_ST[0].tolist())
    # llama.cpp takes exponentials and GELU from tables of binary16 in places: a step of it on what they are part of.
    assert np.abs(found - expected).max() <= 2e-3 * np.abs(expected).max()
