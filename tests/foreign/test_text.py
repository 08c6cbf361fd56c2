"""A stranger's text is shown with nothing in it that is obeyed or invisible, and its record stays what it is."""

import json
import unicodedata

import pytest

from glasswright.foreign import json_shown, shown

HOSTILE = {
    "ESC": ("\x1b", r"\x1b"),
    "CSI": ("\x1b[31m", r"\x1b[31m"),
    "a link of OSC 8": ("\x1b]8;;http://evil\x07here\x1b]8;;\x07", r"\x1b]8;;http://evil\x07here\x1b]8;;\x07"),
    "CSI of one character": ("\x9b31m", r"\x9b31m"),
    "OSC of one character": ("\x9d0;t\x9c", r"\x9d0;t\x9c"),
    "a line end": ("a\nPROVED", r"a\nPROVED"),
    "CR": ("a\rb", r"a\rb"),
    "tab": ("\t", r"\t"),
    "BEL": ("\x07", r"\x07"),
    "backspace": ("\x08", r"\x08"),
    "DEL": ("\x7f", r"\x7f"),
    "NEL": ("\x85", r"\x85"),
    "a line separator": ("\u2028", r"\u2028"),
    "right to left": ("\u202e", r"\u202e"),
    "an isolate": ("\u2066\u2069", r"\u2066\u2069"),
    "a mark": ("\u200f\u061c", r"\u200f\u061c"),
    "zero width": ("\u200b\u200d\u2060\ufeff", r"\u200b\u200d\u2060\ufeff"),
    "a soft hyphen": ("\xad", r"\xad"),
    "a filler": ("\u3164\u115f\u034f", r"\u3164\u115f\u034f"),
    "a variation": ("\ufe0f\U000e0100", r"\ufe0f\U000e0100"),
    "a tag": ("\U000e0041", r"\U000e0041"),
    "half a pair": ("\ud800 \udcff", r"\ud800 \udcff"),
    "private": ("\ue000", r"\ue000"),
}


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
