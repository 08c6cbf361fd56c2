"""A text as a person sees it: letters that look like others are those, and what cannot be seen is not there.

    "non-commerci\u0430l"           the "a" is Cyrillic          "non-commercial"
    "non\u200b-commer\u00adcial"    spaces of no width, hyphens that do not show
    "non\u2011commercial"           a hyphen that breaks no line
    "ｎｏｎ", "𝗻𝗼𝗻"                   letters of other widths and weights

Whoever reads for words has to read what people read. Words in Cyrillic or Greek stay as they are: a letter is taken for
a Latin one only where it stands in a word with Latin ones.
"""

import re
import unicodedata

UNSEEN = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff]")
HYPHENS = re.compile("[\u2010-\u2012\u2212\ufe63\uff0d]")
OF_ANOTHER_WIDTH = re.compile("[\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d7ff\u24b6-\u24e9]")
LOOKS_LIKE = str.maketrans(
    "аеорсухіјѕԁһԛԝАВЕКМНОРСТХІЈЅοαινρτυκχΑΒΕΖΗΙΚΜΝΟΡΤΥΧɡɑ",
    "aeopcyxijsdhqwABEKMHOPCTXIJSoaivptukxABEZHIKMNOPTYXga",
)
MIXED_WORD = re.compile(r"[A-Za-z\u0251\u0261\u0370-\u03ff\u0400-\u052f]+")
LATIN = re.compile("[A-Za-z]")
# Marks of emphasis within or around a word: "**non**-_commercial_".
EMPHASIS = re.compile(r"(?<!\w)[*_]{1,3}(?=\w)|(?<=\w)[*_]{1,3}(?!\w)")


def as_seen(line: str) -> str:
    """A line in the letters that a person takes it to be in."""
    if line.isascii():
        return line
    line = HYPHENS.sub("-", UNSEEN.sub("", line))
    line = OF_ANOTHER_WIDTH.sub(lambda letter: unicodedata.normalize("NFKC", letter.group()), line)
    return MIXED_WORD.sub(_of_one_script, line)


def without_emphasis(text: str) -> str:
    """A text without the marks that make words bold or slanted."""
    return EMPHASIS.sub("", text)


def _of_one_script(word: re.Match[str]) -> str:
    letters = word.group()
    return letters.translate(LOOKS_LIKE) if LATIN.search(letters) and not letters.isascii() else letters
