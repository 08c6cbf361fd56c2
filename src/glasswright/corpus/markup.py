"""HTML and XHTML to plain text: the stories in a page, or the page as one document.

A block element stands between blank lines, `br` is a line end, white space within a line is one space (except in
`pre`). Scripts, styles and pictures hold no text; a note reference is a number, not a word. Entities are never
expanded from outside the file and nothing is fetched.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from lxml import etree, html

BLOCKS = frozenset(
    """
    address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure footer
    form h1 h2 h3 h4 h5 h6 header hgroup hr li main nav ol p pre section summary table tbody tfoot thead tr ul
    """.split()
)
TIGHT_BLOCKS = frozenset(["li", "tr", "dt", "dd"])  # one line end is enough
SILENT = frozenset(
    ["head", "script", "style", "template", "noscript", "svg", "math", "img", "audio", "video", "iframe"]
)
BLANKS_AT_END = re.compile(r"(?<![ \t])[ \t]+\n")
EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

# Parts of a book that are about the book: EPUB 3 Structural Semantics Vocabulary 1.1
ABOUT_THE_BOOK = frozenset(
    """
    acknowledgments backlink bibliography colophon copyright-page cover endnotes halftitlepage imprint index
    landmarks loi lot other-credits page-list titlepage toc
    """.split()
)


MAX_ATTRIBUTES = 256  # of an element: the parser appends each to a chain that it walks from its begin


class NotMarkup(ValueError):
    """The bytes cannot be read as HTML or XML."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One document of a page."""

    text: str
    title: str | None
    language: str | None
    is_boilerplate: bool  # about the book, not of it


def stories(data: bytes, *, is_xml: bool) -> list[Story]:
    """The documents in a page: each outermost `article` if there are several, and what stands outside them; else all.

    data:  in UTF-8, whatever the page says of itself

    Raises:  NotMarkup if the page cannot be parsed.
    """
    root = _parse(data, is_xml=is_xml)
    body = next(_elements(root, "body"), root)
    language = _language(root)
    articles = [element for element in _elements(body, "article") if not _is_within(element, "article")]
    if len(articles) < 2:
        return [_story(body, _title(root), language)]
    found = [_story(article, None, language) for article in articles]
    for article in articles:
        _cut(article)
    rest = _story(body, _title(root), language)
    return [*found, rest] if rest.text else found


def _story(element: etree._Element, title: str | None, language: str | None) -> Story:
    return Story(
        text=_text(element),
        title=_heading(element) or title,
        language=_language(element) or language,
        is_boilerplate=_is_about_the_book(element),
    )


def _parse(data: bytes, *, is_xml: bool) -> etree._Element:
    if is_xml:
        strict = etree.XMLParser(
            encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
        )
        try:
            return etree.fromstring(data, strict)
        except (etree.XMLSyntaxError, ValueError):
            pass  # XHTML in name only, as so often: read it as browsers do
    _require_few_attributes(data)
    try:
        root = html.document_fromstring(data, parser=html.HTMLParser(encoding="utf-8", no_network=True))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise NotMarkup(str(error)) from error
    return root


def _require_few_attributes(data: bytes) -> None:
    """Raises:  NotMarkup if an element has more attributes than the parser can take in a time that grows with them.

    Counted by the parser itself: where a tag begins and ends is a long story.
    """
    most = etree.fromstring(data, etree.HTMLParser(encoding="utf-8", no_network=True, target=_MostAttributes()))
    if most > MAX_ATTRIBUTES:
        raise NotMarkup(f"an element has {most} attributes")


class _MostAttributes:
    """Counts the attributes of elements, as the parser sees them and without the tree it makes of them."""

    def __init__(self) -> None:
        self._most = 0

    def start(self, _name: str, attributes: Mapping[str, str]) -> None:
        self._most = max(self._most, len(attributes))

    def close(self) -> int:
        return self._most


def _text(root: etree._Element) -> str:
    writer = _Writer()
    silent = 0
    for event, element in _walk(root):
        name = _name(element)
        is_silent = not name or name in SILENT or "noteref" in _types(element)
        if event == "start":
            silent += is_silent
            if not silent:
                writer.open(name)
                writer.add(element.text)
        else:
            if not silent:
                writer.close(name)
            silent -= is_silent
            if element is not root and not silent:
                writer.add(element.tail)
    return writer.text()


def _walk(root: etree._Element) -> Iterator[tuple[Literal["start", "end"], etree._Element]]:
    """Depth first, without recursion: a hostile page may be deep."""
    path = [(root, iter(root))]
    yield "start", root
    while path:
        element, children = path[-1]
        child = next(children, None)
        if child is None:
            path.pop()
            yield "end", element
        else:
            path.append((child, iter(child)))
            yield "start", child


class _Writer:
    """Collects text; white space between pieces is decided when the next piece comes."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._breaks = 0  # line ends owed
        self._space = False  # a space owed
        self._pre = 0

    def open(self, name: str) -> None:
        self._pre += name == "pre"
        if name == "br":
            self._breaks = max(self._breaks, 1)
        elif name in ("td", "th"):
            self._space = True
        self._block(name)

    def close(self, name: str) -> None:
        self._block(name)
        self._pre -= name == "pre"

    def add(self, text: str | None) -> None:
        if not text:
            return
        if self._pre:
            self._emit(text)
            return
        words = " ".join(text.split(None))
        if text[0].isspace():
            self._space = True
        if words:
            self._emit(words)
            self._space = text[-1].isspace()

    def text(self) -> str:
        return BLANKS_AT_END.sub("\n", "".join(self._pieces)).strip()

    def _block(self, name: str) -> None:
        if name in BLOCKS:
            self._breaks = max(self._breaks, 1 if name in TIGHT_BLOCKS else 2)

    def _emit(self, text: str) -> None:
        if self._breaks:
            self._pieces.append("\n" * self._breaks)
        elif self._space:
            self._pieces.append(" ")
        self._breaks, self._space = 0, False
        self._pieces.append(text)


def _is_about_the_book(element: etree._Element) -> bool:
    """Whether the page's one top section says so of itself, or every one of them does."""
    if _types(element) & ABOUT_THE_BOOK:
        return True
    parts = [child for child in element if _name(child) in ("section", "nav", "article", "main")]
    return bool(parts) and all(_types(part) & ABOUT_THE_BOOK for part in parts)


def _heading(element: etree._Element) -> str | None:
    for name in ("h1", "h2", "h3", "h4"):
        for found in _elements(element, name):
            group = found.getparent()
            whole = group if group is not None and _name(group) == "hgroup" else found
            return ": ".join(_text(whole).split("\n\n")) or None
    return None


def _title(root: etree._Element) -> str | None:
    title = next(_elements(root, "title"), None)
    return None if title is None else " ".join("".join(title.itertext()).split()) or None


def _language(element: etree._Element) -> str | None:
    language: str | None = element.get(XML_LANG) or element.get("lang")
    return language


def _types(element: etree._Element) -> set[str]:
    return set((element.get(EPUB_TYPE) or element.get("epub:type") or "").split())


def _elements(root: etree._Element, name: str) -> Iterator[etree._Element]:
    yield from root.iter("{*}" + name)


def _is_within(element: etree._Element, name: str) -> bool:
    return any(_name(ancestor) == name for ancestor in element.iterancestors())


def _name(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _cut(element: etree._Element) -> None:
    """Take an element out of its tree and leave the text that follows it."""
    element.clear(keep_tail=True)
