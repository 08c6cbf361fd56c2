"""Storybooks in Markdown, where an empty heading turns the page and lines are broken to fit beside a picture.

# Fox and Crow          Fox and Crow
##                                                     a page is a paragraph; a line goes on in the next
Once upon a time,       Once upon a time, there was    unless it ends a sentence
there was a fox.        a fox.
##
* License: [CC-BY]                                     who made it: `credits`, not part of the story
* Text: A. Body
"""

import re
from dataclasses import dataclass

PAGE_BREAK = re.compile(r"^##[ \t]*$", re.MULTILINE)
CODE = re.compile(r"^(?:```|~~~)", re.MULTILINE)  # where ## is a comment
CREDIT = re.compile(r"[*-][ \t]+(?P<key>[A-Z][\w ]{1,30}):[ \t]*(?P<value>\S.*)?")
ENDS_A_SENTENCE = re.compile(r"[.!?:…][\"'”’»)\]]*$")
OWN_LINE = re.compile(r"[#>|*+<-]|\d+[.)]\s|!\[|[ \t]{4}")
MIN_BREAKS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Storybook:
    """A story with its pages joined."""

    text: str
    credits: dict[str, str]


def read_storybook(text: str) -> Storybook | None:
    """The story, or None if the text has no pages."""
    pages = [page.strip() for page in PAGE_BREAK.split(text)]
    if len(pages) <= MIN_BREAKS or CODE.search(text):
        return None
    pages[-1], credits = _without_credits(pages[-1])
    return Storybook(text="\n\n".join(_unwrapped(page) for page in pages if page), credits=credits)


def _without_credits(page: str) -> tuple[str, dict[str, str]]:
    """A page up to the list of credits, which names a license; what is told after that is about the book."""
    lines = page.split("\n")
    found = {number: match for number, line in enumerate(lines) if (match := CREDIT.match(line.strip()))}
    credits = {match["key"].lower(): (match["value"] or "").strip() for match in found.values()}
    if not {"license", "licence"} & set(credits):
        return page, {}
    return "\n".join(lines[: min(found)]).strip(), credits


def _unwrapped(page: str) -> str:
    lines: list[list[str]] = []  # each of the lines that were broken from it
    for line in page.split("\n"):
        if lines and line.strip() and _goes_on(lines[-1]) and not OWN_LINE.match(line):
            lines[-1].append(line.strip())
        else:
            lines.append([line.rstrip()])
    return "\n".join(" ".join(pieces) for pieces in lines)


def _goes_on(pieces: list[str]) -> bool:
    """Whether a line that was broken goes on in the next one."""
    return bool(pieces[-1]) and not ENDS_A_SENTENCE.search(pieces[-1]) and not OWN_LINE.match(" ".join(pieces[:2]))
