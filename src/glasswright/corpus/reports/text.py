"""Tables and amounts for people, in Markdown."""

from collections.abc import Sequence

MAX_LISTED = 25
UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table; numbers stand on the right."""
    kinds = ["---:" if rows and isinstance(cell, int) else "---" for cell in (rows[0] if rows else head)]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in (head, kinds, *rows))


def counts_table(name: str, counts: Sequence[tuple[str, int, int]], *, most: int = MAX_LISTED) -> str:
    """Values with their documents and bytes: the largest by name, the others together, and the sum."""
    rows: list[tuple[object, ...]] = [(value, num, size, amount(size)) for value, num, size in _shortened(counts, most)]
    total = sum(size for _, _, size in counts)
    rows.append(("**all**", sum(num for _, num, _ in counts), total, amount(total)))
    return table((name, "documents", "bytes", ""), rows)


def _shortened(counts: Sequence[tuple[str, int, int]], most: int) -> list[tuple[str, int, int]]:
    if len(counts) <= most:
        return list(counts)
    rest = counts[most - 1 :]
    return [
        *counts[: most - 1],
        (f"{len(rest)} others", sum(num for _, num, _ in rest), sum(size for _, _, size in rest)),
    ]


def amount(num_bytes: float) -> str:
    """2_100_000 -> "2.1 MB"."""
    for unit in UNITS:
        if num_bytes < 999.95 or unit == UNITS[-1]:
            break
        num_bytes /= 1000
    return f"{num_bytes:.0f} {unit}" if unit == "bytes" else f"{num_bytes:.1f} {unit}"


def documents(count: int) -> str:
    """1 -> "1 document"; 2000 -> "2,000 documents"."""
    return f"{count:,} document" if count == 1 else f"{count:,} documents"


def _cell(value: object) -> str:
    """A bar in a cell would end the cell, a line end the row; a tag or an entity would be obeyed."""
    if isinstance(value, int):
        return f"{value:,}"
    text = str(value).replace("&", "&amp;").replace("<", "&lt;").replace("\\", "\\\\").replace("|", "\\|")
    return " ".join(text.split())
