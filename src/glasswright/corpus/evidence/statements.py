"""What a document says of its own license.

    identifier      SPDX-License-Identifier: ... in a comment at its begin or end
    field           license, licence, rights, copyright: ... in front matter, the header block, the list at the end
    link            rel="license"
    words           "This document has been placed in the public domain", a Copyright or License section at the end

A text about licenses is not a statement: code is not read, and words count only where the text speaks of itself.
"""

import re
from collections.abc import Iterator

from glasswright.corpus.evidence.comments import HEAD_CHARS, TAIL_CHARS, identifiers
from glasswright.corpus.evidence.fields import fields
from glasswright.corpus.evidence.reserved import reserved
from glasswright.corpus.evidence.sections import headings, license_sections, may_have_license_section
from glasswright.corpus.evidence.sentences import QUOTE_CHARS, SELF, self_statement
from glasswright.corpus.found import Nearness, Statement
from glasswright.licenses.grants import NO_GRANT, Grant, grant, granted, said_in_words
from glasswright.licenses.kinship import taken_by
from glasswright.licenses.languages import UNREAD
from glasswright.licenses.mentions import mentions
from glasswright.licenses.parts import OTHER_PART
from glasswright.licenses.restrictions import restrictions

HEADING_LINES = 12
LAST_HEADINGS = 6
FOOT_LINES, FOOT_CHARS = 6, 1500
FOOT = re.compile(  # "© A. Body. Licensed under CC BY-NC 4.0" among the last lines
    r"[ \t>*_|\[(<-]{0,8}(?:©|&copy;|\(c\)|copyright\b|(?:(?:text|content)s? )?licen[sc]ed under\b).{0,400}",
    re.IGNORECASE,
)
OF_TEXT = re.compile(  # a line at the foot that is about the text, and not a part of it
    r"[ \t>*_|\[(<-]{0,8}(?:not |only |strictly |free |intended )*(?:for (?:non|personal|private|internal|academic|"
    r"research|educational|commercial)|non-?commercial|personal|commercial|no commercial|©|\(c\)|copyright|licen[sc]e|"
    r"(?:this|the|all) (?:text|content|work|document|page|article|material|book)s?\b.{0,40}\b(?:is|are|may|must|can))",
    re.IGNORECASE,
)
LABEL = re.compile(r"[ \t>*_|-]{0,8}[^\s:：]{2,20}[ \t]?[:：]")  # "Licencia: CC BY-NC 4.0", in any language
RULE = re.compile(r"[ \t]*(?:-{3,}|\*{3,}|_{3,})[ \t]*")
SIGNS = (  # one of them stands in every text that says something in English, in lower case
    "licen", "lizenz", "copyright", "©", "public", "commons", "rights", "waive", "gutenberg", "cc-", "cc0",
    "许可", "授权", "授權", "协议", "協議", "ліценз", "лиценз", "版权", "ライセンス", "라이선스",
    "may not", "must not", "not be", "use only", "commercial", "no part of",
)  # fmt: skip
MARKUP_COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
REL_LICENSE = re.compile(
    r"<(?:a|link)\b[^>]{0,1000}\brel=[\"']?license\b[^>]{0,1000}>"
    r"|<meta\b[^>]{0,1000}name=[\"'](?:dc(?:terms)?\.)?(?:rights|license|copyright)[\"'][^>]{0,1000}>",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"(?:href|content)=[\"']?([^\"'\s>]+(?:[^\"'>]*(?=[\"']))?)", re.IGNORECASE)
GUTENBERG = re.compile(r"^\W*\*\*\* ?START OF (?:THE|THIS) PROJECT GUTENBERG", re.IGNORECASE | re.MULTILINE)
GUTENBERG_COPYRIGHTED = re.compile(r"\bCOPYRIGHTED Project Gutenberg", re.IGNORECASE)
CODE = re.compile(r"^(```|~~~).*?^\1[ \t]*$|^(?: {4}|\t)[^\n]*$", re.MULTILINE | re.DOTALL)  # quoted, not said


def statements(text: str) -> list[Statement]:
    """The statements of a text about itself, nearest first."""
    lowered = text.lower()
    if not any(sign in lowered for sign in SIGNS):
        at_edge = _at_edge(text)
        return [at_edge] if at_edge else []
    head, tail = text[:HEAD_CHARS], text[-TAIL_CHARS:]
    found = [*identifiers(text), *fields(text), *_links(text)]
    return found or list(_words(text, head, tail))


def links(markup: str) -> list[Statement]:
    """What the markup of a page says that a reader does not see: an identifier in a comment, a link to its license."""
    comments = "\n\n".join(MARKUP_COMMENT.findall(markup[:HEAD_CHARS]))
    said = self_statement(comments) if "licen" in comments.lower() else None
    return [*identifiers(markup), *_links(markup), *([said] if said else [])]


def _links(markup: str) -> list[Statement]:
    """The license a page links to as its own, near its begin or end."""
    for zone in (markup[:HEAD_CHARS], markup[-TAIL_CHARS:]):
        for match in REL_LICENSE.finditer(zone):
            address = ADDRESS.search(match.group(0))
            if address and (license := granted(address.group(1))):
                evidence = f"rel=license: {address.group(1)[:80]}"
                return [Statement(license=license, evidence=evidence, nearness=Nearness.DOCUMENT)]
    return []


def _words(text: str, head: str, tail: str) -> Iterator[Statement]:
    if GUTENBERG.search(head):
        free = not GUTENBERG_COPYRIGHTED.search(head)
        name = "LicenseRef-PD-US" if free else "LicenseRef-Gutenberg-copyrighted"
        yield Statement(license=name, evidence="Project Gutenberg header", nearness=Nearness.DOCUMENT)
        return
    if said := _license_section(text):
        evidence = f"section at the end: {_quote(said[1])}"
        yield Statement(license=said[0].license, evidence=evidence, nearness=Nearness.DOCUMENT)
        return
    if at_edge := _foot(text) or _at_edge(text):
        yield at_edge
        return
    for zone in (head, tail):
        if found := self_statement(_unquoted(zone)):
            yield found
            return


def _foot(text: str) -> Statement | None:
    """What the line at the foot of a text grants, where it begins with whose the text is."""
    lines = [line for line in text[-FOOT_CHARS:].split("\n") if line.strip()][-FOOT_LINES:]
    for line in lines:
        if FOOT.match(line) and not line.startswith(("    ", "\t")) and mentions(line):
            license = granted(line)
            if license and license != NO_GRANT:
                return Statement(license=license, evidence=f'"{_quote(line)}"', nearness=Nearness.DOCUMENT)
    return None


def _at_edge(text: str) -> Statement | None:
    """What the first or last lines of a text say in another language, or keep in English at its foot."""
    lines = [line for line in text.split("\n") if line.strip() and not line.startswith(("    ", "\t"))]
    foot = "\n\n".join(lines[-FOOT_LINES:])[-FOOT_CHARS:]
    edges = "\n\n".join(lines[: min(HEADING_LINES, max(0, len(lines) - FOOT_LINES))])[:FOOT_CHARS] + "\n\n" + foot
    for said, sentence in said_in_words(edges):
        if said.license != UNREAD:
            return Statement(license=said.license, evidence=f'"{_quote(sentence)}"', nearness=Nearness.DOCUMENT)
    footer = _below_rule(foot)
    if footer and (kept := reserved("\n\n".join(footer))) and kept[0] != UNREAD:
        return Statement(license=kept[0], evidence=f'"{_quote(kept[1])}"', nearness=Nearness.DOCUMENT)
    for line in foot.split("\n\n"):
        named = [mention.license for mention in mentions(line) if taken_by(mention.license)]
        taken = named if LABEL.match(line) else []
        if OF_TEXT.match(line) or line in footer:
            taken = [*named, *(name for _, name in restrictions(line))]
        if taken:
            return Statement(license=taken[0], evidence=f'"{_quote(line)}"', nearness=Nearness.DOCUMENT)
    return None


def _below_rule(foot: str) -> list[str]:
    """The lines below the last rule among the last lines: a footer, in which a text says whose it is."""
    lines = foot.split("\n\n")
    rules = [number for number, line in enumerate(lines) if RULE.fullmatch(line)]
    return lines[rules[-1] + 1 :] if rules else []


def _unquoted(zone: str) -> str:
    """A text without what it shows as code. In its first lines an indent is layout."""
    lines = zone.split("\n")
    first = [line if line.lstrip().startswith(("```", "~~~")) else line.lstrip() for line in lines[:HEADING_LINES]]
    return CODE.sub("", "\n".join([*first, *lines[HEADING_LINES:]]))


def _license_section(text: str) -> tuple[Grant, str] | None:
    """What the license section grants, if it stands where statements stand, among the last headings.

    One about software is of this text only if it speaks of this text; what takes rights away is heard in any case.
    """
    if not may_have_license_section(text):
        return None
    found = headings(text)
    for heading, section in license_sections(text, found)[:1]:
        is_last = len(found) > 1 and heading.start >= found[max(1, len(found) - LAST_HEADINGS)].start
        if is_last and mentions(section) and (said := grant(section)):
            is_own = SELF.search(section) or not OTHER_PART.search(section) or taken_by(said.license)
            return (said, section) if is_own else None
    return None


def _quote(text: str) -> str:
    return " ".join(text.split())[:QUOTE_CHARS]
