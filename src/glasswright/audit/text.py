"""The report in a terminal: groups of claims, each with its answer in words, the reason and where it stands."""

import textwrap
from collections.abc import Callable

from glasswright.audit.record import Fact
from glasswright.audit.report import Report
from glasswright.audit.rows import Row, place_text, report_rows
from glasswright.foreign import shown

CLAIM_WIDTH = 40
ANSWER_WIDTH = 12


def report_text(report: Report, *, width: int = 100, paint: Callable[[str], str] = str) -> str:
    """The whole report; `paint` may colour an answer, which says the same without."""
    lines = [f"How open is {shown(report.subject.name)}?", ""]
    for snapshot in report.subject.snapshots:
        commit = f" @ {shown(snapshot.commit[:12])}" if snapshot.commit else ""
        lines.append(
            f"  read: {shown(snapshot.repo)}{commit} ({snapshot.kind}, {len(snapshot.entries)} files, "
            f"{len(snapshot.documents)} texts)"
        )
    group = None
    for row in report_rows(report):
        if row.group != group:
            group = row.group
            lines += ["", group, "-" * min(width, len(group))]
        lines += _row(row, width, paint)
    if report.not_read:
        lines += [
            "",
            "Not read, and so unchecked",
            "--------------------------",
            *(f"  {shown(line)}" for line in report.not_read[:20]),
        ]
        if len(report.not_read) > 20:
            lines.append(f"  and {len(report.not_read) - 20} more")
    lines += [
        "",
        "proved, refuted and unknown are about the evidence read above; unknown is not closed.",
        "`--explain ID` shows a fact with all its evidence; `--json` shows all of them.",
    ]
    return "\n".join(lines)


def fact_text(fact: Fact, *, width: int = 100) -> str:
    """One fact with everything behind it."""
    lines = [f"{shown(fact.id)}: {fact.status}" + (f" ({fact.gap})" if fact.gap else "")]
    for name, value in (
        ("value", fact.value),
        ("license", fact.license),
        ("note", fact.note),
        ("stated by", fact.overridden_by),
    ):
        if value:
            lines += textwrap.wrap(f"{name}: {shown(value)}", width, initial_indent="  ", subsequent_indent="    ")
    lines.append(f"  strength: {fact.strength or 'no evidence'}")
    for evidence in fact.evidence:
        lines.append(f"  {place_text(evidence)}   [{shown(evidence.rule)}]")
        lines += textwrap.wrap(f"“{shown(evidence.quote)}”", width, initial_indent="      ", subsequent_indent="      ")
    if not fact.evidence:
        lines.append("  no evidence")
    return "\n".join(lines)


def _row(row: Row, width: int, paint: Callable[[str], str]) -> list[str]:
    answer = row.answer if len(row.answer) <= 40 else row.answer[:39] + "…"
    padding = " " * max(1, ANSWER_WIDTH - len(answer))
    indent = " " * (2 + CLAIM_WIDTH)
    lines = [f"  {row.claim:{CLAIM_WIDTH}}{paint(answer)}{padding}".rstrip()]
    if row.reason:
        lines += textwrap.wrap(row.reason, width, initial_indent=indent, subsequent_indent=indent)
    lines += [f"{indent}{place_text(place)}" for place in row.places]
    return lines
