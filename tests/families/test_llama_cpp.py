"""llama.cpp computes what we do from our GGUF files of every family, or the file is refused by name.

It takes GELU, whichever kind, from a table of the tanh's in binary16: what goes in and what comes out is rounded to 11
bits. So a family with GELU is compared twice: with its feed-forward parts silenced, where all else is as near as in
other families; and whole, with transformers computing GELU by the same table. There a number that lies between two
entries may fall to the other one for the last bit of a sum, and is another by one part in 2**11. Of 60 other draws of
the last Gemma 3 here one was beyond that, at 1.58: as far as transformers goes from itself where what enters the table
is moved by 3e-7.
"""

import importlib
import importlib.util
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tests.families.conftest import TOKENS_ST, Written
from tokenizers import pre_tokenizers

from glasswright.errors import Misuse
from glasswright.export.architecture import architecture_of
from glasswright.export.gguf import TYPES, export_gguf
from glasswright.model import huggingface, ops
from glasswright.model.decoder import Decoder
from glasswright.model.folder import ModelFolder
from glasswright.model.generate import generate
from glasswright.model.tokenizer import FolderTokenizer
from glasswright.records.decoder import DecoderConfig
from glasswright.records.families import FAMILIES
from glasswright.records.model import Model

F32 = 0  # llama.cpp's number for it: keys and values are remembered in binary16 unless another is asked for
NUM_GREEDY = 64
NEAR, NEXT_ENTRY = 1e-5, 2**-11  # of the largest logit
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # the binding's own


def tokenizer_of(folder: Path, vocab_size: int) -> FolderTokenizer:
    """A token for each of the first bytes and a pair, without which llama.cpp loads none. What it is fed are ids."""
    first, second, *more = sorted(pre_tokenizers.ByteLevel.alphabet())[: vocab_size - 1]
    vocabulary = {token: number for number, token in enumerate([first, second, *more, first + second])}
    cut = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    model = {"type": "BPE", "vocab": vocabulary, "merges": [[first, second]]}
    (folder / "tokenizer.json").write_text(json.dumps({"version": "1.0", "pre_tokenizer": cut, "model": model}))
    return FolderTokenizer(ModelFolder(folder), vocab_size)


def refusal_of(model: Model) -> str | None:
    try:
        architecture_of(model)
    except Misuse as error:
        return str(error)
    return None


def loaded(path: Path) -> Any:
    if importlib.util.find_spec("llama_cpp") is None:
        pytest.skip("did not run: the package llama-cpp-python is not installed")
    llama: Any = importlib.import_module("llama_cpp").Llama
    return llama(str(path), n_ctx=128, logits_all=True, type_k=F32, type_v=F32, verbose=False)


def exported(ours: Decoder, folder: Path, kind: str = "F32") -> Path | None:
    """The model as a file; None if it is refused, of which there is a test."""
    if refusal_of(ours.config.model) is not None:
        return None
    export_gguf(ours, tokenizer_of(folder, ours.config.vocab_size), folder / "model.gguf", kind, name="tiny")
    return folder / "model.gguf"


def distance(path: Path, expected_TV: torch.Tensor) -> float:
    """Between llama.cpp's logits and others, relative to the largest."""
    theirs = loaded(path)
    theirs.eval(TOKENS_ST[0].tolist())
    found, expected = np.array(theirs.scores[: len(expected_TV)]), expected_TV.numpy()
    return float(np.abs(found - expected).max() / np.abs(expected).max())


def table(x: torch.Tensor) -> torch.Tensor:
    """GELU as llama.cpp has it."""
    y = torch.nn.functional.gelu(x.half().float(), approximate="tanh").half().float()
    return torch.where(x <= -10, torch.zeros_like(x), torch.where(x >= 10, x, y))


class Table(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return table(x)


@contextmanager
def with_table(theirs: torch.nn.Module) -> Iterator[torch.nn.Module]:
    """transformers' model, computing GELU from the table."""
    places = [(it, *child) for it in theirs.modules() for child in it.named_children() if child[0] in ("act", "act_fn")]
    assert places
    for module, name, _ in places:
        setattr(module, name, Table())
    try:
        yield theirs
    finally:  # also where the test is skipped: the model is that of other tests too
        for module, name, activation in places:
            setattr(module, name, activation)


def has_table(model: Model) -> bool:
    return model.feed_forward.activation.startswith("gelu")


def test_a_model_that_llama_cpp_has_not_is_refused_and_no_file_is_there(written: Written, tmp_path: Path) -> None:
    ours = huggingface.load(written.folder)
    if (refusal := refusal_of(ours.config.model)) is None:
        return
    tokenizer, path = tokenizer_of(tmp_path, ours.config.vocab_size), tmp_path / "model.gguf"
    with pytest.raises(Misuse, match=re.escape(refusal)):
        export_gguf(ours, tokenizer, path, "F32", name="tiny")
    assert not path.exists()


def test_logits_are_those_of_llama_cpp(written: Written, tmp_path: Path) -> None:
    ours = huggingface.load(written.folder)
    if (path := exported(ours, tmp_path)) is None:
        return
    if not has_table(ours.config.model):
        assert distance(path, ours.logits(TOKENS_ST[:1])[0]) <= NEAR
        return
    with torch.no_grad(), with_table(written.theirs) as theirs:
        assert distance(path, theirs(TOKENS_ST[:1]).logits[0]) <= NEXT_ENTRY


def test_where_the_table_counts_for_nothing_logits_are_as_near_as_in_other_families(
    written: Written, tmp_path: Path
) -> None:
    ours = huggingface.load(written.folder)
    parameters = dict(ours.named_parameters())
    for it in ours.layout:
        if it.slot.startswith("down."):
            parameters[it.name].data.zero_()
    if has_table(ours.config.model) and (path := exported(ours, tmp_path)) is not None:
        assert distance(path, ours.logits(TOKENS_ST[:1])[0]) <= NEAR


def test_greedy_tokens_are_those_of_llama_cpp(written: Written, tmp_path: Path) -> None:
    ours, prompt = huggingface.load(written.folder), TOKENS_ST[0, :5].tolist()
    if (path := exported(ours, tmp_path)) is None:
        return
    steps = loaded(path).generate(prompt, top_k=1)
    expected = list(generate(ours, prompt, num_tokens=NUM_GREEDY, temperature=Fraction(0), seed=0))
    assert [token for token, _ in zip(steps, expected, strict=False)] == expected


# Rows that are whole blocks of Q8_0; of experts all are chosen, since a narrowed router's choice may be another.
WIDE: dict[str, Any] = {
    "hidden_size": 64, "num_layers": 2, "num_heads": 4, "num_kv_heads": 4, "intermediate_size": 96, "rope_theta": 10000,
}  # fmt: skip
ALL_CHOSEN = {"count": 2, "chosen": 2, "size": 32}
LATENT = {"query_rank": 32, "rank": 32, "plain_size": 16, "turned_size": 16, "value_size": 32}
WIDER: dict[str, dict[str, Any]] = {
    "deepseek_v2": {"latent": LATENT, "experts": ALL_CHOSEN | {"shared_size": 32}},
    "deepseek_v3": {"latent": LATENT, "experts": ALL_CHOSEN | {"shared_size": 32}},
    "gemma2": {"attention": {"window": 7, "head_size": 32}},
    "gemma3": {"attention": {"window": 7, "full_every": 2}, "positions": {"window_theta": 500}},
    "mixtral": {"experts": ALL_CHOSEN, "intermediate_size": 0},
    "olmo3": {"attention": {"window": 7, "full_every": 2}, "rope_theta": 500000},
}
# How far from ours, of the largest logit: llama.cpp narrows what a matrix meets to the matrix's type.
NARROWED = {"F32": 1e-3, "BF16": 0.03, "F16": 0.005, "Q8_0": 0.1}


@pytest.mark.parametrize("family", FAMILIES)
def test_llama_cpp_loads_every_type_of_every_family(family: str, tmp_path: Path) -> None:
    model = Model.model_validate(WIDE | WIDER.get(family, {}) | {"family": family})
    ours = Decoder(DecoderConfig(model=model, vocab_size=96, max_positions=128))
    for purpose, parameter in enumerate(ours.parameters()):
        ops.uniform_(parameter, seed=2, purpose=purpose, half_width=0.25)
    expected = ours.logits(TOKENS_ST[:1])[0]
    for kind in TYPES:
        path = exported(ours, tmp_path, kind)
        assert path is not None
        assert distance(path, expected) <= NARROWED[kind], kind
