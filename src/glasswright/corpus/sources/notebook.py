"""A notebook as one text: its cells in order, code between fences. What running them gave is left out."""

import hashlib
from collections.abc import Iterator
from typing import Any

from glasswright.corpus.decode import clean, without_surrogates
from glasswright.corpus.evidence.statements import statements
from glasswright.corpus.found import Found
from glasswright.corpus.sources.aside import set_aside
from glasswright.corpus.sources.json_values import NotJson, TooManyValues, parsed

FENCE = "```"
LANGUAGES = (("kernelspec", "language"), ("language_info", "name"))  # where a notebook says what its code is in


def notebook_document(path: str, data: bytes, media_type: str) -> Iterator[Found]:
    """The one document of a notebook; or the reason why there is none."""
    try:
        text = _text(parsed(data))
    except TooManyValues:
        yield set_aside(path, data, media_type, "file_too_large")
        return
    except NotJson:
        yield set_aside(path, data, media_type, "document_not_readable")
        return
    whole = without_surrogates(text)
    text = clean(whole.text).strip()
    yield Found(
        path=path,
        media_type=media_type,
        text=text,
        raw_sha256=hashlib.sha256(data).hexdigest(),
        num_raw_bytes=len(data),
        num_replaced=whole.num_replaced,
        statements=tuple(statements(text)),
    )


def _text(notebook: Any) -> str:
    """Raises:  NotJson if it has no cells."""
    notebook = _mapping(notebook)
    sheets = notebook.get("worksheets")  # of notebooks before format 4, which have one
    cells = notebook.get("cells") or (_mapping(sheets[0]).get("cells") if isinstance(sheets, list) and sheets else None)
    if not isinstance(cells, list):
        raise NotJson("no cells")
    language = _language(_mapping(notebook.get("metadata")))
    return "\n\n".join(filter(None, (_cell(_mapping(cell), language) for cell in cells)))


def _cell(cell: dict[str, Any], language: str) -> str:
    source = _joined(cell.get("source", cell.get("input"))).strip("\n")
    if cell.get("cell_type") != "code" or not source.strip():
        return source
    fence = FENCE
    while fence in source:
        fence += "`"
    return f"{fence}{language}\n{source}\n{fence}"


def _language(metadata: dict[str, Any]) -> str:
    names = (_mapping(metadata.get(part)).get(key) for part, key in LANGUAGES)
    return next((name for name in names if isinstance(name, str) and name.isalnum()), "")


def _joined(source: Any) -> str:
    """The text of a cell, which is written as one, or as a list of its lines."""
    parts = source if isinstance(source, list) else [source]
    return "".join(part for part in parts if isinstance(part, str))


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
