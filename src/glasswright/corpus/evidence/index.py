"""Rows of a README's table that are about the files beside it: `0001 | [CC-BY](https://...)`."""

import re
from pathlib import PurePosixPath

from glasswright.licenses.grants import expression_of
from glasswright.licenses.mentions import mentions

LINK = re.compile(r"\]\(([^)]{1,1000})\)")
NUMBER = re.compile(r"\d{3,}(?=[_-])")


def index_rows(text: str) -> dict[str, str]:
    """License by the first cell of a table's rows, where a row names one license."""
    rows: dict[str, str] = {}
    for line in text.split("\n"):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) < 2 or not cells[0]:
            continue
        found = [license for cell in cells[1:] if mentions(cell) and (license := expression_of(_address(cell)))]
        if len(found) == 1:
            link = LINK.search(cells[0])
            rows[PurePosixPath(link.group(1)).name if link else cells[0]] = found[0]
    return rows


def row_keys(path: str) -> list[str]:
    """What a row may call a file: its name, the same without ending, the number it begins with."""
    name = PurePosixPath(path)
    number = NUMBER.match(name.stem)
    return [name.name, name.stem, *([number.group()] if number else [])]


def _address(cell: str) -> str:
    link = LINK.search(cell)
    return link.group(1) if link and mentions(link.group(1)) else cell
