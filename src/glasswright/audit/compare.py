"""Several subjects side by side: the same claims, one column a subject."""

from glasswright.audit.report import Report
from glasswright.audit.rows import report_rows
from glasswright.foreign import shown

MAX_CLAIM = 36
SKIP = ("  clause:",)


def comparison(reports: list[Report]) -> list[tuple[str, str, list[str]]]:
    """Rows of (group, claim, answers), in the order of a report."""
    columns = [
        {(row.group.split(":")[0], row.claim): row.answer for row in report_rows(r) if not row.claim.startswith(SKIP)}
        for r in reports
    ]
    heads: list[tuple[str, str, list[str]]] = [
        ("Open Source AI Definition 1.0", "the definition", [r.osaid.status for r in reports]),
        ("Model Openness Framework", "class", [r.mof.mof_class for r in reports]),
    ]
    keys = list(dict.fromkeys(key for column in columns for key in column))
    table: list[tuple[str, str, list[str]]] = []
    seen = ""
    for group, claim in keys:
        if group != seen:
            seen = group
            table += [head for head in heads if head[0] == group]
        table.append((group, claim, [column.get((group, claim), "") for column in columns]))
    return table


def comparison_text(reports: list[Report], *, width: int = 120) -> str:
    """The table as text."""
    names = [shown(report.subject.name) for report in reports]
    column = max(12, min(30, (width - MAX_CLAIM - 2) // max(1, len(names)) - 2))
    lines = [" " * (MAX_CLAIM + 2) + "  ".join(f"{name[:column]:{column}}" for name in names)]
    group = None
    for row_group, claim, answers in comparison(reports):
        if row_group != group:
            group = row_group
            lines += ["", group]
        lines.append(f"  {claim[:MAX_CLAIM]:{MAX_CLAIM}}" + "  ".join(f"{_short(a, column):{column}}" for a in answers))
    return "\n".join(line.rstrip() for line in lines)


def _short(answer: str, column: int) -> str:
    return answer if len(answer) <= column else answer[: column - 1] + "…"
