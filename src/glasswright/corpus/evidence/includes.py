"""Files that a text takes in: `.. include:: footer.rst`, `include::footer.adoc[]`, `{% include "footer.md" %}`.

What such a file says of the license is said in the text itself. Followed inside the source, a few files deep.
"""

import posixpath
import re
from collections.abc import Callable

from glasswright.corpus.found import Nearness, Statement
from glasswright.licenses.grants import granted
from glasswright.licenses.mentions import mentions

MAX_DEPTH = 3
MAX_INCLUDES = 20  # of one text
MAX_INCLUDED_CHARS = 20_000  # of an included file, in which others may be included
MAX_FOOTER_CHARS = 5000
DIRECTIVES = re.compile(
    r"^[ \t]{0,8}(?:\.\.[ \t]+include::[ \t]+(?P<rst>[^\s\[\]]{1,200})"
    r"|include::(?P<adoc>[^\s\[\]{}]{1,200})\[[^\]\n]{0,200}\]"
    r"|\{%-?[ \t]*include(?:_relative)?[ \t]+[\"']?(?P<liquid>[^\s\"'%]{1,200})[\"']?[^%\n]{0,200}%\}"
    r"|\{\{#include[ \t]+(?P<mdbook>[^\s}]{1,200})[ \t]*\}\}"
    r"|--8<--[ \t]+[\"'](?P<snippet>[^\"'\n]{1,200})[\"']|```\{include\}[ \t]+(?P<myst>\S{1,200}))",
    re.MULTILINE,
)


MARKS = ("include", "--8<--")  # one stands in every text that takes something in
OF_EACH_PAGE = re.compile(r"foot|head|licen[cs]e|copying|copyright|legal|notice|colophon|rights", re.IGNORECASE)


def included_files(path: str, text: str, exists: Callable[[str], bool], read: Callable[[str], str]) -> list[str]:
    """The files that the text at `path` takes in, and those that they do."""
    if not any(mark in text for mark in MARKS):
        return []
    found: list[str] = []
    waiting = [(path, text, MAX_DEPTH)]
    while waiting:
        of, within, depth = waiting.pop(0)
        for match in DIRECTIVES.finditer(within):
            name = next(name for name in match.groups() if name)
            target = posixpath.normpath(posixpath.join(posixpath.dirname(of), name))
            if target in found or target == path or not exists(target):
                continue
            found.append(target)
            if len(found) == MAX_INCLUDES:
                return found
            if depth > 1:
                waiting.append((target, read(target)[:MAX_INCLUDED_CHARS], depth - 1))
    return found


def included_statement(path: str, text: str) -> Statement | None:
    """What a header or footer says that others take in. A chapter speaks of itself alone."""
    if len(text) > MAX_FOOTER_CHARS or not OF_EACH_PAGE.search(posixpath.basename(path)) or not mentions(text):
        return None
    license = granted(text)
    evidence = f"{path}, which it includes"
    return Statement(license=license, evidence=evidence, nearness=Nearness.DOCUMENT) if license else None
