"""What each character is, frozen: the same answer on every Python, for ever.

    WORD     letter, mark or digit        what words are made of
    ALPHA    letter
    SPACE    separates tokens
    NEWLINE  line feed
    ALONE    a word by itself: Han, Hiragana, Katakana, which are written without spaces
    ENDING   . ! ? and their like, which end a sentence
    CLOSING  quotation marks and brackets that may follow an ending

Python's own tables grow with every release, so `str.isalpha` differs between versions. The tables here come from the
Unicode 3.2 database that every Python carries unchanged (`unicodedata.ucd_3_2_0`, kept for domain names). A character
younger than that counts as a letter, unless it lies in a block of symbols; this errs on living scripts' side.
"""

from functools import cache
from unicodedata import ucd_3_2_0 as frozen

import numpy as np

WORD, ALPHA, SPACE, NEWLINE, ALONE, ENDING, CLOSING = (np.uint8(1 << bit) for bit in range(7))

NUM_CODE_POINTS = 0x110000
CHARACTERS_ALONE = ((0x3040, 0x30FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))
YOUNG_SYMBOLS = ((0x2000, 0x2BFF), (0x2E00, 0x2E7F), (0xD800, 0xF8FF), (0xFE00, 0xFE0F), (0x1F000, 0x1FBFF))
SPACES = "\t\n\v\f\r\x1c\x1d\x1e\x1f\x20\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    chr(point) for point in range(0x2000, 0x200B)
)
ENDINGS = ".!?…。！？؟۔।"
CLOSINGS = "\"'”’»)]}」』"


def _class_of(point: int) -> int:
    category = frozen.category(chr(point))
    if category == "Cn":
        is_symbol = any(first <= point <= last for first, last in YOUNG_SYMBOLS)
        category = "So" if is_symbol else "Lo"
    found = 0
    if category[0] in "LMN":
        found |= int(WORD)
    if category[0] == "L":
        found |= int(ALPHA)
    return found


@cache
def classes() -> np.ndarray:
    """The class bits of every code point.  Shapes: (0x110000,).  Dtypes: uint8."""
    table = np.zeros(NUM_CODE_POINTS, np.uint8)
    table[:0x20000] = [_class_of(point) for point in range(0x20000)]
    table[0x20000:0x40000] = WORD | ALPHA
    for first, last in CHARACTERS_ALONE:
        table[first : last + 1] |= ALONE
    for characters, bit in ((SPACES, SPACE), ("\n", NEWLINE), (ENDINGS, ENDING), (CLOSINGS, CLOSING)):
        table[[ord(character) for character in characters]] |= bit
    table.flags.writeable = False
    return table


@cache
def lower() -> np.ndarray:
    """The lower case of every code point that has one of a single character; else itself.  Dtypes: uint32."""
    table = np.arange(NUM_CODE_POINTS, dtype=np.uint32)
    for point in range(0x10450):
        character = chr(point)
        if frozen.category(character) in ("Lu", "Lt") and len(character.lower()) == 1:
            table[point] = ord(character.lower())
    table.flags.writeable = False
    return table
