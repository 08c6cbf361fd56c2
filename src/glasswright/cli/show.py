"""Results to stdout: a record as it is with `--json`, and for people as text. Words carry the meaning, never colour."""

import json
import os
import shlex
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from glasswright.cli import streams
from glasswright.cli.progress import display, say
from glasswright.foreign import json_shown, shown
from glasswright.records.outcome import Outcome, named
from glasswright.records.verdict import Answer, Verdict

COLOUR = {Answer.PROVED: "32", Answer.REFUTED: "31;1", Answer.UNKNOWN: "33"}


def out(text: str = "") -> None:
    """Lines of the result, with nothing in them that a terminal would obey, wherever the words come from."""
    draw(shown(text, keep="\n\t"))


def draw(text: str) -> None:
    """Lines of the result as they are: for our own colours and moves of the cursor, and for what is shown already."""
    display.close()
    streams.write(text)


def show_json(record: Any) -> None:
    """The record itself."""
    draw(_json(record, indent=2))


def show_json_list(records: Iterable[Any]) -> int:
    """Records as a JSON list, one a line, each written as it comes; how many there were."""
    count = 0
    for count, record in enumerate(records, start=1):
        draw(("[" if count == 1 else ",") + _json(record))
    draw("]" if count else "[]")
    return count


def _json(record: Any, indent: int | None = None) -> str:
    if streams.is_utf8():
        return json_shown(record, indent=indent)
    return json.dumps(record, indent=indent, sort_keys=True, default=str).replace("\x7f", "\\u007f")


def show_verdict(verdict: Verdict, *, as_json: bool = False) -> int:
    """Show a check's findings, what it did not look at, and its answer; return the exit code of the answer."""
    if as_json:
        show_json(verdict.record())
        return verdict.answer.exit_code
    for finding in verdict.findings:
        draw(f"{coloured(finding.answer)}  {shown(finding.claim)}")
        for line in finding.evidence.split("\n"):
            draw(f"         {shown(line)}")
        if finding.hint and finding.answer is not Answer.PROVED:
            draw(f"         hint: {shown(finding.hint)}")
    if verdict.not_checked:
        draw("\nnot checked:")
        for line in verdict.not_checked:
            draw(f"  - {shown(line)}")
    draw(f"\n{coloured(verdict.answer)}  {shown(verdict.where or verdict.subject)}")
    if verdict.where:
        draw(f"         {shown(verdict.subject)}")
    return verdict.answer.exit_code


def coloured(answer: Answer) -> str:
    """The answer as a word of one width, coloured on a terminal that wants it."""
    word = answer.name.ljust(7)
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return word
    return f"\x1b[{COLOUR[answer]}m{word}\x1b[0m"


def table(rows: list[tuple[str, ...]], *, indent: str = "") -> None:
    """Columns as wide as their widest cell, each cell on one line; numbers are the caller's to align."""
    rows = [tuple(map(shown, row)) for row in rows]
    widths = [max(len(row[column]) for row in rows if column < len(row)) for column in range(max(map(len, rows)))]
    for row in rows:
        draw((indent + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))).rstrip())


def show_built(release: Path, *, as_json: bool, parent: Path | None = None) -> None:
    """What was built, what became of the documents, and what to do next.

    parent:  where the model lies that it began from, if from one
    """
    from glasswright.api import Release

    built = Release(release)
    outcome = built.outcome()
    if as_json:
        show_json(
            {"schema": "glasswright/build/1", "release": str(release), "root": built.root, "outcome": outcome.record()}
        )
    else:
        out(str(release))
    for line in outcome_lines(outcome):
        say(line)
    again = "" if parent is None else f" --parent {shlex.quote(str(parent))}"
    say(f"next: `glasswright verify {release}`, or `glasswright rebuild {release}{again}`")


def outcome_lines(outcome: Outcome) -> Iterator[str]:
    """What became of the documents, for people."""
    yield f"documents: {outcome.num_seen} seen, {outcome.num_kept} kept ({size(outcome.bytes_kept)} of text)"
    if outcome.dropped:
        yield f"  dropped: {shown(named(outcome.dropped))}"
    for warning in outcome.warnings():
        yield f"warning: {shown(warning)}"


def size(num_bytes: float) -> str:
    """2_100_000 -> "2.1 MB"."""
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if num_bytes < 1000 or unit == "TB":
            return f"{num_bytes:.0f} {unit}" if unit == "bytes" else f"{num_bytes:.1f} {unit}"
        num_bytes /= 1000
    raise AssertionError("unreachable")
