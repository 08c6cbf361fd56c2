"""A stranger's text is shown with nothing in it that is obeyed or invisible, and its record stays what it is."""

import json
import unicodedata

import pytest
from tests.foreign.hostile import HOSTILE

from glasswright.foreign import json_shown, markdown_shown, shown


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_obeyed_or_unseen_is_written_out(name: str):
    text, written = HOSTILE[name]
    assert shown(f"({text})") == f"({written})"


@pytest.mark.parametrize("text", ["", "plain", "é ß 日本語 العربية", "a\u00a0b\u3000c", "x\\x1b", "🙂"])
def test_other_text_is_shown_as_it_is(text: str):
    assert shown(text) == text


def test_what_the_caller_keeps_is_kept():
    assert shown("a\n\tb\r", keep="\n\t") == "a\n\tb\\r"


def test_no_character_of_a_kind_without_a_picture_is_left():
    every = map(chr, range(0x110000))
    left = [c for c in every if shown(c) == c and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")]
    assert left == []


def test_showing_twice_changes_nothing_more():
    once = shown("".join(text for text, _ in HOSTILE.values()))
    assert once.isprintable()
    assert shown(once) == once


@pytest.mark.parametrize("name", HOSTILE)
def test_json_of_it_is_the_same_record_and_obeys_nothing(name: str):
    for other in ("é", "e"):
        record = {"text": HOSTILE[name][0], HOSTILE[name][0]: [other, 1, None]}
        text = json_shown(record, indent=2)
        assert json.loads(text) == record
        assert shown(text, keep="\n") == text
        assert other in text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("<script>", "&lt;script>"),
        ("![x](http://evil)", r"!\[x\](http://evil)"),
        ("a | b", r"a \| b"),
        ("`code`", r"\`code\`"),
        ("&#x202e;&lt;", "&amp;#x202e;&amp;lt;"),
        ("a\n# b", r"a\\n# b"),
        ("\x1b", r"\\x1b"),
        ("too_few_words (MIT OR Apache-2.0)", "too_few_words (MIT OR Apache-2.0)"),
    ],
)
def test_nothing_begins_in_a_piece_of_markdown(text: str, written: str):
    assert markdown_shown(text) == written
