"""Headings of Markdown, reStructuredText, AsciiDoc and MediaWiki, and the sections about a license below them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from glasswright.licenses.beside import LICENSE_TITLES, is_license_title

HEADING = re.compile(  # bounded, so that a hostile line takes no longer than it is long
    r"^(?:(?P<marks>#{1,6})[ \t]+(?P<md>\S.{0,200})|(?P<signs>={1,6})[ \t]*(?P<wiki>[^=\s].{0,200})"
    r"|<h(?P<level>[1-6])\b[^>\n]{0,200}>(?P<html>.{1,200}?)</h[1-6]>.{0,20}"
    r"|(?P<rst>[^\s].{0,60})\n(?P<line>[=\-~^\"'#*])(?P=line){2,})$",
    re.MULTILINE | re.IGNORECASE,
)
FENCE = re.compile(r"[ \t]{0,8}(```+|~~~+)")
UNDERLINES = "=-~^\"'#*"
MAX_TITLE_MARKUP, MAX_SECTION = 300, 3000  # characters
MAX_SECTIONS = 8


@dataclass(frozen=True, slots=True)
class Heading:
    """One heading: where it begins and ends, how deep it is."""

    start: int
    end: int
    depth: int
    title: str


def headings(text: str) -> list[Heading]:
    """The headings of a text, what looks like one in fenced code aside."""
    return [_heading(match) for match in HEADING.finditer(without_fenced(text))]


def without_fenced(text: str) -> str:
    """A text with blanks in place of fenced code, so that places stay what they are."""
    if "```" not in text and "~~~" not in text:
        return text
    lines, fence = [], ""
    for line in text.split("\n"):
        mark = FENCE.match(line)
        inside = bool(fence)
        if fence and mark and line.strip().startswith(fence) and not line.strip().strip(fence[0]):
            fence = ""
        elif not fence and mark:
            fence, inside = mark.group(1), True
        lines.append(" " * len(line) if inside else line)
    return "\n".join(lines)


def license_sections(text: str, found: list[Heading]) -> list[tuple[Heading, str]]:
    """The sections about a license with what stands in them, deeper headings too; the last first."""
    result: list[tuple[Heading, str]] = []
    begin = len(text) - len(text.lstrip())
    for number in range(len(found) - 1, -1, -1):
        if len(result) == MAX_SECTIONS:
            break
        heading = found[number]
        if heading.start <= begin:
            continue  # the title of a text about licenses
        if is_license_title(heading.title):
            after = (other.start for other in found[number + 1 :] if other.depth <= heading.depth)
            section = text[heading.end : next(after, len(text))][:MAX_SECTION].strip()
            result.append((heading, section))
    return result


def may_have_license_section(text: str) -> bool:
    """A quick look: whether a word of a license's title stands in a line that may be a heading."""
    lowered = text.lower()
    return any(_may_be_heading(lowered, place) for word in LICENSE_TITLES for place in _places(lowered, word))


def _places(text: str, word: str) -> Iterator[int]:
    place = text.find(word)
    while place >= 0:
        yield place
        place = text.find(word, place + len(word))


def _may_be_heading(text: str, place: int) -> bool:
    start = text.rfind("\n", 0, place) + 1
    if place - start > MAX_TITLE_MARKUP:
        return False
    if text[start] in "#=<":
        return True
    end = text.find("\n", place)
    return end >= 0 and text[end + 1 : end + 2] in tuple(UNDERLINES)


def _heading(match: re.Match[str]) -> Heading:
    title = match["md"] or match["wiki"] or match["html"] or match["rst"]
    depth = len(match["marks"] or match["signs"] or "") or int(match["level"] or 0)
    if match["line"]:
        depth = UNDERLINES.index(match["line"]) + 1  # as they are most often used
    return Heading(match.start(), match.end(), depth, title.strip())
