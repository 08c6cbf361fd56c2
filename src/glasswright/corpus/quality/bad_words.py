"""C4's rule about words: a document that says one of a list is dropped.

A word counts where no letter, digit or underscore stands beside it, whatever its case; a phrase likewise. Words in
scripts that are written without spaces (Han, kana, Thai) count anywhere.

Source: Raffel et al. 2020, section 2.2; the boundaries from the code that made multilingual C4 (tensorflow_datasets,
c4_utils), except that it looks at the language of the page where this looks at the script of the word. The list that
C4 used is not part of Glasswright: the recipe names a file.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from glasswright.errors import Misuse

_WITHOUT_SPACES = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")
_NOTHING = re.compile("(?!)")


def read_words(path: Path) -> tuple[str, ...]:
    """The words of a list, one a line, in lower case and in order.

    Raises:  Misuse if there is no such file, or no word in it.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Misuse(f"{path}: cannot be read: {error}", hint="`bad_words` names a file with a word a line") from error
    words = {line.strip().lower() for line in lines} - {""}
    if not words:
        raise Misuse(f"{path}: holds no words", hint="leave `bad_words` out of the recipe if none are to be looked for")
    return tuple(sorted(words))


@cache
def finder(words: Sequence[str]) -> Callable[[str], bool]:
    """Whether a text says one of the words."""
    anywhere = {word for word in words if _WITHOUT_SPACES.search(word)}
    single = {word for word in words if re.fullmatch(r"\w+", word)} - anywhere
    phrases = set(words) - anywhere - single
    within = re.compile("|".join(map(re.escape, sorted(anywhere)))) if anywhere else _NOTHING
    apart = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(phrases)))})(?!\w)") if phrases else _NOTHING

    def says(text: str) -> bool:
        lower = text.lower()
        return bool(not single.isdisjoint(re.findall(r"\w+", lower)) or within.search(lower) or apart.search(lower))

    return says
