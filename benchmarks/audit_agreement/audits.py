"""Each audit as a page and as a record that can be cited: what was read, when, by which auditor, with which answers.

    docs/audits/<model>.md        for people
    docs/audits/<model>.json      the same as data, with the digest of the report and the answers that it had before
    docs/audits/disputes/*.yaml   what a person says of a fact, in the form of `--overrides`; it counts, and is shown

A record keeps its date until an answer or the evidence changes; what it was then goes into its history. Evidence is
file and line: no text of others is in this repository, and quotations appear only in a report that a user makes.
"""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from glasswright.audit.links import place_link, snapshot_link
from glasswright.audit.measured import error_rate
from glasswright.audit.overrides import Override, apply_overrides, load_overrides
from glasswright.audit.record import Evidence, Fact
from glasswright.audit.report import Report, judge
from glasswright.audit.rows import Row, place_text, report_rows
from glasswright.audit.subject import Snapshot, Subject
from glasswright.foreign import json_shown, markdown_shown

COMMAND = "python -m benchmarks.audit_agreement.pages"
SCHEMA = "glasswright/audit-of-record/1"
COLUMNS = {
    "label.ours": "the evidence supports",
    "label.publisher": "the publisher calls it",
    "label.openwashing": "open-washing",
    "osaid": "OSAID",
    "mof": "MOF",
    "eu.exemption_53_2": "Art. 53(2)",
}
KEPT = ("audited_on", "auditor", "report_sha256", "answers")  # of a record that is history


def write_audits(reports: dict[str, Report], out: Path, today: date) -> None:
    """Write the page and the record of each model, and the index."""
    out.mkdir(parents=True, exist_ok=True)
    records = {}
    for model, found in reports.items():
        said = _disputes(out, f"disputes/{model}.yaml")
        report = judge(found.subject, apply_overrides(found.facts, said)) if said else found
        records[model] = record = _record(report, said, _before(out / f"{model}.json"), today)
        write_lines(out / f"{model}.json", _json_lines(record))
        write_lines(out / f"{model}.md", _page(model, report, record))
    write_lines(out / "index.md", _index(records))


def write_lines(path: Path, lines: list[str]) -> None:
    """Write a page."""
    path.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def _json_lines(record: dict[str, Any]) -> list[str]:
    """A record as JSON, an entry of a list or table a line, so that a change is seen as what it is."""
    parts = []
    for key, value in record.items():
        if isinstance(value, list) and value:
            inside = ",\n".join(f"  {json_shown(item)}" for item in value)
            parts.append(f' "{key}": [\n{inside}\n ]')
        elif isinstance(value, dict):
            inside = ",\n".join(f"  {json_shown(name)}: {json_shown(item)}" for name, item in sorted(value.items()))
            parts.append(f' "{key}": {{\n{inside}\n }}')
        else:
            parts.append(f' "{key}": {json_shown(value)}')
    return ["{", ",\n".join(parts), "}"]


def _disputes(out: Path, name: str) -> tuple[Override, ...]:
    """What a person says, with the file named as seen from the audits."""
    said = load_overrides(out / name) if (out / name).is_file() else ()
    return tuple(replace(one, file=name) for one in said)


def _before(path: Path) -> dict[str, Any] | None:
    """The record that is there, if one is."""
    found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
    return found if isinstance(found, dict) and found.get("schema") == SCHEMA else None


def _record(report: Report, said: tuple[Override, ...], before: dict[str, Any] | None, today: date) -> dict[str, Any]:
    digest, full = report.digest(), report.as_record(with_quotes=False)
    record = {
        "schema": SCHEMA,
        "subject": report.subject.name,
        "snapshots": [_snapshot(snapshot) for snapshot in report.subject.snapshots],
        "auditor": full["auditor"],
        "audited_on": today.isoformat(),
        "report_sha256": digest,
        "measured": full["measured"],
        "answers": _answers(report),
        "reasons": {row.id: unquoted(row.reason) for row in report_rows(report) if row.reason},
        "facts": [_fact(fact, report.subject) for fact in sorted(report.facts, key=lambda f: f.id) if fact.evidence],
        "to_settle": full["to_settle"],
        "not_read": full["not_read"],
        "disputes": [
            {"fact": s.fact, "status": s.status, "by": s.by, "reason": s.reason, "evidence": s.evidence} for s in said
        ],
        "history": [],
    }
    if before is None:
        return record
    if before["report_sha256"] == digest:
        return record | {"audited_on": before["audited_on"], "history": before["history"]}
    return record | {"history": [{key: before[key] for key in KEPT}, *before["history"]]}


def _snapshot(snapshot: Snapshot) -> dict[str, Any]:
    told = {"repo": snapshot.repo, "commit": snapshot.commit, "kind": snapshot.kind, "num_files": len(snapshot.entries)}
    return told | {"address": snapshot_link(snapshot)}


def _answers(report: Report) -> dict[str, str]:
    """Every answer in a word, by the id of the question or claim."""
    asked = {f"{a.id}.{scope}": a.answer for a in report.questions for scope in a.scopes}
    heads = {"osaid": report.osaid.status, "mof": report.mof.mof_class}
    return asked | heads | {row.id: row.answer for row in report_rows(report)}


def _fact(fact: Fact, subject: Subject) -> dict[str, Any]:
    """A fact and where it stands."""
    told = {"id": fact.id, "status": fact.status, "value": fact.value, "strength": fact.strength, "gap": fact.gap}
    places = [{"place": place_text(e), "rule": e.rule, "address": place_link(e, subject)} for e in fact.evidence]
    kept = {key: value for key, value in told.items() if value is not None}
    return kept | {"places": [{key: value for key, value in place.items() if value} for place in places]}


def _page(model: str, report: Report, record: dict[str, Any]) -> list[str]:
    lines = [
        f"# {_cell(report.subject.name)}",
        "",
        f"Audited on {record['audited_on']} by {record['auditor']}; as data in [{model}.json]({model}.json).",
        f"Written by `{COMMAND}`. Evidence is file and line.",
        "",
        f"Report `sha256:{record['report_sha256']}`",
        "",
        error_rate(),
        "",
    ]
    for snapshot in record["snapshots"]:
        name = _cell(snapshot["repo"])
        name = f"[{name}]({snapshot['address']})" if snapshot["address"] else name
        lines.append(f"- {name} at `{(snapshot['commit'] or 'no commit')[:12]}`, {snapshot['num_files']} files")
    lines += ["", "## What people ask", "", "| question | of | answer | why | where |", "|---|---|---|---|---|"]
    for answered in report.questions:
        where = _places(tuple(quote.place for quote in answered.quotes), report.subject)
        settle = f"<br>would settle it: {_cell('; '.join(answered.settled_by))}" if answered.settled_by else ""
        cells = (answered.words, ", ".join(answered.scopes), answered.answer, _cell(answered.sentence) + settle, where)
        lines.append(f"| {' | '.join(cells)} |")
    group = ""
    for row in report_rows(report):
        if row.group != group:
            group = row.group
            lines += ["", f"## {group}", "", "| claim | answer | why | where |", "|---|---|---|---|"]
        lines.append(_row(row, report.subject))
    return [*lines, *_lists(report, record)]


def _lists(report: Report, record: dict[str, Any]) -> list[str]:
    settle = [f"{_cell(where)}: {', '.join(f'`{i}`' for i in ids)}" for where, ids in report.to_settle().items()]
    disputes = [
        f"`{d['fact']}` is {d['status']}, says {_cell(d['by'])}: {_cell(d['reason'])}" for d in record["disputes"]
    ]
    titles = {
        "What would settle the rest": settle,
        "Not read, and so unchecked": list(map(_cell, report.not_read)),
        "Disputed": disputes,
        "History": [_change(was, record) for was in record["history"]],
    }
    shown = [(title, items) for title, items in titles.items() if items]
    return [line for title, items in shown for line in ("", f"## {title}", "", *(f"- {item}" for item in items))]


def _change(was: dict[str, Any], record: dict[str, Any]) -> str:
    """A former record, by the answers that are others now."""
    now = record["answers"]
    others = [f"{name} was {answer}" for name, answer in was["answers"].items() if now.get(name) not in (None, answer)]
    told = ", ".join(others) or "the same answers on other evidence"
    return f"{was['audited_on']}, {was['auditor']}, `sha256:{was['report_sha256'][:12]}`: {told}"


def _row(row: Row, subject: Subject) -> str:
    return f"| {_cell(row.claim)} | {_cell(row.answer)} | {_cell(row.reason)} | {_places(row.places, subject)} |"


def _places(places: tuple[Evidence, ...], subject: Subject) -> str:
    named = [(place_text(place).replace("|", "\\|").replace("`", ""), place_link(place, subject)) for place in places]
    return "<br>".join(f"[`{text}`]({link})" if link else f"`{text}`" for text, link in named)


def unquoted(text: str) -> str:
    """A reason without the words of others that it quotes."""
    return re.sub(r":? ?“[^”]*”", "", text)


def _cell(text: str) -> str:
    return markdown_shown(unquoted(text))


def _index(records: dict[str, dict[str, Any]]) -> list[str]:
    lines = [
        "# Audits",
        "",
        f"{len(records)} models as their public repositories held them. Answers are about that evidence: unknown is",
        f"not closed. Written by `{COMMAND}`; [agreement.md](agreement.md) sets them beside the",
        "labels of people.",
        "",
        error_rate(),
        "",
        "Each audit is a page and a record: `<model>.json` holds the commits that were read, the date, the digest of",
        "the report, every answer and fact with its places, what is disputed, and the answers that it had before. To",
        "dispute a finding, write `disputes/<model>.yaml` as [audit.md](../audit.md#overrides) says; it replaces the",
        "fact and stands beside what was found.",
        "",
        f"| model | {' | '.join(COLUMNS.values())} | audited on |",
        f"|{'---|' * (len(COLUMNS) + 2)}",
    ]
    for model, record in records.items():
        cells = (f"[{model}]({model}.md)", *(record["answers"][column] for column in COLUMNS), record["audited_on"])
        lines.append(f"| {' | '.join(cells)} |")
    return lines
