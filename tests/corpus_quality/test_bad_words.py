"""A list of bad words: matched as C4 matches them, read from a file that the recipe names."""

from pathlib import Path

import pytest
from tests.corpus_quality.texts import prose

from glasswright.corpus.quality import Policy, examine, read_words
from glasswright.corpus.quality.bad_words import finder
from glasswright.errors import Misuse

WORDS = ("blorp", "grue some", "fn-ord", "ö", "悪い")
SAID = [
    "Blorp!",
    "what a blorp",
    "a\nBLORP\nb",
    "(blorp)",
    "the grue some thing",
    "FN-ORD.",
    "an ö here",
    "とても悪い本",
]
NOT_SAID = ["blorps", "ablorp", "blorp_1", "grue, some", "gruesome", "afn-ord", "fn-ords", "öl", "悪く", ""]


@pytest.mark.parametrize("text", SAID)
def test_a_word_by_itself_is_found_in_any_case(text: str) -> None:
    assert finder(WORDS)(text)


@pytest.mark.parametrize("text", NOT_SAID)
def test_a_word_inside_another_is_not(text: str) -> None:
    assert not finder(WORDS)(text)


def test_a_document_that_says_one_is_dropped_after_c4_has_left_out_its_lines() -> None:
    texts = [prose(90), f"{prose(90)}\nThe blorp went home to the river again.", f"{prose(90)}\nA blorp."]
    policy = Policy(rules=("c4",), bad_words=("blorp",))
    assert [finding.reason for finding in examine(texts, policy)] == [None, "has_bad_word", None]
    assert [finding.reason for finding in examine(texts, Policy(rules=("c4",)))] == [None, None, None]


def test_a_list_is_read_without_blank_lines_in_lower_case(tmp_path: Path) -> None:
    (tmp_path / "words").write_text("\ufeffBlorp\n\n  grue some \nblorp\n", encoding="utf-8")
    assert read_words(tmp_path / "words") == ("blorp", "grue some")


def test_an_absent_or_empty_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(Misuse, match="cannot be read"):
        read_words(tmp_path / "absent")
    with pytest.raises(Misuse, match="holds no words"):
        read_words(tmp_path / "empty")
