"""`glasswright audit`: how open a model is, claim by claim, with the evidence."""

import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glasswright.cli.options import Json
from glasswright.cli.show import out, show_json
from glasswright.errors import Misuse
from glasswright.places import file_place

if TYPE_CHECKING:
    from glasswright.audit import Report

EXIT_CODES = {"proved": 0, "refuted": 1, "unknown": 3}


class FailOn(StrEnum):
    """Which answers end the command with another exit code than 0."""

    refuted = "refuted"
    unknown = "unknown"


Subjects = Annotated[
    list[str],
    typer.Argument(
        metavar="SUBJECT...",
        help="A folder, hf:org/name, hf:datasets/org/name or github:org/name; several are one subject. "
        "`compare A B C` shows several side by side.",
    ),
]
Overrides = Annotated[
    Path | None, typer.Option("--overrides", help="YAML file in which a person adds or disputes facts.")
]
Html = Annotated[
    Path | None, typer.Option("--html", help="Write the report to this HTML file, which needs nothing else.")
]
Badge = Annotated[Path | None, typer.Option("--badge", help="Write a dated SVG badge to this file.")]


def audit(
    subjects: Subjects,
    as_json: Json = False,
    sarif: Annotated[bool, typer.Option("--sarif", help="Print SARIF 2.1.0, for code hosts.")] = False,
    html: Html = None,
    badge: Badge = None,
    overrides: Overrides = None,
    explain: Annotated[
        str | None, typer.Option("--explain", metavar="ID", help="Show one fact with all its evidence.")
    ] = None,
    fail_on: Annotated[
        FailOn | None,
        typer.Option("--fail-on", help="Exit 1 if the definition is refuted; with `unknown`, 3 if unknown."),
    ] = None,
) -> int:
    """Say how open a model is, claim by claim, with the evidence.

    Five rule books, kept apart: the Open Source AI Definition, the Model Openness Framework, the European Index, the
    EU AI Act, and the publisher's own word. Nothing is downloaded but listings and texts.
    """
    from glasswright.audit.overrides import load_overrides

    if html and html == badge:
        raise Misuse(f"{html}: a page and a badge in one file", hint="give --html and --badge a name each")
    for path in filter(None, (html, badge)):
        file_place(path)
    said = load_overrides(overrides) if overrides else ()
    if subjects[0] == "compare":
        return _compare(subjects[1:], as_json)
    report = _report(subjects, said)
    if html or badge:
        _write(report, html, badge)
    if explain:
        return _explain(report, explain)
    if as_json:
        show_json(report.as_record())
    elif sarif:
        from glasswright.audit.sarif import report_sarif

        show_json(report_sarif(report))
    else:
        from glasswright.audit.text import report_text

        out(report_text(report))
    return _exit_code(report, fail_on)


def _report(specs: list[str], said: tuple = ()) -> "Report":  # type: ignore[type-arg]
    from glasswright.audit import audit_subject, load_subject

    return audit_subject(load_subject(specs), said)


def _compare(specs: list[str], as_json: bool) -> int:
    from glasswright.audit.compare import comparison, comparison_text

    if len(specs) < 2:
        raise Misuse(
            f"compare: expected two subjects or more, found {len(specs)}", hint="glasswright audit compare A B C"
        )
    reports = [_report([spec]) for spec in specs]
    if as_json:
        rows = [{"group": g, "claim": c.strip(), "answers": answers} for g, c, answers in comparison(reports)]
        show_json(
            {"schema": "glasswright/audit-comparison/1", "subjects": [r.subject.name for r in reports], "rows": rows}
        )
    else:
        out(comparison_text(reports))
    return 0


def _explain(report: "Report", fact_id: str) -> int:
    from glasswright.audit.text import fact_text

    known = {fact.id: fact for fact in report.facts}
    if fact_id not in known:
        near = [name for name in sorted(known) if fact_id.split(".")[0] in name][:8]
        raise Misuse(
            f"{fact_id}: no fact of this report has that id",
            hint=f"near it: {', '.join(near)}" if near else "`--json` lists all ids",
        )
    out(fact_text(known[fact_id]))
    return EXIT_CODES[known[fact_id].status]


def _write(report: "Report", html: Path | None, badge: Path | None) -> None:
    from glasswright.audit.badge import report_badge
    from glasswright.audit.page import report_page
    from glasswright.store.atomic import write_atomic

    today = datetime.datetime.now(datetime.UTC).date()
    for path, text in ((html, html and report_page(report, today)), (badge, badge and report_badge(report, today))):
        if path and text:
            write_atomic(path, text.encode())


def _exit_code(report: "Report", fail_on: FailOn | None) -> int:
    if fail_on is None or (fail_on is FailOn.refuted and report.osaid.status == "unknown"):
        return 0
    return EXIT_CODES[report.osaid.status]
