"""License fields: in front matter, in the header block of a text, in the list it ends with.

license: CC-BY-4.0        License: PD        :licence: ...        * License: [CC-BY]        rights: © A. Body, CC BY 4.0
"""

import re
from collections.abc import Iterator

from glasswright.corpus.found import Nearness, Statement
from glasswright.licenses.grants import expression_of
from glasswright.licenses.mentions import mentions

HEADER_LINES, FOOTER_LINES = 60, 20
QUOTE_CHARS = 160
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
    r"^[ \t]{0,4}(?:[*-][ \t]+)?(?:\*\*|:)?(?:rights|copyright|dc\.rights|usage[_ -]?rights|footer)"
    r"(?:\*\*)?[ \t]*[:=][ \t*]*"
    r"(\S.{0,300})$",
    re.IGNORECASE | re.MULTILINE,
)
ANY_FIELD = re.compile(
    r"^[ \t]{0,4}(?:[*-][ \t]+)?[:*]{0,2}[A-Za-z][\w -]{1,30}[:*]{0,2}[ \t]*[:=][ \t]*\S", re.MULTILINE
)


def fields(text: str) -> Iterator[Statement]:
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


def _quote(text: str) -> str:
    return " ".join(text.split())[:QUOTE_CHARS]
