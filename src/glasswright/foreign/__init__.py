"""What a stranger gave: files opened and folders walked within bounds, text shown with nothing in it that is obeyed.

    opened(path, below=root)    a plain file, open for reading; no link is followed, no pipe waited for
    read(path, max_bytes=N)     all bytes of a file that has at most N
    read_at(file, buffer, N)    what stands at one place of an open file
    walk(root)                  what lies in a folder, every entry said, none followed
    shown(text)                 the text with every character visible
    bounded.answer(...)         a program that reads it, in a process which ends in any case

Whoever opens a file that somebody else made, opens it here. What cannot be read is a `NotRead` with its reason as a
class, so that each caller says it in its own words: a recipe that is no file is misuse, a release without one is false.
"""

from glasswright.foreign.files import (
    LINK,
    Changed,
    Missing,
    NotPlain,
    NotRead,
    TooLarge,
    Unreadable,
    opened,
    read,
    read_at,
    size_of,
)
from glasswright.foreign.folders import Entry, walk
from glasswright.foreign.text import json_shown, markdown_shown, shown

__all__ = [
    "LINK",
    "Changed",
    "Entry",
    "Missing",
    "NotPlain",
    "NotRead",
    "TooLarge",
    "Unreadable",
    "json_shown",
    "markdown_shown",
    "opened",
    "read",
    "read_at",
    "shown",
    "size_of",
    "walk",
]
