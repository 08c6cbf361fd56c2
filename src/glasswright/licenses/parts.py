"""Which part of a work a named license is for: "The text is licensed under CC BY, the code samples under MIT".

Each name belongs to what is spoken of before it, since the name before or since the sentence began, or to what it says
itself it is for: "MIT for the code". A heading speaks for what stands under it.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from enum import Enum

from glasswright.licenses.mentions import Mention
from glasswright.licenses.spoken import spoken

TEXT_WORD = (
    r"(?:documentation|documents?|docs|texts?|contents?|materials?|prose|guides?|books?|ebook|handbook|stories|pages?|"
    r"articles?|lessons?|tutorials?|chapters?|essays?|posts|manuals?|translations?|writing|wiki|curriculum|course|"
    r"文档|文章|内容)"
)
OTHER_WORD = (  # not the text: the program beside it, its pictures, the work of others
    r"(?:(?:source[- ])?code|software|(?:code |source )?(?:samples?|snippets?)|scripts?|programs?|tools?|plugins?|"
    r"librar(?:y|ies)|images?|pictures|illustrations?|artwork|diagrams|figures|screenshots|fonts?|icons?|logos?|"
    r"trademarks?|photos?|photographs|videos?|third[- ]party|data ?sets?|dependenc(?:y|ies)|theme|代码)"
)
TEXT_PART = spoken(rf"\b{TEXT_WORD}\b")
OTHER_PART = spoken(rf"\b{OTHER_WORD}\b")
WITHIN = spoken(  # "the code in this book" is code
    r"\b(?:in|of|from|within|throughout|accompanying) (?:this|the|these|our|all|its) (?:\w+ ){0,2}?"
    rf"(?:{TEXT_WORD}|repository|project|site|website)\b"
)
EXCLUDED = spoken(  # "content, except for the logo, is ..."
    r"\b(?:except|excluding|excepting|other than|apart from|with the exception of|not including)\b"
    r"[^,.;)\n]{0,120}[,.;)]"
)
SAID_AFTER = spoken(
    r"[^.;\n]{0,60}?[ (](?:for|covers?|applies to|\() ?(?:(?:the|all|any|our|its) )?(?P<what>[\w ,/&-]{0,40})"
)
PARAGRAPH = re.compile(r"\n[ \t]*\n")
CUT = re.compile(r"[.!?;:](?=\s[\sA-Z*\[(-])|\n[ \t]*(?:[-*+|]|\d+\.)[ \t]")
FOR_ALL = spoken(  # and what else is named is for some part of it
    r"\b(?:most (?:of the )?files|all (?:other )?files|everything(?: else)?|the rest|as a whole)\b"
)


class Part(Enum):
    """What a license is for."""

    TEXT = "text"
    UNSAID = "unsaid"
    OTHER = "other"


def parts(text: str, named: list[Mention]) -> list[Part]:
    """Of each license named, what it is for."""
    result: list[Part] = []
    before = 0
    blocks = list(_blocks(text))
    starts = [start for start, _, _ in blocks]
    for mention, following in zip(named, [*named[1:], None], strict=True):
        start, end, heading = blocks[bisect_right(starts, mention.start) - 1]
        spoken = text[max(start, before) : mention.start]
        after = text[mention.end : min(end, following.start) if following else end]
        result.append(_part(heading, spoken, after))
        said = SAID_AFTER.match(after)
        before = mention.end + (said.end() if said and _of(said["what"]) is not Part.UNSAID else 0)
    return result


def _blocks(text: str) -> Iterator[tuple[int, int, str]]:
    """Paragraphs: begin, end, the heading above."""
    heading, start = "", 0
    for end in [*(found.start() for found in PARAGRAPH.finditer(text)), len(text)]:
        block = text[start:end].strip()
        lines = block.split("\n")
        if block.startswith("#") or (len(lines) == 2 and re.fullmatch(r"[=\-~^]{3,}", lines[1].strip())):
            heading = lines[0].strip("# ")
        yield start, end, heading
        start = end


def _part(heading: str, spoken: str, after: str) -> Part:
    said = SAID_AFTER.match(after)
    if said and (of := _of(said["what"])) is not Part.UNSAID:
        return of
    pieces = CUT.split(spoken)
    for piece in [pieces[-1], " ".join(pieces[-3:])]:
        if (of := _of(piece)) is not Part.UNSAID:
            return of
    return _of(heading)


def _of(spoken: str) -> Part:
    spoken = WITHIN.sub(" ", EXCLUDED.sub(" ", spoken))
    if TEXT_PART.search(spoken):
        return Part.TEXT
    return Part.OTHER if OTHER_PART.search(spoken) else Part.UNSAID
