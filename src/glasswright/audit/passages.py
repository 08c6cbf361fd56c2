"""A document as passages: runs of lines between blank lines, each under its heading, with code set apart.

Rules read passages, so that a statement may span lines and evidence names exactly the lines it stands on.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

from glasswright.audit.record import Evidence, shorten
from glasswright.audit.subject import Document

FENCE = re.compile(r"^\s*(```|~~~)")
HTML_HEADING = re.compile(r"^\s*<h[1-6][^>]*>(?P<title>.*?)</h[1-6]>", re.IGNORECASE)
HEADING = re.compile(r"^\s{0,3}(?P<marks>#{1,6}|={1,6})\s+(?P<title>.+?)\s*[#=]*$")  # of Markdown, AsciiDoc, a wiki
ORG_HEADING = re.compile(r"^(?P<marks>\*{1,6})\s+(?P<title>.+?)\s*$")  # elsewhere an item of a list
UNDERLINE = re.compile(r"([=-])\1{2,}\s*$")
RST_UNDERLINE = re.compile(r"([=\-~^\"'*+#.:_])\1{2,}\s*$")  # in Markdown some of these are other things
UNDERLINES = "=-~"  # the outermost first
WORD = re.compile(r"\w")
BOLD_LEAD = re.compile(r"^\s*(?:[-*]\s+)?\*\*\s*(?P<title>[^*]{3,60}?)\s*:?\s*\*\*")
COMMENT = re.compile(r"(?:^|\s)#.*$")  # of YAML
MAX_PASSAGE_LINES = 60
MAX_PASSAGE_CHARACTERS = 4_000  # rules look for words near each other; longer runs only cost time


@dataclass(frozen=True, slots=True)
class Passage:
    """Some lines of a document under one heading."""

    document: Document
    first: int  # number of the first line, from 1
    lines: tuple[str, ...]
    heading: str  # the headings above, outermost first, joined by " > "
    is_code: bool = False
    is_heading: bool = False

    @property
    def text(self) -> str:
        """The lines joined by spaces, so that a statement may span them."""
        return " ".join(self.lines)

    @property
    def told(self) -> str:
        """The text without the heading that it is."""
        if not self.is_heading:
            return self.text
        html = HTML_HEADING.match(self.text)
        return self.text[html.end() :] if html else ""

    def evidence(self, match: re.Match[str] | None, rule: str) -> Evidence:
        """The place of a match in `text`, as evidence; of the whole passage without one."""
        if match is None:
            return Evidence(file=self.document.where, lines=(self.first, self.first + len(self.lines) - 1),
                            quote=shorten(self.text), rule=rule, strength="said")  # fmt: skip
        first, last = self._line_of(match.start()), self._line_of(max(match.start(), match.end() - 1))
        quote = shorten(" ".join(self.lines[first - self.first : last - self.first + 1]))
        around = shorten(self.text[max(0, match.start() - 60) : match.end() + 80]) if len(quote) >= 190 else quote
        return Evidence(file=self.document.where, lines=(first, last), quote=around, rule=rule, strength="said")

    def _line_of(self, offset: int) -> int:
        for index, line in enumerate(self.lines):
            if offset <= len(line):
                return self.first + index
            offset -= len(line) + 1
        return self.first + len(self.lines) - 1


@lru_cache(maxsize=4096)
def passages(document: Document) -> tuple[Passage, ...]:
    """Cut a document into passages."""
    cut = _Cutter(document)
    for number, (line, below) in enumerate(zip_longest(document.lines, document.lines[1:], fillvalue=""), 1):
        cut.take(number, line, below)
    cut.flush()
    return tuple(cut.done)


class _Cutter:
    """The state of cutting: where we are, and what has been gathered."""

    def __init__(self, document: Document):
        self.document = document
        self.done: list[Passage] = []
        self.headings: list[tuple[int, str]] = []
        self.gathered: list[str] = []
        self.first = 1
        self.in_code = False
        self.is_above_line = False  # a heading was, and the line is no text
        self.underline = RST_UNDERLINE if document.path.lower().endswith(".rst") else UNDERLINE
        self.is_org = document.path.lower().endswith(".org")

    def take(self, number: int, line: str, below: str) -> None:
        if self.is_above_line:
            self.is_above_line = False
            return
        if FENCE.match(line):
            self.flush()
            self.in_code = not self.in_code
            return
        self.is_above_line = not self.in_code and self._is_underlined(line, below)
        heading = None if self.in_code else self._marked(line)
        if self.is_above_line:
            heading = UNDERLINES.find(below[0]) % 4 + 1, line
        if heading:
            self.flush()
            self._enter(*heading)
        elif not line.strip() or self._is_full():
            self.flush()
            if not line.strip():
                return
        if not self.gathered:
            self.first = number
        self.gathered.append(line)
        if heading:
            self.flush(is_heading=True)

    def _is_full(self) -> bool:
        return len(self.gathered) >= MAX_PASSAGE_LINES or sum(map(len, self.gathered)) >= MAX_PASSAGE_CHARACTERS

    def _marked(self, line: str) -> tuple[int, str] | None:
        """The level and the title of a heading that has marks before it."""
        if html := HTML_HEADING.match(line):
            return 2, html["title"]
        found = HEADING.match(line) or (ORG_HEADING.match(line) if self.is_org else None)
        return (len(found["marks"]), found["title"]) if found else None

    def _is_underlined(self, line: str, below: str) -> bool:
        """Whether a line is a heading by the line below it. Nothing is above it, but for a line over the title."""
        if not self.underline.match(below) or len(below.rstrip()) < len(line.rstrip()):
            return False
        return WORD.search(line) is not None and all(map(self.underline.match, self.gathered))

    def _enter(self, level: int, title: str) -> None:
        self.headings = [(lv, above) for lv, above in self.headings if lv < level]
        self.headings.append((level, re.sub(r"[*_`]|<[^>]+>", "", title).strip()))

    def flush(self, *, is_heading: bool = False) -> None:
        if self.gathered:
            above = " > ".join(title for _, title in self.headings)
            lead = BOLD_LEAD.match(self.gathered[0])
            heading = f"{above} > {lead['title']}" if lead else above
            lines = tuple(self.gathered)
            self.done.append(Passage(self.document, self.first, lines, heading, self.in_code, is_heading))
        self.gathered = []


def front_matter(document: Document) -> dict[str, tuple[int, list[str]]]:
    """The YAML head of a card, as far as rules need it: key -> (line, values). Nested values are left out."""
    if not document.lines or document.lines[0].strip() != "---":
        return {}
    head: dict[str, tuple[int, list[str]]] = {}
    key = ""
    for number, line in enumerate(document.lines[1:], 2):
        if line.strip() == "---":
            return head
        if match := re.match(r"^([A-Za-z_][\w-]*):\s*(.*)$", line):
            key = match[1].lower()
            value = COMMENT.sub("", match[2]).strip().strip("'\"")
            head[key] = (number, [v.strip(" '\"") for v in value.strip("[]").split(",") if v.strip()] if value else [])
        elif key and (match := re.match(r"^\s*-\s+['\"]?([^'\"#]+?)['\"]?\s*$", line)):
            head[key][1].append(match[1].strip())
    return {}
