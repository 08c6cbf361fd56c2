"""llama.cpp cuts texts of several languages into the ids of tokenizer.json, or the part of it is named."""

import importlib
import importlib.util
import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer, models, normalizers, trainers

from glasswright.errors import Misuse
from glasswright.export.gguf import export_gguf
from glasswright.export.vocabulary import vocabulary_of
from glasswright.model.decoder import Decoder
from glasswright.model.folder import ModelFolder
from glasswright.model.tokenizer import FolderTokenizer
from glasswright.records.decoder import DecoderConfig
from glasswright.records.model import Model

TEXTS = [
    "All human beings are born free and equal in dignity and rights.  They are endowed with reason and conscience.",
    "Tous les êtres humains naissent libres et égaux en dignité et en droits.",
    "Alle Menschen sind frei und gleich an Würde und Rechten geboren; größer, süßer, 1948!",
    "Все люди рождаются свободными и равными в своем достоинстве и правах.",
    "人人生而自由,在尊严和权利上一律平等。他们赋有理性和良心。",
    "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。",
    "يولد جميع الناس أحرارًا متساوين في الكرامة والحقوق.",
    "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है।",
    "    for (int i = 0; i < n; ++i) {\n\t\tx[i] *= 2.5e-3;\r\n    }\n\n\n",
    "the the  the   the    the     the",
    "👩‍👩‍👧‍👦 🇺🇳 e\u0301 ﬁ Å \u200b\ufeff \x00\x01 ▁ ▁▁ <0x41> <unk",
    "",
    " ",
    "   ",
    "a",
]
SPECIAL = ["<unk>", "<s>", "</s>"]
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
REPLACE = {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}
PREPENDED = {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, REPLACE]}
CUT = {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": False}
# How Llama 2, Gemma and newer files of Mistral turn spaces into characters of words.
WAYS: dict[str, dict[str, Any]] = {
    "Llama 2": {"normalizer": PREPENDED, "pre_tokenizer": None},
    "Gemma": {"normalizer": REPLACE, "pre_tokenizer": CUT},
    "Mistral": {
        "normalizer": None,
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": False},
    },
}
Write = Callable[..., FolderTokenizer]


def added(content: str, number: int, *, special: bool = True, **flags: bool) -> dict[str, Any]:
    off = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": number, "content": content, "special": special, **off, **flags}


def pieces() -> list[str]:
    """What `tokenizers` learns of the texts, spaces being characters, in the order it is learned."""
    learner = Tokenizer(models.BPE())
    learner.normalizer = normalizers.Replace(" ", "▁")
    learner.train_from_iterator(TEXTS[:9] * 3, trainers.BpeTrainer(vocab_size=700, show_progress=False))
    vocabulary = learner.get_vocab()
    return sorted(vocabulary, key=lambda it: (len(it) == 1, vocabulary[it]))


def all_pairs(tokens: list[str]) -> Iterator[list[str]]:
    """Every merge of two of the tokens, those that make a token behind each other: as of a SentencePiece model."""
    known = set(tokens)
    for token in tokens:
        for at in range(1, len(token)):
            if {token[:at], token[at:]} <= known:
                yield [token[:at], token[at:]]


def definition() -> dict[str, Any]:
    learned = pieces()
    tokens = [*SPECIAL, *BYTES, *learned, "<turn>", "\n\n"]
    model = {
        "type": "BPE", "unk_token": "<unk>", "fuse_unk": True, "byte_fallback": True,
        "vocab": {token: number for number, token in enumerate(tokens)}, "merges": list(all_pairs(learned)),
    }  # fmt: skip
    more = [added("<turn>", len(tokens) - 2), added("\n\n", len(tokens) - 1, special=False)]
    return {
        "version": "1.0",
        "added_tokens": [added(token, number) for number, token in enumerate(SPECIAL)] + more,
        "model": model,
    } | WAYS["Llama 2"]


@pytest.fixture
def written(tmp_path: Path) -> Write:
    """Writes a tokenizer.json; keywords replace parts of it, those of its model behind `model_`."""

    def write(**changes: Any) -> FolderTokenizer:
        found = definition()
        for name, value in changes.items():
            place = found["model"] if name.startswith("model_") else found
            place[name.removeprefix("model_")] = value
        (tmp_path / "tokenizer.json").write_text(json.dumps(found))
        size = max([*found["model"]["vocab"].values(), *(it["id"] for it in found["added_tokens"])]) + 1
        return FolderTokenizer(ModelFolder(tmp_path), size)

    return write


def ids_there(tokenizer: FolderTokenizer, folder: Path, texts: list[str]) -> list[list[int]]:
    if importlib.util.find_spec("llama_cpp") is None:
        pytest.skip("did not run: the package llama-cpp-python is not installed")
    size = tokenizer.vocab_size
    model = Decoder(DecoderConfig(model=Model(hidden_size=8, num_layers=1), vocab_size=size, max_positions=8))
    export_gguf(model, tokenizer, folder / "model.gguf", "F32", name="tiny")
    llama: Any = importlib.import_module("llama_cpp").Llama
    vocabulary = llama(str(folder / "model.gguf"), vocab_only=True, verbose=False)
    return [list(vocabulary.tokenize(text.encode(), add_bos=False, special=True)) for text in texts]


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the binding's own
@pytest.mark.parametrize("way", WAYS)
def test_the_ids_of_llama_cpp_are_those_of_tokenizer_json(written: Write, tmp_path: Path, way: str) -> None:
    tokenizer = written(**WAYS[way])
    texts = [*TEXTS, *(text[at : at + 40] for text in TEXTS for at in range(0, len(text), 7))]
    if way != "Mistral":  # docs/export.md: what llama.cpp does otherwise there
        texts += [f"{first}<turn>{second}</s>{first}" for first, second in pairwise(TEXTS)]
    else:
        texts = [text for text in texts if not text.startswith((" ", "▁")) and "\n\n" not in text]
    expected = [tokenizer.encode(text) for text in texts]
    assert ids_there(tokenizer, tmp_path, texts) == expected
    assert len({token for ids in expected for token in ids}) > 200


def test_of_text_behind_a_special_token_and_of_a_first_space_llama_cpp_makes_one_more(
    written: Write, tmp_path: Path
) -> None:
    tokenizer = written(**WAYS["Mistral"])
    space = tokenizer.tokenizer.token_to_id("▁")
    turn = tokenizer.tokenizer.token_to_id("<turn>")
    letter = tokenizer.tokenizer.token_to_id("人")
    behind, first = ids_there(tokenizer, tmp_path, ["<turn>人", " 人"])
    assert (tokenizer.encode("<turn>人"), behind) == ([turn, letter], [turn, space, letter])
    two = tokenizer.tokenizer.token_to_id("▁▁")
    assert (tokenizer.encode(" 人"), first) == ([space, letter], [two, letter])


def without(token: str) -> dict[str, int]:
    vocabulary: dict[str, int] = definition()["model"]["vocab"]
    return {name: number for name, number in vocabulary.items() if name != token}


def one_pair_each() -> list[list[str]]:
    """As `tokenizers` learns it: a token is made in one way."""
    return list({left + right: [left, right] for left, right in all_pairs(pieces())}.values())


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a byte": ({"model_vocab": without("<0x41>")}, "model.vocab without <0x41>"),
    "pairs": ({"model_merges": one_pair_each()}, "model.merges: no merge makes the token"),
    "their order": ({"model_merges": sorted(all_pairs(pieces()))}, "do not follow each other"),
    "words as they are": ({"model_ignore_merges": True}, "model.ignore_merges"),
    "chance": ({"model_dropout": 0.1}, "model.dropout"),
    "ends": ({"model_end_of_word_suffix": "</w>"}, "model.end_of_word_suffix"),
    "strip": ({"added_tokens": [added("<mask>", 3, lstrip=True)]}, "added_tokens, '<mask>', lstrip"),
    "lower": ({"normalizer": {"type": "Lowercase"}}, "normalizer"),
    "words": ({"pre_tokenizer": {"type": "Whitespace"}}, "pre_tokenizer"),
    "spaces": (
        {"normalizer": None, "pre_tokenizer": {"type": "Metaspace", "replacement": "_", "split": False}},
        "pre_tokenizer",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_right_is_refused_by_name(written: Write, case: str) -> None:
    changes, told = REFUSED[case]
    with pytest.raises(Misuse) as caught:
        vocabulary_of(written(**changes))
    assert told in str(caught.value)


def test_probabilities_of_pieces_are_refused_by_name(tmp_path: Path) -> None:
    Tokenizer(models.Unigram([("<unk>", 0.0), ("a", -1.0)], unk_id=0)).save(str(tmp_path / "tokenizer.json"))
    with pytest.raises(Misuse, match=r'model.type: llama.cpp has nothing that does as "Unigram"'):
        vocabulary_of(FolderTokenizer(ModelFolder(tmp_path), 2))
