"""Text that a terminal, a browser or a reader would obey, or not see, and how it is shown."""

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

# What may be nowhere in anything that is shown; line ends and tabs are of the layout.
RAW = {
    character for text, _ in HOSTILE.values() for character in text if not character.isascii() or ord(character) < 32
}
RAW = (RAW | {"\x7f"}) - {"\n", "\t"}


def raw_in(text: str) -> set[str]:
    """The characters of a text that should have been shown."""
    return RAW & set(text)
