"""The report in a terminal of any width: the questions first, then groups of claims with reason and place."""

import unicodedata
from collections.abc import Iterator
from itertools import groupby

from glasswright.audit.hubs import Followed
from glasswright.audit.links import snapshot_link
from glasswright.audit.measured import error_rate
from glasswright.audit.questions import Answered
from glasswright.audit.record import Fact
from glasswright.audit.report import Report
from glasswright.audit.rows import Row, folded, place_text, places_text, quoted_once, report_rows
from glasswright.foreign import shown

MIN_WIDTH = 40
MAX_IDS = 3
MAX_NOT_READ = 20
WIDE = ("W", "F")  # East Asian: two columns


def report_text(report: Report, *, width: int = 100) -> str:
    """The whole report, no line wider than `width` columns, of which there are at least 40."""
    width = max(MIN_WIDTH, width)
    rows = folded(report_rows(report))
    lines = [*wrapped(f"How open is {shown(report.subject.name)}?", width), ""]
    for snapshot in report.subject.snapshots:
        where = snapshot_link(snapshot) or snapshot.repo + (f" @ {snapshot.commit[:12]}" if snapshot.commit else "")
        counts = f"{snapshot.kind}, {len(snapshot.entries)} files, {len(snapshot.documents)} texts"
        lines += wrapped(f"read: {shown(where)} ({counts})", width, "  ", "    ")
    lines += _questions(report.questions, width)
    for group in dict.fromkeys(row.group for row in rows):
        lines += _heading(group, width)
        lines += [line for row in rows if row.group == group for line in _row(row, width)]
    lines += _list("What would settle the rest", [f"{w} [{_ids(ids)}]" for w, ids in report.to_settle().items()], width)
    lines += _list("Followed", [_page(page) for page in report.followed if not page.problem], width)
    lines += _list("Not read, and so unchecked", list(report.not_read), width)
    lines += ["", *wrapped(error_rate(), width)]
    lines += wrapped("Every answer is about the evidence read above; unknown is not closed.", width)
    lines += wrapped("`--explain ID` shows a fact with all its evidence; `--json` shows all of them.", width)
    lines += wrapped(f"report sha256:{report.digest()}", width)
    return "\n".join(lines)


def fact_text(fact: Fact, *, width: int = 100) -> str:
    """One fact with everything behind it."""
    width = max(MIN_WIDTH, width)
    lines = wrapped(f"{shown(fact.id)}: {fact.status}" + (f" ({fact.gap})" if fact.gap else ""), width)
    told = {"value": fact.value, "license": fact.license, "note": fact.note, "stated by": fact.overridden_by}
    for name, value in told.items():
        lines += wrapped(f"{name}: {shown(value)}", width, "  ", "    ") if value else []
    lines.append(f"  strength: {fact.strength or 'no evidence'}")
    for evidence in fact.evidence:
        lines += wrapped(f"{place_text(evidence)} [{shown(evidence.rule)}]", width, "  ", "    ")
        lines += wrapped(f"“{shown(evidence.quote)}”", width, "      ")
    if not fact.evidence:
        lines.append("  no evidence")
    return "\n".join(lines)


def wrapped(text: str, width: int, first: str = "", rest: str | None = None) -> list[str]:
    """A text as lines of at most so many columns, each character as wide as a terminal shows it."""
    indent = first if rest is None else rest
    lines: list[str] = []
    line, used = first, len(first)
    for word in _pieces(text, width - max(len(first), len(indent))):
        size = columns(word)
        is_begun = used > len(indent if lines else first)  # else nothing but the indent stands in the line
        if is_begun and used + 1 + size > width:
            lines.append(line)
            line, used, is_begun = indent, len(indent), False
        line, used = line + " " * is_begun + word, used + is_begun + size
    return [*lines, line.rstrip()]


def columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(2 if unicodedata.east_asian_width(c) in WIDE else not unicodedata.combining(c) for c in text)


def _pieces(text: str, most: int) -> Iterator[str]:
    """The words of a text, those that are wider than a line cut."""
    for word in text.split():
        piece = ""
        for character in word if columns(word) > most else ():
            if columns(piece + character) > most:
                yield piece
                piece = ""
            piece += character
        yield piece or word


def _questions(questions: tuple[Answered, ...], width: int) -> Iterator[str]:
    """Each with its answers; those that follow one another and have the same answers are asked together."""
    by_words: dict[str, list[str]] = {}
    for answered in quoted_once(questions):
        by_words.setdefault(answered.words, []).extend(_answer(answered, width))
    for answers, asked in groupby(by_words, key=by_words.__getitem__):
        yield ""
        for words in asked:
            yield from wrapped(words, width)
        yield from answers


def _answer(answered: Answered, width: int) -> Iterator[str]:
    told = f"{', '.join(answered.scopes)}: {answered.answer.upper()}. {shown(answered.sentence)}"
    yield from wrapped(told, width, "  ", "    ")
    for quote in answered.quotes:
        yield from wrapped(f"“{shown(quote.words)}”", width, "    ") if quote.words else ()
        yield from wrapped(place_text(quote.place), width, "    ")
    if answered.settled_by:
        yield from wrapped(f"would settle it: {shown('; '.join(answered.settled_by))}", width, "    ")


def _row(row: Row, width: int) -> list[str]:
    answer = f"({row.answer})" if row.is_clause else row.answer.upper()
    told = f"{row.claim} {answer}" if row.is_clause else f"{row.claim}: {answer}"
    lines = wrapped(f"{told}. {row.reason}".rstrip(" ."), width, "  ", "    ")
    *places, last = places_text(row.places) or [""]
    below = [*places, f"{last} [{_ids(row.fact_ids)}]" if row.fact_ids else last]
    return lines + [line for part in below if part for line in wrapped(part, width, "    ")]


def _ids(ids: tuple[str, ...] | list[str]) -> str:
    more = f", {len(ids) - MAX_IDS} more" if len(ids) > MAX_IDS else ""
    return ", ".join(map(shown, ids[:MAX_IDS])) + more


def _page(page: Followed) -> str:
    return f"{page.read_at} sha256:{page.sha256[:12]} ({page.kind}, {page.num_bytes} bytes)"


def _heading(title: str, width: int) -> list[str]:
    lines = wrapped(title, width)
    return ["", *lines, "-" * max(map(columns, lines))]


def _list(title: str, items: list[str], width: int) -> list[str]:
    lines = [line for item in items[:MAX_NOT_READ] for line in wrapped(shown(item), width, "  ", "    ")]
    more = [f"  and {len(items) - MAX_NOT_READ} more"] if len(items) > MAX_NOT_READ else []
    return [*_heading(title, width), *lines, *more] if items else []
