"""Files that only say where something else is."""

import re

from glasswright.corpus.evidence.fields import FRONT_MATTER

REDIRECTION = re.compile(
    r"^(?:layout:[ \t]*[\"']?redirect\b|redirect(?:_to|To)?:|#redirect\b|status:[ \t]*moved\b)",
    re.IGNORECASE | re.MULTILINE,
)
THIS = (
    r"\b(?:this|the|our|these|here)\b[^.!?\n]{0,60}?"
    r"\b(?:article|chapter|content|contents|document|documentation|docs|file|guide|instructions|page|post|project"
    r"|proposal|repository|section|site|tutorial|wiki)\b[^.!?\n]{0,60}?"
)
MOVED = re.compile(
    THIS + r"(?:\b(?:has|have|was|were|is|are)\s+(?:now\s+)?(?:been\s+)?(?:permanently\s+)?"
    r"(?:moved|relocated|migrated|redirected)\b"
    r"|\bnow\s+(?:lives|live|found|located|maintained|available)\s+(?:at|in|on|here)\b)"
    r"|^\W*moved\s+(?:permanently|to)\b",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"\[[^\]]*\]\([^)]*\)|<?https?://\S+|`[^`\n]+`")
MAX_OTHER_WORDS = 25


def is_moved_stub(text: str) -> bool:
    """Whether a text says little but that something is elsewhere, by its words or by a redirection."""
    front = FRONT_MATTER.match(text)
    body = text[front.end() :] if front else text
    if len(body) > 4000 or len(ADDRESS.sub(" ", body).split()) > MAX_OTHER_WORDS:
        return False
    return bool(MOVED.search(body) or REDIRECTION.search(body) or (front and REDIRECTION.search(front.group(1))))
