"""The text of a PDF or an HTML page, taken out in a process of its own, which is ended when it takes too much.

Both formats let a stranger make a reader work without end; here it has so many seconds, so much memory, and its last
word is its text.
"""

import io
import sys
from html.parser import HTMLParser
from importlib.util import find_spec

from glasswright.foreign import bounded

SECONDS = 30
MEMORY_BYTES = 1_500_000_000
MAX_PAGES = 300
MAX_CHARACTERS = 2_000_000
MAX_HTML_BYTES = 4_000_000
UNSEEN = frozenset({"script", "style", "noscript", "template", "svg", "head", "nav", "header", "footer", "form"})
LINE = frozenset("p div br li ul ol tr table h1 h2 h3 h4 h5 h6 section article main pre blockquote dt dd hr".split())
HEADING = {f"h{level}": "#" * level + " " for level in range(1, 7)}


class NoText(Exception):
    """A page from which no text could be taken, and why."""


def text_of(data: bytes, form: str) -> tuple[str, ...]:
    """The lines of a page; `form` is "pdf" or "html".

    Raises:  NoText with the reason.
    """
    if form == "pdf" and find_spec("pypdf") is None:
        raise NoText('PDFs need the package pypdf: pip install "glasswright[pdf]"')
    try:
        taken = bounded.answer([__file__, form], data, patience_seconds=SECONDS)
    except bounded.Unbounded as error:
        raise NoText(f"no text was taken out of it: {error}") from error
    except bounded.TooMuch as error:
        raise NoText(f"its text was not taken out within {SECONDS} s and {MEMORY_BYTES // 10**6} MB") from error
    except bounded.Failed as error:
        raise NoText(f"no text could be taken out of the {form.upper()}") from error
    return tuple(taken.decode("utf-8", "replace").splitlines())


def write_text(form: str) -> None:
    """From standard input to standard output, within the bounds of this process."""
    bounded.bound(SECONDS, MEMORY_BYTES)
    data = sys.stdin.buffer.read()
    text = _pdf(data) if form == "pdf" else _html(data)
    sys.stdout.buffer.write(text[:MAX_CHARACTERS].encode("utf-8", "replace"))


def _pdf(data: bytes) -> str:
    from pypdf import PdfReader

    pieces, size = [], 0
    for page in PdfReader(io.BytesIO(data)).pages[:MAX_PAGES]:
        pieces.append(page.extract_text())
        size += len(pieces[-1])
        if size > MAX_CHARACTERS:
            break
    return "\n\n".join(pieces)


def _html(data: bytes) -> str:
    reader = _Reader()
    reader.feed(data[:MAX_HTML_BYTES].decode("utf-8", "replace"))
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.pieces).split("\n"))
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept)


class _Reader(HTMLParser):
    """What a person sees of a page: its words, a line for each block, headings marked."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag == "body":
            self._hidden.clear()  # of a head that nobody closed
        elif tag in UNSEEN:
            self._hidden.append(tag)
        elif tag in LINE and not self._hidden:
            self.pieces.append("\n\n" + HEADING[tag] if tag in HEADING else "\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._hidden:
            del self._hidden[self._hidden.index(tag) :]
        elif tag in LINE and not self._hidden:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(data.replace("\n", " "))


if __name__ == "__main__":
    write_text(sys.argv[1])
