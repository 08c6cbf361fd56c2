"""The report as one HTML file that needs nothing else: no script, no font, no picture from anywhere."""

from datetime import date, timedelta
from html import escape
from importlib import resources

from glasswright.audit.badge import VALID_DAYS
from glasswright.audit.record import Evidence, Fact
from glasswright.audit.report import Report
from glasswright.audit.rows import Row, place_text, report_rows
from glasswright.audit.subject import Snapshot
from glasswright.foreign import shown

ANSWERS = ("proved", "refuted", "unknown", "open", "closed", "partial")
TONE = {"proved": "refuted", "refuted": "proved", "unknown": "unknown"}  # that the word misleads is no good news


def report_page(report: Report, audited_on: date) -> str:
    """The page."""
    rows = report_rows(report)
    groups = list(dict.fromkeys(row.group for row in rows if row.group != "The word for it"))
    name, expires = _text(report.subject.name), audited_on + timedelta(days=VALID_DAYS)
    body = [
        f"<h1>How open is {name}?</h1>",
        f'<p class="soft">Audited on {audited_on.isoformat()} by glasswright audit. Read again after '
        f"{expires.isoformat()}: pages and licenses change.</p>",
        _words(report),
        _read(report),
        *(_group(group, [row for row in rows if row.group == group]) for group in groups),
        _not_read(report),
        "<h2>Every fact, with its evidence</h2>",
        '<p class="soft">Each fact names the file, the lines and the rule that found it. '
        "Unknown has four kinds: missing, unlicensed, unreachable, unchecked.</p>",
        *(_fact(fact) for fact in sorted(report.facts, key=lambda f: f.id)),
    ]
    style = resources.files(__package__).joinpath("page.css").read_text()
    head = [
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>How open is {name}?</title>",
        f"<style>\n{style}</style>",
    ]
    lines = ["<!doctype html>", '<html lang="en">', "<head>", *head, "</head>", "<body>", *body, "</body>", "</html>"]
    return "\n".join(lines) + "\n"


def _text(text: str) -> str:
    """Text of whatever origin as HTML, with nothing in it that a browser obeys or hides."""
    return escape(shown(text), quote=True)


def _words(report: Report) -> str:
    label = report.label
    ours = label.ours if label.ours != "unknown" else "not decided by the evidence"
    said = place_text(label.publisher_evidence[0]) if label.publisher_evidence else ""
    cards = (
        ("What the evidence supports", ours, "", "", "soft"),
        ("What the publisher calls it", label.publisher or "not found", "", said, "place"),
        ("Open-washing", label.openwashing, TONE[label.openwashing], label.reason, "soft"),
    )
    return '<div class="words">' + "".join(_card(*card) for card in cards) + "</div>"


def _card(title: str, word: str, tone: str, below: str, kind: str) -> str:
    more = f'<span class="{kind}">{_text(below)}</span>' if below else ""
    return f'<div class="word"><span class="soft">{title}</span><b class="{tone}">{_text(word)}</b>{more}</div>'


def _read(report: Report) -> str:
    return f"<h2>What was read</h2><ul>{''.join(_snapshot(s) for s in report.subject.snapshots)}</ul>"


def _snapshot(snapshot: Snapshot) -> str:
    commit = f" at <code>{_text(snapshot.commit[:12])}</code>" if snapshot.commit else ""
    counts = f"{len(snapshot.entries)} files listed, {len(snapshot.documents)} texts read"
    return f"<li>{_text(snapshot.repo)}{commit}: {snapshot.kind}, {counts}</li>"


def _group(title: str, rows: list[Row]) -> str:
    return f"<h2>{_text(title)}</h2><table><tbody>{''.join(_row(row) for row in rows)}</tbody></table>"


def _row(row: Row) -> str:
    places = "".join(f'<div class="place">{_text(place_text(place))}</div>' for place in row.places)
    tone = row.answer if row.answer in ANSWERS else ""
    if row.claim.startswith("  clause:"):
        tone = "refuted"
    cells = (
        f'<th scope="row">{_text(row.claim.strip())}</th>',
        f'<td class="answer {tone}">{_text(row.answer)}</td>',
        f"<td>{_text(row.reason)}{places}</td>",
    )
    return f"<tr>{''.join(cells)}</tr>"


def _not_read(report: Report) -> str:
    if not report.not_read:
        return ""
    items = "".join(f"<li>{_text(line)}</li>" for line in report.not_read)
    return f"<h2>Not read, and so unchecked</h2><ul>{items}</ul>"


def _fact(fact: Fact) -> str:
    told = "; ".join(part for part in (fact.value or "", fact.note) if part)
    by = f" · stated by {_text(fact.overridden_by)}" if fact.overridden_by else ""
    kind = f" ({fact.gap})" if fact.gap else ""
    evidence = "".join(_place(place) for place in fact.evidence) or '<p class="soft">no evidence</p>'
    return (
        f'<details id="{_text(fact.id)}"><summary><code>{_text(fact.id)}</code> '
        f'<b class="{fact.status}">{fact.status}</b>{kind} '
        f'<span class="soft">{_text(told)} · {fact.strength or "no evidence"}{by}</span></summary>{evidence}</details>'
    )


def _place(evidence: Evidence) -> str:
    where = f"{place_text(evidence)} [{evidence.rule}]"
    return f'<div class="place">{_text(where)}</div><blockquote>{_text(evidence.quote)}</blockquote>'
