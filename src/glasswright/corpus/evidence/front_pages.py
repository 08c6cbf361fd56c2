"""Pages that speak of the whole they belong to: the index, the preface, "About", "Copyright".

"This book is licensed under CC BY-SA 3.0" in index.html holds for the pages beside and below it, where no README and no
license file says anything. What such a page takes away is heard in any case.
"""

import re

from glasswright.corpus.evidence.sections import without_fenced
from glasswright.corpus.evidence.sentences import self_grant
from glasswright.corpus.found import Nearness, Statement
from glasswright.licenses.spoken import spoken

NAME = re.compile(
    r"(?:index|about|licen[sc]e|licensing|copyright|legal|terms|preface|colophon|imprint|title-?page)"
    r"\.(?:md|markdown|rst|adoc|asciidoc|txt|html?|xhtml|[rq]md)",
    re.IGNORECASE,
)
WHOLE = spoken(
    r"\b(?:books?|ebook|sites?|websites?|work|course|handbook|materials?|contents?|texts?|curriculum|lessons|tutorials|"
    r"documentation|docs|manual|articles|posts|chapters|pages)\b"
)
LINK = re.compile(r"<a\b[^>]{0,300}?\bhref=[\"']?([^\"'\s>]{1,300})[^>]{0,300}>", re.IGNORECASE)
TAG = re.compile(r"<[^<>]{0,600}>")
MAX_CHARS = 40_000  # of a page; what it says of the whole stands near its begin or end
HALF = MAX_CHARS // 2


def is_front_page(name: str) -> bool:
    """Whether a file by that name may speak of what lies around it."""
    return bool(NAME.fullmatch(name))


def front_page_statement(text: str, path: str) -> Statement | None:
    """The license that a page states for the whole it belongs to."""
    if len(text) > MAX_CHARS:
        text = text[:HALF] + "\n\n" + text[-HALF:]
    if path.lower().endswith(("html", "htm")):
        text = TAG.sub("", LINK.sub(r" (\1) ", text))
    said = self_grant(without_fenced(text))
    if said is None or not said[0].is_for_text or not WHOLE.search(said[1]):
        return None
    quote = " ".join(said[1].split())[:120]
    return Statement(license=said[0].license, evidence=f'{path}: "{quote}"', nearness=Nearness.TREE)
