"""PDFs, Word files and notebooks as the tests write them; their words are ours."""

import io
import json
import zipfile
from typing import Any


def pdf(*pages: str, title: str | None = None, password: str | None = None) -> bytes:
    """A PDF with a line of text a page."""
    streams = [f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode("latin-1") for text in pages]
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, stream in enumerate(streams):
        page = f"<< /Type /Page /Parent 2 0 R /Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * number} 0 R >>"
        objects += [page.encode(), b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream)]
    out, places = io.BytesIO(b"%PDF-1.4\n"), []
    out.seek(0, io.SEEK_END)
    for number, content in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table))
    out.write(b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
    return out.getvalue() if title is None and password is None else _rewritten(out.getvalue(), title, password)


def _rewritten(data: bytes, title: str | None, password: str | None) -> bytes:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    if title is not None:
        writer.add_metadata({"/Title": title, "/Author": "Ada"})
    if password is not None:
        writer.encrypt(password, algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def word(*paragraphs: str, heading: str | None = None, rows: tuple[tuple[str, ...], ...] = ()) -> bytes:
    """A Word file."""
    import docx

    document = docx.Document()
    document.core_properties.author = "Ada"
    if heading is not None:
        document.add_heading(heading, 2)
    for text in paragraphs:
        document.add_paragraph(text)
    if rows:
        table = document.add_table(len(rows), len(rows[0]))
        for place, row in zip(table.rows, rows, strict=True):
            for cell, text in zip(place.cells, row, strict=True):
                cell.text = text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def with_member(archive: bytes, name: str, data: bytes) -> bytes:
    """An archive with one file more."""
    out = io.BytesIO(archive)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, data)
    return out.getvalue()


def notebook(*cells: tuple[str, str], language: str = "python") -> bytes:
    """A notebook of (kind, source); code has an output that is not to be read."""
    written: list[dict[str, Any]] = [
        {"cell_type": kind, "source": source.splitlines(keepends=True), "outputs": [{"text": "OUTPUT"}]}
        for kind, source in cells
    ]
    return json.dumps({"nbformat": 4, "metadata": {"kernelspec": {"language": language}}, "cells": written}).encode()
