"""The program that takes the text out of a PDF or a Word file: `python extracting.py MEDIA_TYPE`, the file on standard
input, an answer in JSON on standard output.

    {"reason": null, "title": TEXT, "author": TEXT, "texts": [TEXT, ...]}    a text for each page of a PDF
    {"reason": "document_encrypted"}

Both formats let a stranger make a reader work without end: it has so much time for each byte, and so much memory.
Nothing in a file is run or fetched.
"""

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

from glasswright.foreign.bounded import bound

PDF = "application/pdf"
MEMORY_BYTES = 2 * 10**9
FREE_SECONDS, BYTES_PER_SECOND, MAX_SECONDS = 30, 50_000, 600
MAX_CHARACTERS = 2**26


class NotTaken(Exception):
    """No text is taken out of the file; `args[0]` is the code of the reason."""


def seconds_for(num_bytes: int) -> int:
    """Of a CPU, that reading a file may take."""
    return min(MAX_SECONDS, FREE_SECONDS + num_bytes // BYTES_PER_SECOND)


def main() -> None:
    """Answer for one file."""
    data = sys.stdin.buffer.read()
    bound(seconds_for(len(data)), MEMORY_BYTES)
    logging.disable()
    sys.stdout.write(json.dumps(_answer(data, _pdf if sys.argv[1] == PDF else _word)))


def _answer(data: bytes, read: Any) -> dict[str, Any]:
    try:
        return {"reason": None, **read(data)}
    except NotTaken as refused:
        return {"reason": refused.args[0]}
    except (MemoryError, RecursionError, OverflowError):
        return {"reason": "document_takes_too_much"}
    except Exception:  # whatever a stranger's file brings about, here in a process of its own
        return {"reason": "document_not_readable"}


def _pdf(data: bytes) -> dict[str, Any]:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted:
        raise NotTaken("document_encrypted")
    about = reader.metadata
    texts = _counted(page.extract_text() for page in reader.pages)
    return {"title": about and about.title, "author": about and about.author, "texts": texts}


def _word(data: bytes) -> dict[str, Any]:
    import docx

    document = docx.Document(io.BytesIO(data))
    about = document.core_properties
    return {"title": about.title, "author": about.author, "texts": ["\n\n".join(_counted(_blocks(document)))]}


def _blocks(document: Any) -> Iterator[str]:
    """Paragraphs and tables in order, a heading marked as in Markdown, the cells of a row between bars."""
    from docx.table import Table

    for block in document.iter_inner_content():
        if isinstance(block, Table):
            yield "\n".join(" | ".join(cell.text.strip() for cell in row.cells) for row in block.rows)
        elif text := block.text.strip():
            name = (block.style and block.style.name) or ""
            kind, _, level = name.partition(" ")
            is_heading = kind == "Heading" and level in map(str, range(1, 10))
            yield f"{'#' * int(level)} {text}" if is_heading else f"- {text}" if name.startswith("List") else text


def _counted(texts: Iterator[str]) -> list[str]:
    """Raises:  NotTaken if they are longer than any document."""
    taken, length = list[str](), 0
    for text in texts:
        taken.append(text)
        length += len(text)
        if length > MAX_CHARACTERS:
            raise NotTaken("file_too_large")
    return taken


if __name__ == "__main__":
    main()
