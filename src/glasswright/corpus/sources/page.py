"""The documents of one HTML or XHTML page."""

import hashlib
from collections.abc import Iterator

from glasswright.corpus import markup
from glasswright.corpus.decode import clean
from glasswright.corpus.evidence.statements import links, statements
from glasswright.corpus.found import Found
from glasswright.corpus.sources.aside import set_aside
from glasswright.corpus.sources.charset import decode_page
from glasswright.corpus.sources.limits import MAX_MARKUP_BYTES
from glasswright.corpus.sources.stub import is_moved_stub

MEDIA_TYPES = ("text/html", "application/xhtml+xml")


def pages(path: str, data: bytes, media_type: str, http_charset: str | None = None) -> Iterator[Found]:
    """One `Found` for every story of a page, with what it says of its license."""
    if len(data) > MAX_MARKUP_BYTES:
        yield set_aside(path, data, media_type, "file_too_large")
        return
    source = decode_page(data, http_charset)
    try:
        stories = markup.stories(source.text.encode(), is_xml=media_type == "application/xhtml+xml")
    except markup.NotMarkup:
        yield set_aside(path, data, media_type, "markup_not_readable")
        return
    raw_sha256, linked = hashlib.sha256(data).hexdigest(), links(source.text)
    for number, story in enumerate(stories, start=1):
        text = clean(story.text)
        yield Found(
            path=path if len(stories) == 1 else f"{path}#{number}",
            media_type=media_type,
            text=text,
            raw_sha256=raw_sha256,
            num_raw_bytes=len(data),
            num_replaced=source.num_replaced if number == 1 else 0,
            title=story.title and clean(story.title),
            language=story.language,
            statements=tuple(linked or statements(text)),
            reason=_reason(story, text),
        )


def _reason(story: markup.Story, text: str) -> str | None:
    if story.is_boilerplate:
        return "boilerplate_page"
    return "moved_stub" if is_moved_stub(text) else None
