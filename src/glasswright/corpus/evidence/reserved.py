"""Sentences by which a work keeps rights that a license beside it seems to give, in words and by no license's name.

    "The book is free for personal use."                              LicenseRef-NC
    "Please do not redistribute the contents."                        LicenseRef-no-copies
    "Use of the text for training models is prohibited."              LicenseRef-no-training
    "The articles are copyrighted." "The text is © A. Body."          LicenseRef-all-rights-reserved

A sentence counts if it is about the work or its text; one about code, pictures, or what others made is none.
"""

import re
from collections.abc import Iterator

from glasswright.corpus.evidence.places import TOKEN
from glasswright.corpus.evidence.sentences import ABOUT_OTHERS, BY_HAND, PLACEHOLDER, QUOTATION_MARKS
from glasswright.licenses import restrictions
from glasswright.licenses.grants import NO_GRANT, said_in_words
from glasswright.licenses.kinship import taken_by
from glasswright.licenses.mentions import mentions
from glasswright.licenses.parts import OTHER_PART, TEXT_PART, TEXT_WORD, WITHIN
from glasswright.licenses.spoken import spoken

ALONE = r"(?:personal|private|educational|academic|research|study|learning|non-?commercial)"
WORK = rf"(?:{TEXT_WORD}|works?|data(?: ?sets?)?|corpus|blog|sites?|websites?|essays?|stor(?:y|ies)|repository)"
OF_WORK = spoken(
    rf"\b(?:this|these|the|all|all of the|our|its|my|any) (?:[\w'-]+ ){{0,3}}?{WORK}\b",
    r"\b(?:this|these|the) (?:material|file)s?\b",
    r"\b(?:everything|anything|nothing)\b",
)
RULES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "LicenseRef-NC",
        spoken(
            rf"\bfree(?:ly)?(?: \w+){{0,2}} for (?:your )?(?:own )?{ALONE}(?![^.\n]{{0,40}}\b(?:and|or) commercial)",
            r"\bcommercial (?:use|usage|purposes?|reuse|licen[sc]es?)\b[^.;\n]{0,30}\b(?:contact|ask|write|e-?mail)",
            r"\b(?:not|n.t|never) (?:\w+ ){0,3}?(?:sell|resell|sold|resold)\b",
        ),
    ),
    (
        "LicenseRef-no-copies",
        spoken(
            r"\b(?:do|may|must|can|should)(?: not|n.t) (?:be )?"
            r"(?:re-?)?(?:distribute|publish|reproduce|copy|copied|use|reuse)d?\b"
            r"[^.\n]{0,100}\b(?:without|permission|content|texts?|books?|materials?)\b",
            r"\b(?:ask|contact)\b[^.\n]{0,60}\b(?:before|for permission|to) (?:you )?"
            r"(?:re-?)?(?:publish|us|distribut|post|print|copy)",
            r"\bno part of (?:this|the|these)\b",
        ),
    ),
    (
        "LicenseRef-no-training",
        spoken(
            r"\btrain(?:ing)?\b[^.\n]{0,60}\b(?:AI|models?|machine learning|LLMs?)\b[^.\n]{0,60}"
            r"\b(?:prohibit|forbid|not (?:allow|permit))",
            r"\b(?:AI|models?|machine learning|LLM) training\b[^.\n]{0,60}\b(?:prohibit|forbid|not (?:allow|permit))",
        ),
    ),
    (
        NO_GRANT,
        spoken(
            rf"\b{TEXT_WORD}\b(?P<of>(?:[^.\n]|\.\w){{0,60}}?) (?:is|are|remains?) (?:\w+ly )?"
            r"(?:copyright(?:ed)?\b|©|\(c\)|proprietary|confidential)",
            rf"\b{TEXT_WORD}\b(?P<of_owner>[^.\n]{{0,40}}?) "
            r"(?:belongs?|remains? the property|(?:is|are) the property)(?: to| of)\b",
            rf"\b{TEXT_WORD}\b[^\n]{{0,100}}?\ball rights(?: are)? reserved",
        ),
    ),
)
OF_ALL = spoken(r"\b(?:it is|this (?:project|repository|repo|software|work))\b")
OF_OTHERS = spoken(r"\b(?:third[- ]part\w+|vendored|bundled|themes?|templates?|trademarks?|its own licen[sc]e)\b")
DATA = spoken(r"\b(?:data ?sets?|corpus)\b")
BEGINS = re.compile(
    r"\W*(?:free(?:ly)? |for |not for |no |commercial |only for |please |use |reproduc|copying|cop(?:y|ies) |"
    r"re-?distribut|re-?publi|re-?print|translat)",
    re.IGNORECASE,
)
SENTENCE_END = re.compile(r"(?<!©)(?<!\(c\))(?<! [A-Z])[.!?:](?=\s)|\n[ \t]*\n|\n[ \t]*[-*+#][ \t]")
SENTENCE_CHARS = 400
MAX_CHARS = 30_000  # of a README: what it says of its license stands at its begin or end
MAX_FOUND = 200
MOST_NAMED = 6  # licenses, for a sentence anywhere in it to be about the work itself


def reserved(text: str) -> tuple[str, str] | None:
    """The first right that a text keeps in words for the work it describes: its name, and the sentence."""
    text = text if len(text) <= MAX_CHARS else text[: MAX_CHARS // 2] + "\n\n" + text[-MAX_CHARS // 2 :]
    for said, sentence in said_in_words(text):
        if (taken_by(said.license) or said.license == NO_GRANT) and not PLACEHOLDER.search(sentence):
            return said.license, sentence
    if named := _named(text):
        return named
    for number, (place, name) in enumerate(sorted(_found(text))):
        if number == MAX_FOUND:
            return None
        sentence = _sentence(text, place)
        if _is_of_work(sentence, name) and text[max(0, place - 1) : place] not in QUOTATION_MARKS:
            return name, sentence
    return None


def _named(text: str) -> tuple[str, str] | None:
    """The first license named in a sentence about the work, in any language, that takes rights away."""
    named = mentions(text)
    if len({mention.license for mention in named}) > MOST_NAMED:
        return None  # a text about what others chose
    for mention in named:
        if taken_by(mention.license):
            sentence = _sentence(text, mention.start)
            if TOKEN.search(sentence):
                continue  # of the files that it names: `places`
            is_of_part = OTHER_PART.search(WITHIN.sub(" ", sentence)) and not TEXT_PART.search(sentence)
            if not (is_of_part or OF_OTHERS.search(sentence) or ABOUT_OTHERS.search(sentence)):
                return mention.license, sentence
    return None


def _found(text: str) -> Iterator[tuple[int, str]]:
    yield from (found for found in restrictions(text) if found[1] != "LicenseRef-ND")
    for name, rule in RULES:
        yield from ((match.start(), name) for match in rule.finditer(text))


def _is_of_work(sentence: str, name: str) -> bool:
    """Whether a sentence is about the work it stands in, or its text, and says nothing else by a license's name."""
    if OF_OTHERS.search(sentence) or BY_HAND.search(sentence) or PLACEHOLDER.search(sentence):
        return False
    bare = WITHIN.sub(" ", DATA.sub("text", sentence))
    if OTHER_PART.search(bare) and not TEXT_PART.search(bare) and not OF_ALL.search(bare):
        return False
    if any(taken_by(mention.license) for mention in mentions(sentence)):
        return False  # a license's name says it
    is_of_work = bool(OF_WORK.search(sentence) or BEGINS.match(sentence))
    return is_of_work or (name != "LicenseRef-no-copies" and not ABOUT_OTHERS.search(sentence))


def _sentence(text: str, place: int) -> str:
    begin = max(0, place - SENTENCE_CHARS)
    before = [stop.end() for stop in SENTENCE_END.finditer(text, begin, place)]
    stop = SENTENCE_END.search(text, place, place + SENTENCE_CHARS)
    return text[before[-1] if before else begin : stop.start() if stop else place + SENTENCE_CHARS]
