"""What a text says beyond the licenses whose words it holds, where that may be terms.

    MIT, and below it  "Companies listed on a stock exchange are granted no rights."     terms: quoted
                       "This project is licensed under the MIT License."                 says what the text is
                       "Copyright (c) A. Body"  "The MIT License (MIT)"  "See AUTHORS."  names and titles

A sentence may be terms if it has a word of a right, a duty or a condition, or is in words that nobody here reads.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from glasswright.licenses.mentions import mentions
from glasswright.licenses.openness import is_open
from glasswright.licenses.spoken import spoken
from glasswright.licenses.texts import COPYRIGHT_LINE, Word

MIN_WORDS = 3  # fewer are a name or a title
MAX_GAP = 4  # words of the license between two added ones: chance
MAX_ADDITIONS, QUOTE_CHARS = 20, 300
TERMS = spoken(
    r"\b(?:may|must|shall|should|have to|agrees?|agreements?|grants?|granted|rights?|permi\w+|prohibit\w*|forbid\w*|"
    r"restrict\w*|conditions?|conditional\w*|terms|fees?|pay|paid|payments?|royalt\w+|owes?|revo[kc]\w+|"
    r"terminat\w+|commercial\w*|non-?commercial|only|solely|except|unless|without|provided that|subject to|consent|"
    r"approval|authori[sz]\w+|not|no|never|can.?t|cannot|clauses?|licensees?|purchase|buy|sell|sold|use|uses|using|"
    r"schools|students|universities|academics|researchers|members|customers|military|armed forces|army|police|"
    r"governments?|charg\w+|expir\w+|laps(?:es|ed)|withdr\w+|delet\w+|nothing|nobody|no one|"
    r"ha(?:s|ve) to|needs? to|requires?|required|bought|above|more than|fewer than|less than|until|percent|"
    r"territor\w+|countr\w+|copyrighted|reserved|proprietary)\b"
)
FOREIGN_LETTER = re.compile(r"[^\W\d_a-zA-Z]")
OWN_TITLE = spoken(  # a license that is called so is another than the one below it
    r"\b(?:research|academic|evaluation|community|non-?commercial|responsible|restricted|source[- ]available|proprietary|limited)"
    r"(?: [\w-]+){0,3} licen[sc]e"
)
TURNED = re.compile(r"[\u202a-\u202e\u2066-\u2069]")  # the order of letters: what is seen is not what is read
FOREIGN_SHARE = 0.1  # of the letters of a sentence, from which it is in another language and not a name in this one
NO_TERMS = spoken(  # said of a license, they add nothing to it
    r"\b(?:licen[sc]ed|released|distributed|(?:made )?available|provided|covered|published) (?:under|by|with|in accordance with)"
    r"(?: the)?(?: same)?(?: terms(?: and conditions)?(?: of)?)?(?: [\w.,+()\"'/-]+){0,8}? licen[sc]es?"
    r"(?: agreement)?(?:,? v(?:ersion)?\.? ?[\d.]+)?(?: terms)?",
    r"\b(?:except where|unless)(?: explicitly)?(?: otherwise)? (?:noted|stated|indicated|specified|licensed)(?: otherwise)?",
    r"\ball rights(?: are)? reserved",
    r"\bonly valid version of the [AL]?GPL\b[^.]*(?:\.\w[^.]*)*|\bversion [\d.]+ only\b",
    r"\b(?:a copy of|you may (?:also )?(?:obtain|find) a copy of|this is|under)(?: the| this)? (?:[\w.-]+ ){0,5}licen[sc]e\b",
    r"^\W*end of terms and conditions\W*$",
    r"^\W*(?:for (?:more|further|full|the)[^.]{0,40})?(?:please )?(?:see|refer to|cf)\b[^.;]{0,120}$",
    r"^\W*(?![^.]*\b(?:is|are|be|been|has|have|not|no|exclud\w+|except\w*|may|must|shall|needs?|requires?|without|only|for|under)\b)"
    r"(?:the )?(?:[\w.,()/+-]+ ){0,8}licen[sc]es?(?: agreement)?(?:,? version [\d.]+)?(?: \([\w .-]{1,20}\))?\W*$",
    r"^\W*(?:SPDX-[\w-]+:|https?://)\S*[^.;]{0,60}$",
    r"^\W*(?:portions?|parts?)(?: of this[ \w]{0,30})?(?: are)? (?:copyright|\(c\)|©)[^.;]{0,120}$",
    r"^\W*(?:copyright|\(c\)|©|written by|authors?|contributors?|maintainers?|created by)\b[^.;]{0,120}$",
)
SENTENCE_END = re.compile(r"(?<=[.!?;:])\s+|\n[ \t]*\n|\n(?=[ \t]*[-*•\d(])|[。！？；]")


@dataclass(frozen=True, slots=True)
class Addition:
    """A sentence that is not the license's, and the line on which it begins."""

    line: int
    quote: str


def additions(text: str, words: list[Word], covered: list[bool]) -> tuple[Addition, ...]:
    """The sentences of a text that its licenses do not have and that may be terms; at most `MAX_ADDITIONS`."""
    found = [
        Addition(text.count("\n", 0, turned.start()) + 1, "letters that are seen in another order")
        for turned in [TURNED.search(text)]
        if turned
    ]
    for start, end in _runs(words, covered):
        for at, sentence in sentences_in(text, start, end):
            if _may_be_terms(sentence) and len(found) < MAX_ADDITIONS:
                quote = " ".join(sentence.split())[:QUOTE_CHARS]
                found.append(Addition(text.count("\n", 0, at) + 1, quote))
    return tuple(found)


def additions_to(text: str) -> tuple[Addition, ...]:
    """The sentences of a short text that names a license which may be terms beside it."""
    found = ((at, sentence) for at, sentence in sentences_in(named_blank(text)) if _may_be_terms(sentence))
    return tuple(Addition(text.count("\n", 0, at) + 1, sentence[:QUOTE_CHARS]) for at, sentence in found)


def named_blank(text: str) -> str:
    """A text with blanks in place of the licenses that it names, and without copyright lines, so that places stay."""
    named = mentions(text)
    bare = "".join(
        " " if any(mention.start <= place < mention.end for mention in named) and not letter.isspace() else letter
        for place, letter in enumerate(text)
    )
    return COPYRIGHT_LINE.sub(lambda line: re.sub(r"\S", " ", line.group()), bare)


def _runs(words: list[Word], covered: list[bool]) -> Iterator[tuple[int, int]]:
    """Where words stand that are not the license's: begin and end in the text."""
    first = last = -1
    for number, is_covered in enumerate(covered):
        if is_covered:
            continue
        if first >= 0 and number - last > MAX_GAP:
            yield words[first].start, words[last].end
            first = number
        first, last = (number if first < 0 else first), number
    if first >= 0:
        yield words[first].start, words[last].end


def sentences_in(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, str]]:
    """The sentences of a text, or of a part of it, with their places; items of lists are sentences."""
    at, end = start, len(text) if end is None else end
    for stop in [*SENTENCE_END.finditer(text, start, end), None]:
        until = stop.start() if stop else end
        if sentence := text[at:until].strip():
            yield at + len(text[at:until]) - len(text[at:until].lstrip()), sentence
        at = stop.end() if stop else end


def _may_be_terms(sentence: str) -> bool:
    if OWN_TITLE.search(sentence) and not mentions(sentence):
        return True
    letters = sum(letter.isalpha() for letter in sentence)
    if FOREIGN_LETTER.search(sentence) and len(FOREIGN_LETTER.findall(sentence)) > FOREIGN_SHARE * letters:
        return True
    if any(not is_open(mention.license, "data") for mention in mentions(sentence)):
        return "reserved" not in sentence.lower() or bool(TERMS.search(NO_TERMS.sub(" ", sentence)))
    return len(sentence.split()) >= MIN_WORDS and bool(TERMS.search(NO_TERMS.sub(" ", sentence)))
