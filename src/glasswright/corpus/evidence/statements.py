"""What a document says of its own license.

    identifier      SPDX-License-Identifier: ...
    field           license: ... in front matter, in the header block, in the list at the end; rel="license"
    words           "This document has been placed in the public domain", a Copyright or License section at the end

A text about licenses is not a statement: words count only where the text speaks of itself.
"""

import re
from collections.abc import Iterator

from glasswright.corpus.evidence.grants import expression_of, granted
from glasswright.corpus.evidence.parts import OTHER_PART
from glasswright.corpus.evidence.mentions import mentions
from glasswright.corpus.found import Nearness, Statement

HEAD_CHARS, TAIL_CHARS = 6000, 6000
HEADER_LINES, FOOTER_LINES = 60, 20
LAST_HEADINGS = 6
QUOTE_CHARS = 160

IDENTIFIER = re.compile(r"SPDX-License-Identifier:[ \t]*([^\r\n*]+?)[ \t]*(?:-->|\*/|#}|$)", re.MULTILINE)
FRONT_MATTER = re.compile(r"\A\s*(?:---|\+\+\+)[ \t]*\n(.*?)\n(?:---|\+\+\+|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
FIELD = re.compile(
    r"^[ \t]{0,4}(?:[*-][ \t]+)?(?:\*\*|:)?licen[sc]e(?:\*\*)?[ \t]*[:=][ \t*]*(\S.{0,300})$",
    re.IGNORECASE | re.MULTILINE,
)
ANY_FIELD = re.compile(
    r"^[ \t]{0,4}(?:[*-][ \t]+)?[:*]{0,2}[A-Za-z][\w -]{1,30}[:*]{0,2}[ \t]*[:=][ \t]*\S", re.MULTILINE
)
REL_LICENSE = re.compile(
    r"<(?:a|link)\b[^>]*\brel=[\"']?license\b[^>]*>|<meta\b[^>]*name=[\"'](?:dc(?:terms)?\.)?(?:rights|license)[\"'][^>]*>",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"(?:href|content)=[\"']([^\"']+)[\"']", re.IGNORECASE)
SELF = re.compile(
    r"\b(?:this|these|the|all)[ \n]+(?:\w+[ \n]+){0,3}?(?:document|work|book|ebook|page|pages|site|website|article|"
    r"tutorial|essay|text|texts|guide|guides|handbook|manual|material|materials|content|contents|documentation|story|stories|paper|"
    r"report|post|proposal|project|repository|repo|pep|p\.e\.p\.|bip|eip|erc|rfc|specification|lesson|lessons|chapter|"
    r"translation|style[ \n]guides|is[ \n]all)\b[^.\n]{0,120}?"
    r"\b(?:licen[sc]ed|placed|released|dedicated|distributed|published|available|covered|put|under|falls|"
    r"in[ \n]the[ \n]public)\b",
    re.IGNORECASE,
)
SELF_CHINESE = re.compile(
    r"(?:本|这些|這些|此|该|該)(?:文|内容|內容|作品|项目|項目|书|書|仓库|教程|站)[^。\n]{0,100}(?:协议|協議|许可|許可|授权|授權)"
)
WAIVED = re.compile(r"\bcopyright and related rights (?:are )?waived\b|\bwe waive copyright\b", re.IGNORECASE)
GUTENBERG = re.compile(r"^\W*\*\*\* ?START OF (?:THE|THIS) PROJECT GUTENBERG", re.IGNORECASE | re.MULTILINE)
GUTENBERG_COPYRIGHTED = re.compile(r"\bCOPYRIGHTED Project Gutenberg", re.IGNORECASE)
CODE = re.compile(r"^(```|~~~).*?^\1[ \t]*$|^(?: {4}|\t)[^\n]*$", re.MULTILINE | re.DOTALL)  # quoted, not said
HEADING = re.compile(  # bounded, so that a hostile line takes no longer than it is long
    r"^(?:#{1,6}[ \t]+(?P<md>\S.{0,200})|={1,6}[ \t]*(?P<wiki>[^=\s].{0,200})"
    r"|(?P<rst>[^\s].{0,60})\n[=\-~^\"'#*]{4,})$",
    re.MULTILINE,
)
LICENSE_HEADING = re.compile(
    r"(?:copyright|public domain|licen[sc]|lizenz|licencia|licença|licenza|legal|rights|"
    r"ліценз|лиценз|许可|授權|授权|協議|ライセンス|라이선스)",
    re.IGNORECASE,
)


def statements(text: str) -> list[Statement]:
    """The statements of a text about itself, nearest first."""
    head, tail = text[:HEAD_CHARS], text[-TAIL_CHARS:]
    found = [*_identifiers(head, tail), *_fields(text), *links(text)]
    return found or list(_words(text, head, tail))


def _identifiers(head: str, tail: str) -> Iterator[Statement]:
    for match in [*IDENTIFIER.finditer(head), *IDENTIFIER.finditer(tail)][:1]:
        yield Statement(
            license=match.group(1).strip(), evidence="SPDX-License-Identifier", nearness=Nearness.IDENTIFIER
        )


def _fields(text: str) -> Iterator[Statement]:
    """License fields where fields stand: in front matter, in the first block of the text, in the list it ends with."""
    if front := FRONT_MATTER.match(text):
        yield from _field_in(front.group(1), "front matter", min_fields=1)
        return
    lines = text.split("\n")
    header = _field_block(lines[:HEADER_LINES])
    found = list(_field_in(header, "header"))
    yield from found or _field_in(_last_block(lines), "list at the end")


def _field_in(block: str, place: str, *, min_fields: int = 2) -> Iterator[Statement]:
    """The license field of a block; where fields are not all there is, one alone may be a line of prose."""
    match = FIELD.search(block)
    if match and len(ANY_FIELD.findall(block)) >= min_fields:
        value = match.group(1).strip("\"', \t")
        license = expression_of(value)
        yield Statement(
            license=license or value[:80], evidence=f"{place}: {_quote(match.group(0))}", nearness=Nearness.DOCUMENT
        )


def _field_block(lines: list[str]) -> str:
    """The lines up to the first heading or paragraph: a header of fields ends where prose begins."""
    block: list[str] = []
    for line in lines:
        if block and not line.strip() and len(block) > 2:
            break
        block.append(line)
    return "\n".join(block)


def _last_block(lines: list[str]) -> str:
    """The last lines that hold a list of fields, whatever follows it closely."""
    return "\n".join(lines[-FOOTER_LINES:])


def links(markup: str) -> list[Statement]:
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
    section = _license_section(text)
    if section and mentions(section) and (license := granted(section)):
        yield Statement(license=license, evidence=f"section at the end: {_quote(section)}", nearness=Nearness.DOCUMENT)
        return
    for zone in (head, tail):
        if found := self_statement(CODE.sub("", zone)):
            yield found
            return


def self_statement(zone: str, nearness: Nearness = Nearness.DOCUMENT) -> Statement | None:
    """The first sentence in which a text says under what license it is."""
    for pattern in (SELF, WAIVED, SELF_CHINESE):
        for match in pattern.finditer(zone):
            sentence = _sentence(zone, match.start(), match.end())
            license = granted(sentence)
            if license:
                return Statement(license=license, evidence=f'"{_quote(sentence)}"', nearness=nearness)
    return None


def license_section(text: str) -> str:
    """The text of the last section whose heading is about the license, without the heading; empty if there is none."""
    headings = list(HEADING.finditer(text))
    for place in range(len(headings) - 1, -1, -1):
        title = next(group for group in headings[place].groups() if group)
        if LICENSE_HEADING.search(title) and len(title) < 60:
            end = headings[place + 1].start() if place + 1 < len(headings) else len(text)
            return text[headings[place].end() : end][:2000].strip()
    return ""


def _license_section(text: str) -> str:
    """The license section, if it stands where statements stand, not as the text's subject: among the last headings."""
    headings = list(HEADING.finditer(text))
    section = license_section(text)
    if len(headings) < 2 or not section or (OTHER_PART.search(section) and not SELF.search(section)):
        return ""
    place = text.rfind(section)
    return section if place > headings[max(1, len(headings) - LAST_HEADINGS)].start() else ""


def _sentence(text: str, start: int, end: int) -> str:
    """From the match to the end of its paragraph, not further than a few lines."""
    stop = re.search(r"\n[ \t]*\n(?!additionally)", text[end:], re.IGNORECASE)
    return text[start : end + (stop.start() if stop else len(text))][:600]


def _quote(text: str) -> str:
    return " ".join(text.split())[:QUOTE_CHARS]
