"""Any text comes back byte for byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from glasswright.tokenizer.learn import END_OF_TEXT, learn, load

TEXTS = [f"the quick brown fox number {n} jumps over the lazy dog\n" * 3 for n in range(20)]


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    path = tmp_path_factory.mktemp("learned") / "tokenizer.json"
    path.write_text(learn(TEXTS, vocab_size=300).to_str())
    return load(path)


@given(text=st.text())
def test_any_text_comes_back(tokenizer: Tokenizer, text: str) -> None:
    assert tokenizer.decode(tokenizer.encode(text).ids, skip_special_tokens=False) == text


@pytest.mark.parametrize(
    "text", [END_OF_TEXT, f"a {END_OF_TEXT}b", "\x00", "\r\n\t ", "  two  ", "é🦊\u2060\ufffd", "x" * 10_000]
)
def test_unusual_text_comes_back(tokenizer: Tokenizer, text: str) -> None:
    ids = tokenizer.encode(text).ids
    assert tokenizer.decode(ids, skip_special_tokens=False) == text
    assert 0 not in ids


def test_the_alphabet_is_every_byte_whatever_the_texts() -> None:
    assert learn([], vocab_size=257).get_vocab_size() == 257


def test_the_order_of_texts_does_not_matter() -> None:
    assert learn(reversed(TEXTS), vocab_size=300).to_str() == learn(TEXTS, vocab_size=300).to_str()


def test_other_texts_give_another_vocabulary() -> None:
    assert learn(TEXTS[1:] + ["zzz zzz zzz"] * 50, vocab_size=300).to_str() != learn(TEXTS, vocab_size=300).to_str()
