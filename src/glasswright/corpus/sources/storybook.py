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
    credits = _credits(pages[-1])
    if credits:
        pages.pop()
    return Storybook(text="\n\n".join(_unwrapped(page) for page in pages if page), credits=credits)


def _credits(page: str) -> dict[str, str]:
    """The list a story ends with, if that is all the last page holds and it names a license."""
    lines = [line.strip() for line in page.split("\n") if line.strip()]
    found = [match for line in lines if (match := CREDIT.match(line))]
    credits = {match["key"].lower(): (match["value"] or "").strip() for match in found}
    is_list = all(line[0] in "*-" for line in lines)
    return credits if is_list and {"license", "licence"} & set(credits) else {}


def _unwrapped(page: str) -> str:
    lines: list[str] = []
    for line in page.split("\n"):
        goes_on = lines and lines[-1] and not ENDS_A_SENTENCE.search(lines[-1]) and not OWN_LINE.match(lines[-1])
        if goes_on and line.strip() and not OWN_LINE.match(line):
            lines[-1] = f"{lines[-1].rstrip()} {line.strip()}"
        else:
            lines.append(line.rstrip())
    return "\n".join(lines)
