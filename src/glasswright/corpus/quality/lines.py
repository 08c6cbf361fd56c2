"""C4's rules about lines: which lines of a document go, and why.

    few_words        fewer than 5 words
    long_word        a word of more than 1000 characters
    javascript       mentions Javascript
    policy           terms of use, privacy or cookie notices
    no_ending        does not end in . ! ? or a quotation mark, or ends in an ellipsis

Citation marks of Wikipedia, "[12]", "[edit]", "[citation needed]", are taken out of the lines that stay. A document
that says "lorem ipsum" is dropped as a whole. Text whose lines were wrapped by hand loses most of its lines to
`no_ending`, so that rule is asked for by itself, as FineWeb did (Penedo et al. 2024, 3.5, leaves it out).

Source: Raffel et al. 2020, section 2.2, the JMLR version; long words and the wording of the notices from the code that
made C4 (tensorflow_datasets, c4_utils).
"""

import re
from collections import Counter
from dataclasses import dataclass

MIN_WORDS = 5
MAX_WORD_CHARACTERS = 1000
JAVASCRIPT = "javascript"
NOTICES = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")
PLACEHOLDER = "lorem ipsum"
_CITATION = re.compile(r"\[(?:\d*|edit|citation needed)\]")
_ENDINGS = (".", "?", "!", '"', "”", "’", "'", "»")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The lines that stay, and how many went for each reason."""

    text: str
    removed: Counter[str]


def has_placeholder(text: str) -> bool:
    return PLACEHOLDER in text.lower()


def _fault(line: str, marks: list[str], needs_ending: bool) -> str | None:
    """marks: what of JAVASCRIPT and NOTICES the document says at all."""
    if len(line.split(None, MIN_WORDS - 1)) < MIN_WORDS:
        return "few_words"
    if len(line) > MAX_WORD_CHARACTERS and max(map(len, line.split())) > MAX_WORD_CHARACTERS:
        return "long_word"
    said = next((mark for mark in marks if mark in line.lower()), None)
    if said is not None:
        return "javascript" if said == JAVASCRIPT else "policy"
    if needs_ending and (not line.rstrip().endswith(_ENDINGS) or line.rstrip().endswith(("...", "…"))):
        return "no_ending"
    return None


def clean(text: str, *, needs_ending: bool) -> Cleaned:
    """Leave out the lines that C4 leaves out; blank lines between the others stay."""
    if "[" in text:
        text = _CITATION.sub("", text)
    lower = text.lower()
    marks = [mark for mark in (JAVASCRIPT, *NOTICES) if mark in lower]
    removed: Counter[str] = Counter()
    kept: list[str] = []
    for line in text.split("\n"):
        fault = _fault(line, marks, needs_ending) if line and not line.isspace() else None
        if fault is None:
            kept.append(line)
        else:
            removed[fault] += 1
    return Cleaned(re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip("\n") if removed else text, removed)
