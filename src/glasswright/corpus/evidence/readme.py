"""What a README says of the license of what it describes.

front matter      license: cc-by-4.0 (cards of data sets)
section           ## License
sentence          "This guide is licensed under ...", "Licensed under ..."
badge             an image that says and links the license, where nothing else does
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from glasswright.corpus.evidence.fields import FIELD, FRONT_MATTER
from glasswright.corpus.evidence.reserved import MOST_NAMED, reserved
from glasswright.corpus.evidence.sections import headings, license_sections, without_fenced
from glasswright.corpus.evidence.sentences import ABOUT_OTHERS, PLACEHOLDER, SUBJECT, self_grant, taken_by_itself
from glasswright.corpus.found import Nearness, Statement
from glasswright.licenses import restrictions
from glasswright.licenses.badges import badges
from glasswright.licenses.beside import unclear_terms
from glasswright.licenses.grants import (
    MAX_TOGETHER,
    NO_GRANT,
    Grant,
    expression_of,
    grant,
    said_in_words,
    spoken_grant,
)
from glasswright.licenses.kinship import taken_by
from glasswright.licenses.languages import UNREAD
from glasswright.licenses.mentions import mentions
from glasswright.licenses.spoken import spoken

REL_LICENSE = re.compile(r"<a\b[^>]{0,600}\brel=[\"']?(?:[a-z]+ ){0,3}license\b[^>]{0,600}>", re.IGNORECASE)
QUOTED = re.compile(r"^(?:>| {4}|\t)[^\n]*$", re.MULTILINE)
LINK = re.compile(r"\bhref=[\"']?([^\"'\s>]{1,300})", re.IGNORECASE)
MAX_CHARS = 2**18  # a longer README is a book, and says its license at its begin or end
HALF = MAX_CHARS // 2
MAX_BADGE = 120
PLAIN = spoken(
    r"\bis free software\b",
    r"(?:^|[.!?][ \n]|^[*_>#\-][ \t]*|\d{4}[^.\n]{0,60}?[ \n])[*_\[]{0,2}"
    rf"(?:(?:[\w'-]+ ){{0,5}}?(?:{SUBJECT}|code|files|everything(?: else)?|the rest)\b[^.\n]{{0,80}}?"
    r"\b(?:is|are) (?:\w+ly |also )?)?(?:dual[- ])?"
    r"(?:licen[sc]ed|released|distributed|published|available|provided|shared) (?:under|as|with|according)\b",
    rf"\b(?:{SUBJECT}|everything(?: else)?|the rest)\b[^.\n]{{0,60}}? "
    r"(?:is|are) (?:under )?(?=CC[ -]|Creative Commons)",
)
LABEL = re.compile(
    r"^[ \t>*_-]{0,6}licen[sc]e[*_]{0,3}[ \t]*:[*_]{0,3}[ \t]*(\S.{0,200})$", re.IGNORECASE | re.MULTILINE
)
COPYRIGHT_LINE = re.compile(
    r"^[ \t>*_-]{0,6}(?:©|&copy;|\(c\)|copyright)[^\n]{1,80}?[ ,.(\[]"
    r"((?:CC[ -]|Creative Commons|licen[sc]ed under )[^\n]{1,120})$",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Readme:
    """What a README states for the texts it describes, and for other parts of the work."""

    statement: Statement
    for_others: tuple[str, ...] = ()
    is_of_text: bool = False  # what it keeps, it keeps of the text by name


def readme_statement(text: str, path: str) -> Readme | None:
    """The first of what a README says that names a license, and what its words keep."""
    if len(text) > MAX_CHARS:
        text = text[:HALF] + "\n\n" + text[-HALF:]
    kept = _kept_in_sections(text) or reserved(_unquoted_prose(text))
    for found, words in _said(text):
        license = _less_what_is_kept(found, kept[0]) if kept else _less_what_is_taken(found.license, text)
        return Readme(_statement(license, path, words), found.for_others, is_of_text=kept is not None)
    return Readme(_statement(kept[0], path, kept[1]), is_of_text=True) if kept else None


def _kept_in_sections(text: str) -> tuple[str, str] | None:
    """What a section about the license takes away, where it names no license that does, or may take away."""
    for _, section in license_sections(text, headings(text)):
        if not mentions(section) and (taken := restrictions(section)):
            return taken[0][1], section
    return next(_unclear_in_sections(text), None)


def _unclear_in_sections(text: str) -> Iterator[tuple[str, str]]:
    """The sentences of sections about the license of which nobody here can tell whether they are terms."""
    for _, section in license_sections(text, headings(text)):
        for sentence in unclear_terms(section):
            if not restrictions(sentence.quote):  # which a grant is told less of
                yield UNREAD, sentence.quote


def _statement(license: str, path: str, words: str) -> Statement:
    quote = " ".join(words.split())[:120]
    return Statement(license=license, evidence=f'{path}: "{quote}"', nearness=Nearness.TREE)


def _less_what_is_kept(found: Grant, kept: str) -> str:
    """A license, and what words elsewhere in the README keep of it; all of it, where the license is for code alone."""
    if kept == NO_GRANT:
        return found.license if found.is_for_text else NO_GRANT
    return _and(found.license, kept)


def _and(license: str, taken: str) -> str:
    if taken_by(taken) <= taken_by(license):
        return license
    return f"({license}) AND {taken}" if " OR " in license else f"{license} AND {taken}"


def _less_what_is_taken(license: str, text: str) -> str:
    """A license, and what a sentence elsewhere in the README takes away of it: "This book may not be sold"."""
    taken = taken_by_itself(without_fenced(text))
    return _and(license, taken[0].license) if taken else license


def _unquoted_prose(text: str) -> str:
    return QUOTED.sub("", without_fenced(text))


def _said(text: str) -> Iterator[tuple[Grant, str]]:
    front = FRONT_MATTER.match(text)
    if front and (field := FIELD.search(front.group(1))):
        value = field.group(1).strip("\"', \t")
        yield Grant(expression_of(value) or value[:80]), field.group()
    for _, section in license_sections(text, headings(text)):
        if mentions(section) and (found := grant(section)):
            yield found, section
    prose = without_fenced(text)
    if linked := _linked(prose):
        yield linked
    if len({mention.license for mention in mentions(prose)}) > MOST_NAMED:
        return  # a text about what others chose
    yield from _sentences(prose)
    for match in LABEL.finditer(prose):
        if license := expression_of(match.group(1)):
            yield Grant(license), match.group()
    for match in COPYRIGHT_LINE.finditer(prose):
        if license := expression_of(match.group(1)):
            yield Grant(license), match.group()
    for place, license, _ in badges(prose):
        yield Grant(license), prose[place : place + MAX_BADGE]


def _linked(prose: str) -> tuple[Grant, str] | None:
    """The licenses that a README links as those of the work; of several editions the one that takes most away."""
    found: dict[str, str] = {}
    for match in REL_LICENSE.finditer(prose):
        address = LINK.search(match.group())
        if address and (license := expression_of(address.group(1))):
            found.setdefault(license, match.group())
    if not found:
        return None
    licenses = sorted(found, key=lambda license: len(taken_by(license)), reverse=True)
    if taken_by(licenses[0]):
        licenses = licenses[:1]
    return Grant(" AND ".join(licenses[:MAX_TOGETHER])), found[licenses[0]]


def _sentences(prose: str) -> Iterator[tuple[Grant, str]]:
    """Sentences that grant: those about the text first, those about its code alone last."""
    only_code = []
    for match in PLAIN.finditer(prose):
        start = max(match.start(), prose.rfind("\n\n", 0, match.end()) + 2)
        sentence = prose[start : match.end() + 300].split("\n\n")[0]
        if (
            ABOUT_OTHERS.search(match.group())
            or PLACEHOLDER.search(sentence)
            or not mentions(sentence)
            or not (found := spoken_grant(sentence))
        ):
            continue
        if found.is_for_text:
            yield found, sentence
        only_code.append((found, sentence))
    if said := self_grant(prose):
        yield said
    yield from ((found, sentence) for found, sentence in said_in_words(prose) if mentions(sentence))
    yield from only_code
