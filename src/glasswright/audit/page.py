"""The report as one HTML file that needs nothing else: no script, no font, no picture from anywhere.

Its links lead to lines at the commit that was audited, and to nowhere that a text of the subject names.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from html import escape
from importlib import resources
from itertools import groupby

from glasswright.audit.badge import VALID_DAYS
from glasswright.audit.hubs import Followed
from glasswright.audit.links import place_link, snapshot_link
from glasswright.audit.measured import error_rate
from glasswright.audit.questions import Answered
from glasswright.audit.quoting import Quote
from glasswright.audit.record import Evidence, Fact
from glasswright.audit.report import Report
from glasswright.audit.rows import Row, folded, place_text, quoted_once, report_rows
from glasswright.audit.subject import Snapshot, Subject
from glasswright.foreign import shown

LABEL = "The word for it"
# How an answer is coloured; the word says the same without. That a clause is there, or that a word misleads, has none.
TONES = {
    **dict.fromkeys(("yes", "proved", "open", "met"), "good"),
    **dict.fromkeys(("no", "refuted", "closed", "not open", "unmet", "conflict"), "bad"),
    **dict.fromkeys(("unknown", "partial"), "unsure"),
}


def report_page(report: Report, audited_on: date) -> str:
    """The page."""
    return _Page(report).html(audited_on)


class _Page:
    """A report being written as HTML."""

    def __init__(self, report: Report):
        self.report, self.subject, self.rows = report, report.subject, folded(report_rows(report))
        self.answers = quoted_once(report.questions)
        self.ids = {fact.id for fact in report.facts}

    def html(self, audited_on: date) -> str:
        name, expires = _text(self.subject.name), audited_on + timedelta(days=VALID_DAYS)
        body = [
            f"<h1>How open is {name}?</h1>",
            f'<p class="soft">Audited on {audited_on.isoformat()} by glasswright audit. Read again after '
            f"{expires.isoformat()}: pages and licenses change.</p>",
            self._words(),
            *self._questions(),
            *(self._group(group) for group in dict.fromkeys(row.group for row in self.rows if row.group != LABEL)),
            self._to_settle(),
            f"<h2>What was read</h2><ul>{''.join(map(self._snapshot, self.subject.snapshots))}</ul>",
            _list("Followed", (_page(page) for page in self.report.followed if not page.problem)),
            _list("Not read, and so unchecked", map(_text, self.report.not_read)),
            "<h2>Every fact, with its evidence</h2>",
            '<p class="soft">Each fact names the file, the lines and the rule that found it. '
            "Unknown has four kinds: missing, unlicensed, unreachable, unchecked.</p>",
            *(self._fact(fact) for fact in sorted(self.report.facts, key=lambda f: f.id)),
            f'<footer class="soft"><p>{_text(error_rate())}</p><p>Every answer is about the evidence that was read; '
            f"unknown is not closed.</p><p>report sha256:{self.report.digest()}</p></footer>",
        ]
        return _document(f"How open is {name}?", body)

    def _words(self) -> str:
        cards = (row for row in self.rows if row.group == LABEL)
        return f'<div class="words">{"".join(map(self._card, cards))}</div>'

    def _card(self, row: Row) -> str:
        below = f'<span class="soft">{_text(row.reason)}</span>' if row.reason else ""
        claim = _text(row.claim[:1].upper() + row.claim[1:])
        word = f'<span class="soft">{claim}</span><b>{_text(row.answer)}</b>'
        return f'<div class="word">{word}{below}{self._places(row.places)}</div>'

    def _questions(self) -> Iterator[str]:
        """Each with its answers; those that follow one another and have the same answers are asked together."""
        by_words: dict[str, str] = {}
        for answered in self.answers:
            by_words[answered.words] = by_words.get(answered.words, "") + self._answer(answered)
        for answers, asked in groupby(by_words, key=by_words.__getitem__):
            yield f'<div class="question">{"".join(f"<h3>{words}</h3>" for words in asked)}{answers}</div>'

    def _answer(self, answered: Answered) -> str:
        ids = f'<span class="place">{self._ids(answered.facts)}</span>'
        settle = (
            f'<p class="soft">Would settle it: {_text("; ".join(answered.settled_by))}</p>'
            if answered.settled_by
            else ""
        )
        return (
            f'<div class="answer"><p><b class="{TONES[answered.answer]}">{answered.answer.capitalize()}</b> '
            f'<span class="scope">{", ".join(answered.scopes)}</span> {_text(answered.sentence)}</p>'
            f"{''.join(map(self._quote, answered.quotes))}{settle}{ids}</div>"
        )

    def _quote(self, quote: Quote) -> str:
        words = f"<blockquote>{_text(quote.words)}</blockquote>" if quote.words else ""
        return f"{words}{self._places((quote.place,))}"

    def _group(self, group: str) -> str:
        rows = "".join(self._row(row) for row in self.rows if row.group == group)
        return f"<h2>{_text(group)}</h2><table><tbody>{rows}</tbody></table>"

    def _row(self, row: Row) -> str:
        cells = (
            f'<th scope="row">{_text(row.claim)}</th>',
            f'<td class="verdict {TONES.get(row.answer, "")}">{_text(row.answer)}</td>',
            f'<td>{_text(row.reason)}{self._places(row.places)}<div class="place">{self._ids(row.fact_ids)}</div></td>',
        )
        return f'<tr id="{_text(row.id)}">{"".join(cells)}</tr>'

    def _ids(self, ids: Iterable[str]) -> str:
        """Facts by name, each a link to where it stands on this page."""
        named = ((i, _text(i)) for i in ids)
        return " · ".join(f'<a href="#fact.{text}">{text}</a>' if i in self.ids else text for i, text in named)

    def _places(self, places: Iterable[Evidence]) -> str:
        return "".join(f'<div class="place">{_linked(place, self.subject)}</div>' for place in places)

    def _to_settle(self) -> str:
        ends = self.report.to_settle().items()
        return _list(
            "What would settle the rest", (f'{_text(w)} <span class="place">{self._ids(i)}</span>' for w, i in ends)
        )

    def _snapshot(self, snapshot: Snapshot) -> str:
        name = f"{snapshot.repo}{' at ' + snapshot.commit[:12] if snapshot.commit else ''}"
        counts = f"{snapshot.kind}, {len(snapshot.entries)} files listed, {len(snapshot.documents)} texts read"
        return f"<li>{_anchor(name, snapshot_link(snapshot))}: {counts}</li>"

    def _fact(self, fact: Fact) -> str:
        told = "; ".join(filter(None, (fact.value, fact.note, fact.strength or "no evidence")))
        by = f" · stated by {_text(fact.overridden_by)}" if fact.overridden_by else ""
        kind = f" ({fact.gap})" if fact.gap else ""
        evidence = "".join(self._evidence(place) for place in fact.evidence) or '<p class="soft">no evidence</p>'
        return (
            f'<details id="fact.{_text(fact.id)}"><summary><code>{_text(fact.id)}</code> '
            f'<b class="{TONES[fact.status] if not fact.id.startswith("clause.") else ""}">{fact.status}</b>{kind} '
            f'<span class="soft">{_text(told)}{by}</span></summary>{evidence}</details>'
        )

    def _evidence(self, place: Evidence) -> str:
        where = f"{_linked(place, self.subject)} [{_text(place.rule)}]"
        return f'<div class="place">{where}</div><blockquote>{_text(place.quote)}</blockquote>'


def _document(title: str, body: list[str]) -> str:
    style = resources.files(__package__).joinpath("page.css").read_text()
    head = [
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{title}</title>",
        f"<style>\n{style}</style>",
    ]
    lines = ["<!doctype html>", '<html lang="en">', "<head>", *head, "</head>", "<body>", *body, "</body>", "</html>"]
    return "\n".join(lines) + "\n"


def _text(text: str) -> str:
    """Text of whatever origin as HTML, with nothing in it that a browser obeys or hides."""
    return escape(shown(text), quote=True)


def _linked(place: Evidence, subject: Subject) -> str:
    return _anchor(place_text(place), place_link(place, subject))


def _anchor(text: str, address: str | None) -> str:
    return f'<a href="{_text(address)}">{_text(text)}</a>' if address else _text(text)


def _page(page: Followed) -> str:
    told = f"{page.kind}, {page.num_bytes} bytes, sha256:{page.sha256}"
    return f'{_text(page.read_at)} <span class="place">{told}</span>'


def _list(title: str, items: Iterable[str]) -> str:
    listed = "".join(f"<li>{item}</li>" for item in items)
    return f"<h2>{title}</h2><ul>{listed}</ul>" if listed else ""
