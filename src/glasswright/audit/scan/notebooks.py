"""Notebooks: cells that run when their reader runs them, and outputs that a viewer may run when it opens them."""

import re
from typing import Any

from glasswright.audit.scan.bounds import named
from glasswright.audit.scan.item import Item
from glasswright.audit.scan.says import proved, refuted, unknown
from glasswright.records.verdict import Finding

RUN_ON_OPENING = ("application/javascript", "text/javascript")
MARKUP = ("text/html", "image/svg+xml", "text/markdown")
SCRIPT = re.compile(r"<\s*(script|iframe|object|embed)\b|\bon(load|error)\s*=|javascript:", re.IGNORECASE)
SHELL = re.compile(
    r"^\s*[!%]+\s*(sh|bash|script|system|curl|wget)\b.*\|\s*(sh|bash|python)\b|curl[^\n|]*\|\s*(ba)?sh\b", re.M
)
HINT = "read its cells before you run them, and do not trust it in a viewer"


def scan_notebook(item: Item, record: dict[str, Any]) -> Finding:
    """The finding of one notebook."""
    claim = f"{item.shown}: opening it runs nothing, and no cell of it runs a program"
    cells = [cell for cell in record["cells"] if isinstance(cell, dict)] if isinstance(record["cells"], list) else []
    wrong = [told for cell in cells for told in _scripts(cell)]
    code = [_text(cell.get("source")) for cell in cells if cell.get("cell_type") == "code"]
    wrong += ["a cell hands what it fetches to a shell" for text in code if SHELL.search(text)]
    if wrong:
        return refuted(claim, named(dict.fromkeys(wrong)), hint=HINT)
    if any(text.strip() for text in code):
        return unknown(claim, f"it has {len(code)} cells of code, which run when you run them", hint=HINT)
    return proved(claim, f"{len(cells)} cells, none of code")


def _scripts(cell: dict[str, Any]) -> list[str]:
    outputs = cell.get("outputs")
    found = (
        ["a cell of markup holds a script"]
        if cell.get("cell_type") != "code" and _is_script(cell.get("source"))
        else []
    )
    for output in outputs if isinstance(outputs, list) else ():
        data = output.get("data") if isinstance(output, dict) else None
        for kind, value in data.items() if isinstance(data, dict) else ():
            if kind in RUN_ON_OPENING or (kind in MARKUP and _is_script(value)):
                found.append(f"an output is a script ({kind})")
    return found


def _is_script(source: Any) -> bool:
    return SCRIPT.search(_text(source)) is not None


def _text(source: Any) -> str:
    return "".join(line for line in source if isinstance(line, str)) if isinstance(source, list) else str(source or "")
