"""What a document says of its own license.

    identifier      SPDX-License-Identifier: ... in a comment at its begin or end
    field           license, licence, rights, copyright: ... in front matter, in the header block, in the list at the end
    link            rel="license"
    words           "This document has been placed in the public domain", a Copyright or License section at the end

A text about licenses is not a statement: code is not read, and words count only where the text speaks of itself.
"""

import re
from collections.abc import Iterator

from glasswright.corpus.evidence.grants import Grant, expression_of, granted, spoken_grant
from glasswright.corpus.evidence.mentions import mentions
from glasswright.corpus.evidence.parts import OTHER_PART, TEXT_PART
from glasswright.corpus.evidence.reuse import joined
from glasswright.corpus.evidence.sections import headings, license_sections, may_have_license_section
from glasswright.corpus.found import Nearness, Statement
from glasswright.licenses import restrictions

HEAD_CHARS, TAIL_CHARS = 6000, 6000
HEADER_LINES, FOOTER_LINES = 60, 20
HEADING_LINES = 12
LAST_HEADINGS = 6
QUOTE_CHARS = 160

SIGNS = (  # one of them stands in every text that says something, in lower case; a text without is not read further
    "licen", "lizenz", "copyright", "©", "public", "commons", "rights", "waive", "gutenberg", "cc-", "cc0",
    "许可", "授权", "授權", "协议", "協議", "ліценз", "лиценз", "版权", "ライセンス", "라이선스",
    "may not", "must not", "not be", "use only", "commercial",
)  # fmt: skip
IDENTIFIER = re.compile(
    r"^[ \t]*(?:<!--|//|#+|\.\.|/?\*+|;+|--|%+|\{[#/%]-?|\"{3}|'{3}|rem\b|dnl\b|\.\\\"|\[(?:comment|//)\]:[ \t]*(?:<>|#)[ \t]*[(\"'])?[ \t]*"
    r"(?:comment:[ \t]*)?SPDX-License-Identifier[:=][ \t]*[\"']?([^\r\n*\"]+?)[ \t]*(?:-->|\*/|[#%]\}|[\"')\]]+)?[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
DEDENT = re.compile(r"(?!)")  # a comment of reStructuredText ends where the indent does
COMMENTS = (
    (re.compile(r"[ \t]*<!--"), re.compile(r"-->")),
    (re.compile(r"[ \t]*/\*"), re.compile(r"\*/")),
    (re.compile(r"\{#|\{%-? *comment"), re.compile(r"#\}|endcomment")),
    (re.compile(r"(?:---|\+\+\+)[ \t]*$"), re.compile(r"^(?:---|\+\+\+|\.\.\.)$")),
    (re.compile(r"\.\.(?:[ \t]|$)"), DEDENT),
)
LINE_COMMENT = re.compile(
    r"[ \t]*(?:#|//|;|%|\.\\\"|\[(?:comment|//)\]:|<\?xml|<!doctype|<html|<head|[=\-~^*]{3,}[ \t]*$|:[\w-]+:)",
    re.IGNORECASE,
)
FRONT_MATTER = re.compile(r"\A\s*(?:---|\+\+\+)[ \t]*\n(.*?)\n(?:---|\+\+\+|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
FIELD = re.compile(
    r"^[ \t]{0,4}(?:[*-][ \t]+)?(?:\*\*|:)?licen[sc]e(?:\*\*)?[ \t]*[:=][ \t*]*(\S.{0,300})$",
    re.IGNORECASE | re.MULTILINE,
)
ELSEWHERE = re.compile(r"see\b|refer\b|\.{0,2}/|\[?licen[sc]e\b(?!d)", re.IGNORECASE)  # where it is stated, not what
NESTED_FIELD = re.compile(
    r"^licen[sc]es?:[ \t]*\n((?:[ \t]+.{0,300}\n?|-[ \t].{0,300}\n?){1,8})", re.IGNORECASE | re.MULTILINE
)
RIGHTS_FIELD = re.compile(  # holds a license if it names one: more often it says whose the work is
    r"^[ \t]{0,4}(?:[*-][ \t]+)?(?:\*\*|:)?(?:rights|copyright|dc\.rights|usage[_ -]?rights|footer)(?:\*\*)?[ \t]*[:=][ \t*]*(\S.{0,300})$",
    re.IGNORECASE | re.MULTILINE,
)
ANY_FIELD = re.compile(
    r"^[ \t]{0,4}(?:[*-][ \t]+)?[:*]{0,2}[A-Za-z][\w -]{1,30}[:*]{0,2}[ \t]*[:=][ \t]*\S", re.MULTILINE
)
MARKUP_COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
REL_LICENSE = re.compile(
    r"<(?:a|link)\b[^>]{0,1000}\brel=[\"']?license\b[^>]{0,1000}>"
    r"|<meta\b[^>]{0,1000}name=[\"'](?:dc(?:terms)?\.)?(?:rights|license|copyright)[\"'][^>]{0,1000}>",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"(?:href|content)=[\"']?([^\"'\s>]+(?:[^\"'>]*(?=[\"']))?)", re.IGNORECASE)
SUBJECT = (
    r"(?:document|work|book|ebook|page|pages|site|website|article|articles|tutorial|tutorials|essay|text|texts|guide|guides|"
    r"handbook|manual|material|materials|content|contents|documentation|docs|story|stories|paper|report|post|posts|proposal|"
    r"project|repository|repo|pep|p\.e\.p\.|bip|eip|erc|rfc|specification|lesson|lessons|chapter|translation|curriculum|course|"
    r"list|wiki|playbook|style[ \n]guides|is[ \n]all)"
)
SELF = re.compile(
    rf"\b(?:this|these|the|all|our|its)[ \n]+(?:\w+[ \n]+){{0,3}}?{SUBJECT}\b(?P<between>(?:[^.\n]|\n(?!\n)){{0,120}}?)"
    r"\b(?:licen[sc]ed|placed|released|dedicated|distributed|published|available|covered|put|under|falls|"
    r"in[ \n]the[ \n]public)\b",
    re.IGNORECASE,
)
NAMES_LICENSE = re.compile(  # looked for first: where it is not, no license is named
    r"licen|commons|\bcc\b|\bcc[-0]|public[ \n]+domain|gpl|fdl|\bmit\b|apache|bsd|copyright|-\d\.\d|许可|授权|授權|协议|協議|知识|創用|クリエ",
    re.IGNORECASE,
)
TAKES = re.compile(
    r"\b(?:may|must|can|shall)(?: ?not|n.t)\b|\bonly\b|\bsolely\b|commercial|prohibit|forbid|permission", re.IGNORECASE
)
ABOUT_OTHERS = re.compile(  # "this project uses X, which is licensed under ..."
    r"\b(?:uses?|using|includes?|including|contains?|depends?|bundles?|embeds?|vendors?|requires?|incorporates?|based[ \n]on|"
    r"built[ \n](?:on|with)|borrows?|derived[ \n]from|inspired|powered|theme|template)\b",
    re.IGNORECASE,
)
APPLIES = re.compile(  # "The X license applies to the files in this package"
    r"\bthe[ \n][^.\n]{1,60}?\blicen[sc]e\b[^.]{0,60}?[ \n]applies[ \n]to[ \n](?:this[ \n]|these[ \n]|(?:all[ \n])?(?:the[ \n])?files[ \n]in[ \n]this)",
    re.IGNORECASE,
)
SELF_TAKEN = re.compile(
    rf"\b(?:this|these|all)[ \n]+(?:\w+[ \n]+){{0,3}}?{SUBJECT}[ \n]+(?:is|are|may|must|can|shall)\b[^.]{{0,200}}",
    re.IGNORECASE,
)
BY_HAND = re.compile(r"\b(?:by[ \n]hand|manually|directly|edit)", re.IGNORECASE)
SELF_CHINESE = re.compile(
    r"(?:本|这些|這些|此|该|該)(?:文|内容|內容|作品|项目|項目|书|書|仓库|教程|站)[^。\n]{0,100}(?:协议|協議|许可|許可|授权|授權)"
)
SENTENCE_END = re.compile(r"[.!?:](?=\s)|\n[ \t]*\n|\n[ \t]*[-*][ \t]")
PLACEHOLDER = re.compile(
    r"\{\w+\}|<(?:year|name|author|owner)[^>\n]{0,40}>|\[(?:year|yyyy|name|author|owner)[^\]\n]{0,40}\](?!\()",
    re.IGNORECASE,
)
QUOTATION_MARKS = ('"', "“", "‘", "`", "«", "„")
WAIVED = re.compile(r"\bcopyright and related rights (?:are )?waived\b|\bwe waive copyright\b", re.IGNORECASE)
GUTENBERG = re.compile(r"^\W*\*\*\* ?START OF (?:THE|THIS) PROJECT GUTENBERG", re.IGNORECASE | re.MULTILINE)
GUTENBERG_COPYRIGHTED = re.compile(r"\bCOPYRIGHTED Project Gutenberg", re.IGNORECASE)
CODE = re.compile(r"^(```|~~~).*?^\1[ \t]*$|^(?: {4}|\t)[^\n]*$", re.MULTILINE | re.DOTALL)  # quoted, not said


def statements(text: str) -> list[Statement]:
    """The statements of a text about itself, nearest first."""
    lowered = text.lower()
    if not any(sign in lowered for sign in SIGNS):
        return []
    head, tail = text[:HEAD_CHARS], text[-TAIL_CHARS:]
    found = [*identifiers(text), *_fields(text), *_links(text)]
    return found or list(_words(text, head, tail))


def links(markup: str) -> list[Statement]:
    """What the markup of a page says that a reader does not see: an identifier in a comment, a link to its license."""
    comments = "\n\n".join(MARKUP_COMMENT.findall(markup[:HEAD_CHARS]))
    said = self_statement(comments) if "licen" in comments.lower() else None
    return [*identifiers(markup), *_links(markup), *([said] if said else [])]


def identifiers(text: str) -> Iterator[Statement]:
    """SPDX identifiers in comments before a text begins, else after it ends; several hold together."""
    for zone, lines_of in ((text[:HEAD_CHARS], _before_prose), (text[-TAIL_CHARS:], _after_prose)):
        if "spdx-license-identifier" in zone.lower():
            comments = "\n".join(lines_of(zone))
            if found := [match.group(1).strip() for match in IDENTIFIER.finditer(comments)]:
                yield Statement(license=joined(found), evidence="SPDX-License-Identifier", nearness=Nearness.IDENTIFIER)
                return


def _before_prose(zone: str) -> Iterator[str]:
    """The lines before a text begins: comments, front matter, a title. Code in it may have an identifier of its own."""
    closing, titles = None, 1
    for line in zone.split("\n"):
        bare = line.strip()
        if bare.startswith(("```", "~~~")):
            return
        if closing is None:
            opened = next((pair for pair in COMMENTS if pair[0].match(line)), None)
            if opened is None and bare and not LINE_COMMENT.match(line):
                titles -= 1
                if titles < 0 or line[0] in " \t":
                    return
            closing = opened[1] if opened else None
            bare = bare[3:] if opened else bare
        elif closing is DEDENT and bare and line[0] not in " \t":
            closing = None
            if not LINE_COMMENT.match(line):
                titles -= 1
        if closing is not None and closing is not DEDENT and closing.search(bare):
            closing = None
        yield line


def _after_prose(zone: str) -> list[str]:
    """The comments after the last line of a text."""
    lines = zone.rstrip().split("\n")
    first, within = len(lines), False
    while first > 0:
        line = lines[first - 1]
        within = within or line.rstrip().endswith("-->")
        if not within and line.strip() and not LINE_COMMENT.match(line) and not COMMENTS[0][0].match(line):
            break
        within = within and "<!--" not in line
        first -= 1
    return lines[first:]


def _fields(text: str) -> Iterator[Statement]:
    """License fields where fields stand: in front matter, in the first block of the text, in the list it ends with."""
    if front := FRONT_MATTER.match(text):
        yield from _field_in(front.group(1), "front matter", min_fields=1)
        return
    lines = text.split("\n")
    header = _field_block(lines[:HEADER_LINES])
    found = list(_field_in(header, "header"))
    yield from found or _field_in("\n".join(lines[-FOOTER_LINES:]), "list at the end")


def _field_in(block: str, place: str, *, min_fields: int = 2) -> Iterator[Statement]:
    """The license field of a block; where fields are not all there is, one alone may be a line of prose."""
    if len(ANY_FIELD.findall(block)) < min_fields:
        return
    for pattern in (FIELD, NESTED_FIELD, RIGHTS_FIELD):
        match = pattern.search(block)
        if match and (pattern is FIELD or mentions(match.group(1))):
            value = match.group(1).strip("\"', \t\n-")
            if ELSEWHERE.match(value) and not mentions(value):
                return
            evidence = f"{place}: {_quote(match.group(0))}"
            yield Statement(license=expression_of(value) or value[:80], evidence=evidence, nearness=Nearness.DOCUMENT)
            return


def _field_block(lines: list[str]) -> str:
    """The lines up to the first heading or paragraph: a header of fields ends where prose begins."""
    block: list[str] = []
    for line in lines:
        if block and not line.strip() and len(block) > 2:
            break
        block.append(line)
    return "\n".join(block)


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
    section = _license_section(text)
    if section and mentions(section) and (license := granted(section)):
        yield Statement(license=license, evidence=f"section at the end: {_quote(section)}", nearness=Nearness.DOCUMENT)
        return
    for zone in (head, tail):
        if found := self_statement(_unquoted(zone)):
            yield found
            return


def self_statement(zone: str, nearness: Nearness = Nearness.DOCUMENT) -> Statement | None:
    """The first sentence in which a text says under what license it is, or what may not be done with it."""
    if found := self_grant(zone):
        return Statement(license=found[0].license, evidence=f'"{_quote(found[1])}"', nearness=nearness)
    return None


def self_grant(zone: str) -> tuple[Grant, str] | None:
    """What the first such sentence grants, and the sentence."""
    if not NAMES_LICENSE.search(zone):
        return _taken(zone)
    for pattern in (SELF, WAIVED, SELF_CHINESE):
        for match in pattern.finditer(zone):
            if pattern is SELF and (ABOUT_OTHERS.search(match["between"]) or _is_about_code(zone, match.start())):
                continue
            sentence = _sentence(zone, match.start(), match.end())
            if PLACEHOLDER.search(sentence) or zone[max(0, match.start() - 1) : match.start()] in QUOTATION_MARKS:
                continue  # an example of a statement
            if mentions(sentence) and (found := spoken_grant(sentence)):
                return found, sentence
    for match in APPLIES.finditer(zone):
        if found := spoken_grant(match.group()):
            return found, match.group()
    return _taken(zone)


def _taken(zone: str) -> tuple[Grant, str] | None:
    """The first sentence in which a text says what may not be done with it."""
    if not TAKES.search(zone):
        return None
    for match in SELF_TAKEN.finditer(zone):
        taken = restrictions(match.group())
        if taken and not BY_HAND.search(match.group()):
            return Grant(taken[0][1]), match.group()
    return None


def _is_about_code(zone: str, place: int) -> bool:
    """Whether the sentence that leads to a place is about the code of the work: "the code samples of this book are"."""
    before = SENTENCE_END.split(zone[max(0, place - 200) : place])[-1]
    return bool(OTHER_PART.search(before)) and not TEXT_PART.search(before)


def _unquoted(zone: str) -> str:
    """A text without what it shows as code. In its first lines an indent is layout."""
    lines = zone.split("\n", HEADING_LINES)
    first = [line.lstrip() if not line.lstrip().startswith(("```", "~~~")) else line for line in lines[:HEADING_LINES]]
    return CODE.sub("", "\n".join([*first, *lines[HEADING_LINES:]]))


def _license_section(text: str) -> str:
    """The license section, if it stands where statements stand, not as the text's subject: among the last headings."""
    if not may_have_license_section(text):
        return ""
    found = headings(text)
    if len(found) < 2:
        return ""
    for heading, section in license_sections(text, found)[:1]:
        if heading.start >= found[max(1, len(found) - LAST_HEADINGS)].start:
            return "" if OTHER_PART.search(section) and not SELF.search(section) else section
    return ""


def _sentence(text: str, start: int, end: int) -> str:
    """From the match to the end of its paragraph, not further than a few lines."""
    stop = re.search(r"\n[ \t]*\n(?!additionally)", text[end:], re.IGNORECASE)
    return text[start : end + (stop.start() if stop else len(text))][:600]


def _quote(text: str) -> str:
    return " ".join(text.split())[:QUOTE_CHARS]
