"""What a stranger's file takes grows with the file, and not with its square.

Each text is a piece repeated to some size, then to four times that, and read in a process of its own. What takes steps
with the square of the text takes many minutes for the larger one, what takes steps with the text a second: the process
is stopped in between, so nothing is timed.
"""

import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from glasswright.corpus.evidence.card import card_statement
from glasswright.corpus.evidence.globs import Glob
from glasswright.corpus.evidence.tree import Tree
from glasswright.corpus.quality.pii import mask
from glasswright.corpus.sources.charset import decode_page
from glasswright.corpus.sources.files import matches
from glasswright.corpus.sources.folder import documents
from glasswright.corpus.sources.http_message import NotReadable, parse_response
from glasswright.licenses.grants import expression_of, grant

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 150  # for all texts of a test, on a machine that is busy with other things
NUM_DOCUMENTS = 100


def beside(*names: str) -> Callable[[str], Any]:
    """Reads what files by these names, each with this text, say of the documents beside them."""

    def read(text: str) -> None:
        paths = [*names, *(f"docs/{number}.md" for number in range(NUM_DOCUMENTS))]
        tree = Tree(paths, lambda _: text.encode())
        for path in paths:
            tree.statements(path)

    return read


def response(text: str) -> None:
    with suppress(NotReadable):
        parse_response(f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{text}".encode())


READERS: dict[str, Callable[[str], Any]] = {
    "page": lambda text: list(documents("a.html", text.encode(), "text/html")),
    "strict page": lambda text: list(
        documents("a.xhtml", f"<html><body>{text}</body></html>".encode(), "application/xhtml+xml")
    ),
    "page in Shift JIS": lambda text: decode_page(b"<meta charset=shift_jis>" + text.encode("latin-1"), None),
    "page in windows-1252": lambda text: decode_page(text.encode("latin-1"), "ascii"),
    "Markdown": lambda text: list(documents("a.md", text.encode(), "text/markdown")),
    "license": lambda text: list(documents("LICENSE.md", text.encode(), "text/markdown")),
    "field": lambda text: expression_of(text),
    "words of a grant": lambda text: grant(text),
    "card": lambda text: card_statement(f"---\n{text}\n---\n", "README.md"),
    "README": beside("README.md"),
    "front page": beside("index.html"),
    "personal data": lambda text: mask(text),
    "DEP-5": beside("debian/copyright", "copyright"),
    "REUSE": beside("REUSE.toml"),
    "package": beside("package.json", "Cargo.toml", "content.opf", "mkdocs.yml", "conf.py", "index.md"),
    "include": lambda text: matches("a/" * 200 + "b", text),
    "glob": lambda text: Glob(text).matches("a" * 4000),
    "response": response,
}
MIDDLE, LARGE = (60_000, 240_000), (300_000, 1_200_000)  # characters: the faster a step, the more
TEXTS: dict[str, list[tuple[str, str, str, tuple[int, int]]]] = {  # begin, piece, end, sizes
    "page": [
        ("<p ", "a%d=1 ", ">x", (300_000, 1_200_000)),
        ("<p ", 'a%d="1"', ">x", (300_000, 1_200_000)),
        ("<p><!-- ", "<a ", "-->", MIDDLE),
        ("<p><script>", "i<n; a ", "</script>", MIDDLE),
        ("", "<p a='", "", MIDDLE),
        ("<pre>", " ", "x</pre>", LARGE),
        ("<pre>", " \t", "\n</pre>", LARGE),
        ("", "<article>x</article>", "", LARGE),
        ("", "<article>", "", MIDDLE),
        ("", "<div>", "", MIDDLE),
        ("", "</p><b>", "", MIDDLE),
        ("", "<a rel=license ", "", MIDDLE),
        ("", "&a%d;", "", MIDDLE),
        ("", "<", "", MIDDLE),
        ("", "<a", "", LARGE),
        ("", "<a ", "", LARGE),
        ("", "<!--", "", MIDDLE),
    ],
    "strict page": [("<p ", "a%d='1' ", "/>", MIDDLE), ("", "<a%d/>", "", MIDDLE), ("", "<p>", "</p>", MIDDLE)],
    "page in Shift JIS": [("", "\x81", "", MIDDLE), ("", "\xff", "", MIDDLE)],
    "page in windows-1252": [("", "\x81", "", MIDDLE), ("", "<meta ", "", MIDDLE)],
    "Markdown": [
        ("license\n", "# a\n", "", LARGE),
        ("# license\n", "# a\n## b\n### c\n", "\n# license\n", LARGE),
        ("{{#include a}}\n", "`", "\n{{#include a}}\n", LARGE),
        ("{{#include a}}\n", "```\n{{#include a}}\n", "", MIDDLE),
        ("##\n##\n##\n", "a\n", "", LARGE),
        ("##\n##\n##\n", '."\n', "", MIDDLE),
        ("license\n", "- ", "", MIDDLE),
        ("license\n", " ", "x", MIDDLE),
        ("license\n", "\n", "x", MIDDLE),
        ("---\n", "a: b\n", "---\nlicense: MIT\n", MIDDLE),
        ("license\n", "this document is ", "", MIDDLE),
        ("license: ", "*", "x", MIDDLE),
        *((line, " ", "x", LARGE) for line in ("# ", "= ", "license: ", "# x", "this ", "SPDX-License-Identifier: ")),
        ("license\n", "A-1", "", MIDDLE),
    ],
    "license": [("", "MIT ", "", MIDDLE), ("", "copyright ", "", MIDDLE), ("", "\n", "x", MIDDLE)],
    "field": [
        ("", "[", "", LARGE),
        ("a", " ", "b", LARGE),
        ("MIT", " ", "b", MIDDLE),
        ("", "(", "MIT", MIDDLE),
        ("", "[a](", "", MIDDLE),
    ],
    "words of a grant": [
        ("", "may not be sold ", "", MIDDLE),
        ("", "the MIT license ", "", MIDDLE),
        ("the", " ", "x", MIDDLE),
        ("", "this work is ", "", MIDDLE),
    ],
    "card": [
        ("license: mit\n", "a%d: b\n", "", (10_000, 40_000)),
        ("", "a%d: &a%d [x]\n", "license: mit", (10_000, 40_000)),
        ("license: &l [x", ", x", "]\n", (10_000, 40_000)),
        ("license: ", "[", "", (10_000, 40_000)),
    ],
    "README": [
        *(
            ("", piece, " is under MIT", MIDDLE)
            for piece in ("`docs/` ", "a/", "[x](docs/) ", ".md files ", "(`a` which ")
        ),
        *(
            ("", piece, " is under MIT", MIDDLE)
            for piece in (", 'docs/'", "- `", "\n- docs/", "License ", "this project ")
        ),
        *(
            ("", piece, "", MIDDLE)
            for piece in ("[![](", "MIT ", "only ", "\n\n", "```\n", "all rights ", "© ", "is CC ")
        ),
        ("a |", " ", "| b", LARGE),
        ("a | ", "](", " MIT", LARGE),
        ("a | MIT ", "](", "", LARGE),
        ("", "| a ", "", MIDDLE),
        ("", "a | MIT\n", "", MIDDLE),
        ("", "- `docs/`: MIT\n", "", MIDDLE),
        ("", "# license\n", "", MIDDLE),
        ("", "[![License](a)](b)", "", MIDDLE),
    ],
    "front page": [
        ("", piece, "", MIDDLE)
        for piece in (
            "This book ",
            "free for ",
            "commercial use ",
            "© ",
            "all rights ",
            "<a href=",
            "do not copy ",
            "is CC ",
        )
    ],
    "personal data": [
        ("", piece, "", LARGE)
        for piece in ("a.", "1 ", "@a", "a@", "-----BEGIN PRIVATE KEY-----", "+1", "1.2.", "2a00:", "(555) ", "eyJ.")
    ],
    "DEP-5": [
        ("Files: ", "a%d ", "\nLicense: MIT\n", (100_000, 400_000)),
        ("Files: ", "a ", "\nLicense: " + "GPL-2+ or " * 20_000 + "x\n", (10_000, 40_000)),
        ("Files: *\nLicense: a", " ", "b\n", LARGE),
        ("Files: ", "*a%d ", "\nLicense: MIT\n", (100_000, 400_000)),
        ("", "Files: a%d\nLicense: MIT\n\n", "", (100_000, 400_000)),
    ],
    "REUSE": [
        ("", "a.", "", MIDDLE),
        ("a = ", "[", "", MIDDLE),
        ('[[annotations]]\npath = "', "**d", 'x"\nSPDX-License-Identifier = "MIT"\n', (30, 120)),
        ('[[annotations]]\npath = "', "*o", 'x"\nSPDX-License-Identifier = "MIT"\n', (30, 120)),
        ("", '[[annotations]]\npath = "a%d*"\nSPDX-License-Identifier = "MIT"\n', "", (100_000, 400_000)),
    ],
    "package": [
        ("", "license: MIT\n", "", MIDDLE),
        ("", "{", "", MIDDLE),
        ("", "<a>", "", MIDDLE),
        ("", "a = [", "", MIDDLE),
        ("", "1.", "", MIDDLE),
        ("[", "a.", "a]\nb = 1\n", MIDDLE),
        ("[" + "a." * 400 + "a]\n", "b%d = 1\n", "", MIDDLE),
    ],
    "include": [("", "**/", "c", (60, 24_000)), ("", "**/*/", "c", (60, 2_400)), ("", "*a", "c", (60, 24_000))],
    "glob": [("", "**a", "b", (60, 6_000)), ("", "*a", "b", (60, 6_000)), ("", "a**", "b", (60, 6_000))],
    "response": [("", "1\r\nx\r\n", "0\r\n", MIDDLE), ("", "1", "", MIDDLE), ("", "\n", "", MIDDLE)],
}
RUN = """
import sys
from tests.corpus.test_hostile_sizes import READERS, TEXTS, repeated
for reader in sys.argv[1:]:
    for begin, piece, end, sizes in TEXTS[reader]:
        print(reader, repr((begin, piece, end[:40])), flush=True)
        for size in sizes:
            READERS[reader](begin + repeated(piece, size) + end)
"""


def repeated(piece: str, size: int) -> str:
    """A piece as often as it takes; `%d` in it is a number that is another each time."""
    times = max(1, size // len(piece))
    return "".join(piece.replace("%d", str(number)) for number in range(times)) if "%d" in piece else piece * times


QUICK = {"page", "Markdown", "field", "DEP-5", "REUSE", "include", "glob", "response"}


@pytest.mark.parametrize(
    "readers",
    [sorted(QUICK), *(pytest.param([reader], marks=pytest.mark.slow) for reader in sorted(READERS.keys() - QUICK))],
)
def test_reading_takes_steps_with_the_size_of_a_text_and_not_with_its_square(readers: list[str]):
    command = [sys.executable, "-c", RUN, *readers]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        pytest.fail(f"did not come to an end: {(error.stdout or b'').decode().splitlines()[-1]}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(done.stdout.splitlines()) == sum(len(TEXTS[reader]) for reader in readers)
