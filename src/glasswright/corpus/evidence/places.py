"""Which files of a work a license is for, where LICENSE or README says so by path or by extension.

sentence     Files in the scripts/python/ directory are released under the GPL, version 3
extension    Files whose extension is ".c" or ".java" use the MIT license; ".md", ".html" use CC BY-NC-ND 4.0
exception    "book/appendix-i.md", which uses the MIT license
row          - `docs/`: CC BY 4.0
section      This section applies to the following files: ... (a list, and a license below it)

A path counts if it is there. "Some files in docs/" names none.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from glasswright.corpus.evidence.sections import Heading, headings, without_fenced
from glasswright.corpus.evidence.sentences import ABOUT_OTHERS, PLACEHOLDER
from glasswright.licenses.grants import NO_GRANT, spoken_grant
from glasswright.licenses.mentions import Mention, mentions
from glasswright.licenses.parts import OTHER_PART, TEXT_PART
from glasswright.licenses.spoken import spoken

MAX_CHARS = 60_000  # of a file that says which part is under what
MAX_UNIT = 1500  # characters of a sentence and of what it introduces
MAX_PLACES = 500
HINT = spoken(r"\b(?:director(?:y|ies)|folders?|files?|extensions?)\b", r"[\w`*]/", r"[`\"'*]\.\w")
WORD = r"[\w.@+-]{1,80}"
PATH = rf"(?:\.{{0,2}}/)?{WORD}(?:/{WORD}){{0,9}}/?(?:\*{{1,2}}(?:\.\w{{1,9}})?)?|/"
TOKEN = re.compile(
    rf"\[[^\]\n]{{1,120}}\]\((?P<link>{PATH})\)"
    rf"|[`\"'*]{{1,3}}(?P<quoted>{PATH}|\*?\.\w{{1,9}})[`\"'*]{{1,3}}"
    rf"|(?<![\w:/.-])(?P<bare>(?:\.{{0,2}}/)?{WORD}(?:/{WORD}){{0,9}}/(?:\*{{1,2}})?|\.?/?{WORD}(?:/{WORD}){{1,9}})(?![\w/])"
    r"|(?<![\w/])(?P<extension>\*?\.[a-z]\w{0,9})(?= files?\b)"
    rf"|\b(?P<folder>{WORD})[`\"*]? (?:sub-?)?(?:director(?:y|ies)|folders?)\b",
    re.IGNORECASE,
)
EXTENSION = re.compile(r"\*?(\.[a-z]\w{0,9})", re.IGNORECASE)
EXCEPTION = re.compile(  # "X", which uses the MIT license
    r"[(,][^(),]{0,40}?(?P<what>[`\"'][^`\"'\n]{1,200}[`\"'])[ \n,]{1,3}(?:which|that)[ \n](?P<said>[^,;)]{1,160})[,;)]"
)
UNIT_END = re.compile(
    r"(?<![ (][A-Z])[.!?](?=[\"')*_]{0,2}[ \t]*\n[ \t]*\n|[\"')*_]{0,2}[ \t\n]+[A-Z*`\[(\"']|\s*\Z)"
    r"|\n[ \t]*(?=[-*+•|][ \t])"
)
PARAGRAPH = re.compile(r"\n[ \t]*\n")
ADDRESS = re.compile(r"^\[[^\]\n]{1,200}\]:.*$|\bhttps?://(?!creativecommons)[^\s)>\]\"]+", re.MULTILINE)
NOT_GIVEN = spoken(  # with a path, or a list of paths below it
    r"\b(?:licen[sc]es?|terms|above|grant|permission)\b[^.\n]{0,40}? (?:does|do) not (?:apply|extend) to\b",
    r"\bnot (?:covered by|licen[sc]ed under|included in) (?:this|the|that|any) (?:\w+ )?licen[sc]e\b",
    r"\bfollowing (?:director|folder|file)[^.\n]{0,60}\b(?:copyright|©|\(c\)|property)",
)
VAGUE = spoken(r"\b(?:some|several|certain|many|various|a few|parts of|portions|none|neither|not all)\b")
BY_NAME = spoken(  # "use the ...", and a license follows
    r"\buses? (?:(?:the|this|a|an) )?(?:following )?(?:creative commons )?(?:licen[sc]es?\W*)?[*_`\[\"(]*$"
)
OF_FOLLOWING = spoken(
    r"\b(?:appl(?:y|ies) to|covers?|for)\b[^.\n]{0,60}?\bfollowing "
    r"(?:files|director|folder|paths|items|parts)[^\n]{0,80}:"
)
ITEM = re.compile(r"^[ \t]*[-*+•][ \t]+(?P<item>[^\n]{1,300})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Place:
    """Files below a folder, or one file, or all with an extension; and their license."""

    pattern: str  # "docs/", "docs/a.md", "*.md"
    license: str

    def holds(self, path: str) -> bool:
        """Whether a path below the file that names this place is in it."""
        if self.pattern.startswith("*"):
            return path.lower().endswith(self.pattern[1:])
        return path == self.pattern or (self.pattern.endswith("/") and path.startswith(self.pattern))


def places(text: str, is_folder: Callable[[str], bool]) -> list[Place]:
    """The places that a text names with one license each; `is_folder` knows the folders beside the text."""
    text = ADDRESS.sub(" ", without_fenced(text[:MAX_CHARS]))
    if not HINT.search(text):
        return []
    found: list[Place] = []
    for names, license in _said(text):
        patterns = (pattern for name in names if (pattern := _pattern(name, is_folder)))
        found += [Place(pattern, license) for pattern in patterns]
        if len(found) > MAX_PLACES:
            return []  # a list of what others made
    return list(dict.fromkeys(found))


def nearest(found: list[Place], path: str) -> list[Place]:
    """Of the places those that say most exactly where a path is: a file before a folder before an extension."""
    holding = [place for place in found if place.holds(path)]
    most = max((_exactness(place) for place in holding), default=0)
    return [place for place in holding if _exactness(place) == most]


def _exactness(place: Place) -> int:
    return 1 if place.pattern.startswith("*") else 1 + len(place.pattern)


def _said(text: str) -> Iterator[tuple[list[str], str]]:
    """Names of places, as they are written, with the license that is said to be theirs."""
    yield from _sections(text)
    yield from _not_given(text)
    for match in EXCEPTION.finditer(text):
        if license := _only_license(mentions(match["said"])):
            yield _names(match["what"]), license
    for unit in _units(EXCEPTION.sub(" ", text)):
        named = mentions(unit)
        license = _only_license(named)
        if license is None or VAGUE.search(unit[: named[0].start]) or PLACEHOLDER.search(unit):
            continue
        before = unit[: named[0].start]
        if (names := _names(before)) and _is_their_license(before):
            yield names, license


def _is_their_license(before: str) -> bool:
    """Whether what leads to a license speaks of the files that it names, and not of code in them or what they use."""
    *_, last = TOKEN.finditer(before)
    around = TOKEN.sub(" ", before)
    is_of_code = OTHER_PART.search(around) and not TEXT_PART.search(around)
    return not is_of_code and not ABOUT_OTHERS.search(BY_NAME.sub(" ", before[last.end() :]))


def _sections(text: str) -> Iterator[tuple[list[str], str]]:
    """Sections that begin with a list of what they are for."""
    found = headings(text)
    for number, heading in enumerate(found):
        section = text[heading.end : _end(found, number, len(text))]
        if (opened := OF_FOLLOWING.search(section)) and not mentions(section[: opened.start()]):
            items = [match["item"] for match in ITEM.finditer(section, opened.end())]
            said = spoken_grant(ITEM.sub("", section[opened.end() :]))
            if items and said and "LicenseRef-all-rights" not in said.license:
                yield [name for item in items for name in _names(item)], said.license


def _not_given(text: str) -> Iterator[tuple[list[str], str]]:
    """Files that are said to be under no license that the text gives, in a sentence or in the list below it."""
    for match in NOT_GIVEN.finditer(text):
        stop = PARAGRAPH.search(text, match.end())
        end = stop.start() if stop else len(text)
        if stop and text[match.end() : end].rstrip().endswith(":"):
            following = PARAGRAPH.search(text, stop.end())
            end = following.start() if following else len(text)
        said = text[match.end() : end][:MAX_UNIT]
        if not mentions(said.split("\n\n")[0]) and (names := _names(said)):
            yield names, NO_GRANT


def _end(found: list[Heading], number: int, length: int) -> int:
    after = (other.start for other in found[number + 1 :] if other.depth <= found[number].depth)
    return next(after, length)


def _units(text: str) -> Iterator[str]:
    """Sentences and items; one that ends in a colon with the paragraph that it introduces."""
    paragraphs = PARAGRAPH.split(text)
    for number, paragraph in enumerate(paragraphs):
        pieces = [piece for piece in UNIT_END.split(paragraph) if piece.strip()]
        if pieces and paragraph.rstrip().endswith(":") and number + 1 < len(paragraphs):
            pieces[-1] += "\n" + paragraphs[number + 1]
        yield from (piece[:MAX_UNIT] for piece in pieces)


def _only_license(named: list[Mention]) -> str | None:
    """The one license that is named, or None where it is none or several."""
    licenses = {mention.license for mention in named}
    return licenses.pop() if len(licenses) == 1 else None


def _names(spoken: str) -> list[str]:
    return [next(name for name in match.groups() if name) for match in TOKEN.finditer(spoken)]


def _pattern(name: str, is_folder: Callable[[str], bool]) -> str | None:
    """The files that a name means, or None where it names none."""
    if extension := EXTENSION.fullmatch(name):
        return "*" + extension.group(1).lower()
    bare = name.removeprefix("./").strip("/")
    bare = re.sub(r"/?\*{1,2}$", "", bare)
    if not bare or ".." in bare:
        return None
    if is_folder(bare):
        return bare + "/"
    path = PurePosixPath(bare)
    return bare if path.suffix and "*" not in bare and (len(path.parts) == 1 or is_folder(str(path.parent))) else None
