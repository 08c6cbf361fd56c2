"""The report as one HTML file that needs nothing else: no script, no font, no picture from anywhere."""

from datetime import date, timedelta
from html import escape

from glasswright.audit.badge import VALID_DAYS
from glasswright.audit.record import Fact
from glasswright.audit.report import Report
from glasswright.audit.rows import Row, place_text, report_rows

TONE = {"proved": "refuted", "refuted": "proved", "unknown": "unknown"}  # that the word misleads is no good news
STYLE = """
:root { color-scheme: light dark; --ink: #1f2328; --soft: #59636e; --line: #d1d9e0; --page: #ffffff; --card: #f6f8fa;
  --good: #1a7f37; --bad: #b42318; --open: #7a5200; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9198a1; --line: #3d444d; --page: #0d1117; --card: #151b23;
  --good: #57ab5a; --bad: #ff7b72; --open: #d4a72c; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 2rem 1.25rem 4rem; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.1rem; margin: 2.2rem 0 .5rem; }
p, li { max-width: 46rem; }
.soft { color: var(--soft); font-size: .9rem; }
.words { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: .75rem; margin: 1.25rem 0; }
.word { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .8rem 1rem; }
.word b { display: block; font-size: 1.25rem; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; table-layout: fixed; }
th, td { text-align: left; vertical-align: top; padding: .45rem .7rem .45rem 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
th { font-weight: 600; width: 24%; } td.answer { width: 18%; font-weight: 600; } td.clause { padding-left: 1rem; }
.proved, .open { color: var(--good); } .refuted, .closed { color: var(--bad); } .unknown, .partial { color: var(--open); }
code, .place { font: .82rem/1.45 ui-monospace, "DejaVu Sans Mono", monospace; color: var(--soft); overflow-wrap: anywhere; }
details { border-top: 1px solid var(--line); padding: .35rem 0; } summary { cursor: pointer; overflow-wrap: anywhere; }
blockquote { margin: .2rem 0 .5rem 1rem; padding-left: .7rem; border-left: 3px solid var(--line); color: var(--soft); font-size: .88rem; overflow-wrap: anywhere; }
@media (max-width: 40rem) { table, tbody, tr, th, td { display: block; width: auto !important; } th { border-top: 1px solid var(--line); } td { border: 0; padding: .1rem 0; } }
@media print { details { break-inside: avoid; } }
"""


def report_page(report: Report, audited_on: date) -> str:
    """The page."""
    rows = report_rows(report)
    groups = list(dict.fromkeys(row.group for row in rows if row.group != "The word for it"))
    expires = audited_on + timedelta(days=VALID_DAYS)
    body = [
        f"<h1>How open is {escape(report.subject.name)}?</h1>",
        f'<p class="soft">Audited on {audited_on.isoformat()} by glasswright audit. Read again after {expires.isoformat()}: pages and licenses change.</p>',
        _words(report),
        _read(report),
        *(_group(group, [row for row in rows if row.group == group]) for group in groups),
        _not_read(report),
        "<h2>Every fact, with its evidence</h2>",
        '<p class="soft">Each fact names the file, the lines and the rule that found it. Unknown has four kinds: missing, unlicensed, unreachable, unchecked.</p>',
        *(_fact(fact) for fact in sorted(report.facts, key=lambda f: f.id)),
    ]
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>How open is {escape(report.subject.name)}?</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    )


def _words(report: Report) -> str:
    label = report.label
    ours = label.ours if label.ours != "unknown" else "not decided by the evidence"
    at_least = (
        f'<span class="soft">at least {label.at_least}</span>'
        if label.ours == "unknown" and label.at_least != "unknown"
        else ""
    )
    said = (
        f'<span class="place">{escape(place_text(label.publisher_evidence[0]))}</span>'
        if label.publisher_evidence
        else ""
    )
    return (
        '<div class="words">'
        f'<div class="word"><span class="soft">What the evidence supports</span><b>{escape(ours)}</b>{at_least}</div>'
        f'<div class="word"><span class="soft">What the publisher calls it</span><b>{escape(label.publisher or "not found")}</b>{said}</div>'
        f'<div class="word"><span class="soft">Open-washing</span><b class="{TONE[label.openwashing]}">{label.openwashing}</b><span class="soft">{escape(label.reason)}</span></div>'
        "</div>"
    )


def _read(report: Report) -> str:
    items = "".join(
        f"<li>{escape(s.repo)}{f' at <code>{escape(s.commit[:12])}</code>' if s.commit else ''}: {s.kind}, {len(s.entries)} files listed, {len(s.documents)} texts read</li>"
        for s in report.subject.snapshots
    )
    return f"<h2>What was read</h2><ul>{items}</ul>"


def _group(title: str, rows: list[Row]) -> str:
    return f"<h2>{escape(title)}</h2><table><tbody>{''.join(_row(row) for row in rows)}</tbody></table>"


def _row(row: Row) -> str:
    places = "".join(f'<div class="place">{escape(place_text(place))}</div>' for place in row.places)
    tone = row.answer if row.answer in ("proved", "refuted", "unknown", "open", "closed", "partial") else ""
    if row.claim.startswith("  clause:"):
        tone = "refuted"
    return f'<tr><th scope="row">{escape(row.claim.strip())}</th><td class="answer {tone}">{escape(row.answer)}</td><td>{escape(row.reason)}{places}</td></tr>'


def _not_read(report: Report) -> str:
    if not report.not_read:
        return ""
    return (
        "<h2>Not read, and so unchecked</h2><ul>"
        + "".join(f"<li>{escape(line)}</li>" for line in report.not_read)
        + "</ul>"
    )


def _fact(fact: Fact) -> str:
    told = "; ".join(part for part in (fact.value or "", fact.note) if part)
    by = f" · stated by {escape(fact.overridden_by)}" if fact.overridden_by else ""
    evidence = (
        "".join(
            f'<div class="place">{escape(place_text(e))} [{escape(e.rule)}]</div><blockquote>{escape(e.quote)}</blockquote>'
            for e in fact.evidence
        )
        or '<p class="soft">no evidence</p>'
    )
    kind = f" ({fact.gap})" if fact.gap else ""
    return (
        f'<details id="{escape(fact.id, quote=True)}"><summary><code>{escape(fact.id)}</code> '
        f'<b class="{fact.status}">{fact.status}</b>{kind} '
        f'<span class="soft">{escape(told)} · confidence {fact.confidence:.2f}{by}</span></summary>{evidence}</details>'
    )
