"""Which part of a work a named license is for: "The text is licensed under CC BY, the code samples under MIT".

Each name belongs to what is spoken of before it, since the name before or since the sentence began, or to what it says
itself it is for: "MIT for the code". A heading speaks for what stands under it.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from enum import Enum

from glasswright.corpus.evidence.mentions import Mention

TEXT_WORD = (
    r"(?:documentation|documents?|docs|texts?|contents?|materials?|prose|guides?|books?|ebook|handbook|stories|pages?|articles?|"
    r"lessons?|tutorials?|chapters?|essays?|posts|manuals?|translations?|writing|wiki|curriculum|course|文档|文章|内容)"
)
OTHER_WORD = (  # not the text: the program beside it, its pictures, the work of others
    r"(?:(?:source[- ])?code|software|(?:code[ ]|source[ ])?(?:samples?|snippets?)|scripts?|programs?|tools?|plugins?|librar(?:y|ies)|images?|"
    r"pictures|illustrations?|artwork|diagrams|figures|screenshots|fonts?|icons?|logos?|trademarks?|photos?|photographs|videos?|third[- ]party|"
    r"data[ ]?sets?|dependenc(?:y|ies)|theme|website[ ]code|代码)"
)
TEXT_PART = re.compile(rf"\b{TEXT_WORD}\b", re.IGNORECASE)
OTHER_PART = re.compile(rf"\b{OTHER_WORD}\b", re.IGNORECASE)
WITHIN = re.compile(  # "the code in this book" is code
    rf"\b(?:in|of|from|within|throughout|accompanying)[ \n]+(?:this|the|these|our|all|its)[ \n]+(?:\w+[ \n]+){{0,2}}?(?:{TEXT_WORD}|"
    r"repository|project|site|website)\b",
    re.IGNORECASE,
)
EXCLUDED = re.compile(  # "content, except for the logo, is ..."
    r"\b(?:except|excluding|excepting|other[ \n]than|apart[ \n]from|with[ \n]the[ \n]exception[ \n]of|not[ \n]including)\b[^,.;)\n]{0,120}[,.;)]",
    re.IGNORECASE,
)
SAID_AFTER = re.compile(
    r"[^.;\n]{0,60}?[ (](?:for|covers?|applies[ ]to|\()[ ]?(?:(?:the|all|any|our|its)[ ])?(?P<what>[\w ,/&-]{0,40})",
    re.IGNORECASE,
)
PARAGRAPH = re.compile(r"\n[ \t]*\n")
HEADING_LINE = re.compile(r"(?:#{1,6}[ \t]+|=+[ \t]*|\*\*)?(\S.{0,120})")
CUT = re.compile(r"[.!?;:](?=\s[\sA-Z*\[(-])|\n[ \t]*(?:[-*+|]|\d+\.)[ \t]")


FOR_ALL = re.compile(  # and what else is named is for some part of it
    r"\b(?:most[ \n]+(?:of[ \n]+the[ \n]+)?files|all[ \n]+(?:other[ \n]+)?files|everything(?:[ \n]+else)?|the[ \n]+rest|as[ \n]+a[ \n]+whole)\b",
    re.IGNORECASE,
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
