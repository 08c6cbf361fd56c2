"""tokenizer.json and tokenizer_config.json: what is learned passes, and no key of it can be another."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from glasswright.errors import ClaimFalse, Misuse
from glasswright.records.recipe import Recipe
from glasswright.records.tokens import TokenMap
from glasswright.tokenizer.learn import config, learn
from glasswright.verify.tokenizer import (
    BYTE_OF,
    END_BYTE,
    check_tokenizer,
    check_tokenizer_config,
    expected_tokenizer_config,
)

TEXTS = ["the glass is clear and the sky is blue — ünïcödé ∀x", "the glass is old", "1234 aaaaaaaa\n\n\tthe the"] * 3
VOCAB_SIZE = 290


def recipe(vocab_size: int = VOCAB_SIZE) -> Recipe:
    return Recipe.model_validate(
        {"name": "r", "sources": [{"name": "s", "kind": "python-docs"}], "tokenizer": {"vocab_size": vocab_size}}
    )


def token_map(end_of_text: int = 0) -> TokenMap:
    return TokenMap(tokenizer_sha256="", vocab_size=0, end_of_text=end_of_text, shards=(), documents=())


@pytest.fixture(scope="module")
def learned() -> bytes:
    return learn(TEXTS, vocab_size=VOCAB_SIZE).to_str(pretty=True).encode()


def most_that_can_be_learned(texts: list[str]) -> int:
    try:
        learn(texts, vocab_size=2**22)
    except Misuse as error:
        found = re.search(r"(\d+) can$", str(error))
        assert found
        return int(found[1])
    raise AssertionError


def test_what_is_learned_passes_and_spells_its_texts(learned: bytes) -> None:
    tokens = check_tokenizer(learned, recipe(), token_map())
    tokenizer = Tokenizer.from_str(learned.decode())
    for text in TEXTS:
        assert b"".join(tokens[i] for i in tokenizer.encode(text, add_special_tokens=False).ids) == text.encode()
    assert tokens[0] == END_BYTE
    assert sorted(tokens[1:257]) == [bytes([byte]) for byte in range(256)]


@settings(max_examples=60)
@given(st.lists(st.text("ab1 .", min_size=1, max_size=40), min_size=1, max_size=5))
def test_whatever_is_learned_passes(texts: list[str]) -> None:
    """Few characters, learned to the last pair: runs, overlaps and words within words."""
    vocab_size = most_that_can_be_learned(texts + texts)
    data = learn(texts + texts, vocab_size=vocab_size).to_str(pretty=True).encode()
    assert len(check_tokenizer(data, recipe(vocab_size), token_map())) == vocab_size


def test_a_byte_stands_for_the_character_that_the_library_has(learned: bytes) -> None:
    from tokenizers.pre_tokenizers import ByteLevel

    assert set(BYTE_OF) == set(ByteLevel.alphabet())
    assert list(BYTE_OF) == list(json.loads(learned)["model"]["vocab"])[1:257]


def put(*place: Any, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(settings: Any) -> None:
        for key in place[:-1]:
            settings = settings[key]
        settings[place[-1]] = value

    return change


def swap_merges(settings: dict[str, Any]) -> None:
    merges = settings["model"]["merges"]
    merges[0], merges[1] = merges[1], merges[0]


def swap_ids(settings: dict[str, Any]) -> None:
    vocab = settings["model"]["vocab"]
    vocab["a"], vocab["b"] = vocab["b"], vocab["a"]


def add_token(settings: dict[str, Any]) -> None:
    settings["added_tokens"].append({**settings["added_tokens"][0], "id": 290, "content": "<|system|>"})


def merge_twice(settings: dict[str, Any]) -> None:
    settings["model"]["merges"][-1] = settings["model"]["merges"][-2]


def merge_early(settings: dict[str, Any]) -> None:
    """The longest token's merge before those of its parts."""
    merges = settings["model"]["merges"]
    longest = max(merges, key=lambda pair: len(pair[0]))
    merges.remove(longest)
    merges.insert(0, longest)


def merge_beyond_the_vocabulary(settings: dict[str, Any]) -> None:
    settings["model"]["merges"][-1] = ["q", "q"]


def merge_the_end_of_text(settings: dict[str, Any]) -> None:
    settings["model"]["merges"][-1] = ["<|endoftext|>", "q"]


def leave_one_out(settings: dict[str, Any]) -> None:
    settings["model"]["vocab"].popitem()
    settings["model"]["merges"].pop()


BERT = {"type": "BertNormalizer", "lowercase": True}
MUTATIONS: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "added token": (add_token, "added_tokens: expected 1 items, found 2"),
    "end of text that is no special token": (
        put("added_tokens", 0, "special", value=False),
        r"added_tokens[0].special",
    ),
    "other end of text": (put("added_tokens", 0, "content", value="</s>"), r"added_tokens[0].content"),
    "swapped merges": (swap_merges, "model.vocab"),
    "swapped ids": (swap_ids, "model.vocab.a: expected"),
    "id twice": (put("model", "vocab", "a", value=5), "model.vocab.a: expected"),
    "id that is true": (put("model", "vocab", "!", value=True), "model.vocab.!: expected 1, found true"),
    "token of no merge": (put("model", "vocab", "zzz", value=290), "model.vocab.zzz: has no place"),
    "merge twice": (merge_twice, "which is there already"),
    "merge before its parts": (merge_early, "which is no byte and no earlier merge's"),
    "merge beyond the vocabulary": (merge_beyond_the_vocabulary, "model.merges[32]: makes 'qq', which is not in"),
    "merge of the end of text": (merge_the_end_of_text, "model.merges[32]: joins '<|endoftext|>'"),
    "smaller vocabulary": (leave_one_out, "32 merges make 289 tokens; the recipe has 290"),
    "merges that are texts": (put("model", "merges", 0, value="a b"), "model.merges[0]: expected two tokens"),
    "no merges": (put("model", "merges", value=None), "model.merges: expected a list"),
    "no vocabulary": (put("model", "vocab", value=[]), "model.vocab: expected an object"),
    "unigram": (put("model", "type", value="Unigram"), 'model.type: expected "BPE", found "Unigram"'),
    "dropout": (put("model", "dropout", value=0.1), "model.dropout"),
    "byte fallback": (put("model", "byte_fallback", value=True), "model.byte_fallback"),
    "ignore merges": (put("model", "ignore_merges", value=True), "model.ignore_merges"),
    "unknown token": (put("model", "unk_token", value="a"), "model.unk_token"),
    "normalizer": (put("normalizer", value=BERT), "normalizer: expected null"),
    "other pre-tokenizer": (put("pre_tokenizer", value={"type": "Whitespace"}), "pre_tokenizer.add_prefix_space"),
    "prefix space": (put("pre_tokenizer", "add_prefix_space", value=True), "pre_tokenizer.add_prefix_space"),
    "post-processor": (put("post_processor", value={"type": "ByteLevel"}), "post_processor: expected null"),
    "decoder": (put("decoder", value=None), "decoder: expected"),
    "truncation": (put("truncation", value={"max_length": 4}), "truncation: expected null"),
    "padding": (put("padding", value={"pad_id": 4}), "padding: expected null"),
    "key beyond": (put("chat_template", value="{{ x }}"), "chat_template: has no place in this file"),
    "key that moves the cursor": (put("\x1b[2Jx", value=1), r"'\x1b[2Jx': has no place in this file"),
    "version": (put("version", value="2.0"), "version: expected"),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_another_tokenizer_is_refused_by_key(learned: bytes, name: str) -> None:
    change, message = MUTATIONS[name]
    changed = json.loads(learned)
    change(changed)
    data = json.dumps(changed, indent=2, ensure_ascii=False).encode()
    with pytest.raises(ClaimFalse, match=re.escape(message)):
        check_tokenizer(data, recipe(), token_map())


def test_a_key_that_is_left_out_is_named(learned: bytes) -> None:
    changed = json.loads(learned)
    del changed["normalizer"]
    with pytest.raises(ClaimFalse, match="normalizer: missing"):
        check_tokenizer(json.dumps(changed).encode(), recipe(), token_map())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data + b"\n", "not in its one spelling"),
        (lambda data: data.replace(b'": null', b'":  null', 1), "not in its one spelling"),
        (lambda data: data.replace(b'"a":', b'"\\u0061":', 1), "not in its one spelling"),
        (lambda data: data.replace(b'"version"', b'"version": "1.0", "version"', 1), "'version' is there twice"),
        (lambda data: data[:-1], "not JSON"),
        (lambda _: b"[" * 100_000, "not JSON"),
        (lambda _: b"[1]", "expected an object"),
        (lambda data: data.replace(b"null", b"NaN", 1), "NaN is no number"),
    ],
)
def test_another_spelling_is_refused(learned: bytes, change: Callable[[bytes], bytes], message: str) -> None:
    with pytest.raises(ClaimFalse, match=message):
        check_tokenizer(change(learned), recipe(), token_map())


def test_the_end_of_text_is_the_map_s(learned: bytes) -> None:
    with pytest.raises(ClaimFalse, match="end_of_text: expected 0, found 7"):
        check_tokenizer(learned, recipe(), token_map(end_of_text=7))


def test_the_tokenizer_s_config_is_the_one_that_is_written() -> None:
    assert expected_tokenizer_config() == config()
    check_tokenizer_config(config())


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("chat_template", "{{ messages }}"),
        ("added_tokens_decoder", {"0": {"content": "x"}}),
        ("auto_map", {"AutoTokenizer": "code.Tokenizer"}),
        ("tokenizer_class", "LlamaTokenizer"),
        ("eos_token", "x"),
        ("add_prefix_space", True),
        ("additional_special_tokens", []),
    ],
)
def test_another_tokenizer_config_is_refused_by_key(key: str, value: Any) -> None:
    changed = json.loads(config()) | {key: value}
    with pytest.raises(ClaimFalse, match=f"model/tokenizer_config.json: {key}: "):
        check_tokenizer_config(json.dumps(changed, indent=2, sort_keys=True).encode() + b"\n")
