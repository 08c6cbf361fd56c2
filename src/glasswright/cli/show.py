"""Results to stdout: a record as it is with `--json`, and for people as text. Words carry the meaning, never colour."""

import json
import os
import sys
from collections.abc import Iterable
from typing import Any

from glasswright.cli.progress import display
from glasswright.records.verdict import Answer, Verdict

COLOUR = {Answer.PROVED: "32", Answer.REFUTED: "31;1", Answer.UNKNOWN: "33"}


def out(text: str = "") -> None:
    """A line of the result."""
    display.close()
    try:
        print(text)
    except UnicodeEncodeError:
        print(text.encode("ascii", "backslashreplace").decode())


def show_json(record: Any) -> None:
    """The record itself."""
    out(json.dumps(record, indent=2, ensure_ascii=False, sort_keys=True))


def show_json_list(records: Iterable[Any]) -> int:
    """Records as a JSON list, one a line, each written as it comes; how many there were."""
    count = 0
    for count, record in enumerate(records, start=1):
        out(("[" if count == 1 else ",") + json.dumps(record, ensure_ascii=False, sort_keys=True, default=str))
    out("]" if count else "[]")
    return count


def show_verdict(verdict: Verdict, *, as_json: bool = False) -> int:
    """Show a check's findings, what it did not look at, and its answer; return the exit code of the answer."""
    if as_json:
        show_json(verdict.record())
        return verdict.answer.exit_code
    for finding in verdict.findings:
        out(f"{coloured(finding.answer)}  {finding.claim}")
        for line in finding.evidence.splitlines():
            out(f"         {printable(line)}")
        if finding.hint and finding.answer is not Answer.PROVED:
            out(f"         hint: {finding.hint}")
    if verdict.not_checked:
        out("\nnot checked:")
        for line in verdict.not_checked:
            out(f"  - {line}")
    out(f"\n{coloured(verdict.answer)}  {printable(verdict.where or verdict.subject)}")
    if verdict.where:
        out(f"         {printable(verdict.subject)}")
    return verdict.answer.exit_code


def coloured(answer: Answer) -> str:
    """The answer as a word of one width, coloured on a terminal that wants it."""
    word = answer.name.ljust(7)
    if not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return word
    return f"\x1b[{COLOUR[answer]}m{word}\x1b[0m"


def table(rows: list[tuple[str, ...]], *, indent: str = "") -> None:
    """Columns as wide as their widest cell; numbers are the caller's to align."""
    widths = [max(len(row[column]) for row in rows if column < len(row)) for column in range(max(map(len, rows)))]
    for row in rows:
        out((indent + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))).rstrip())


def size(num_bytes: float) -> str:
    """2_100_000 -> "2.1 MB"."""
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if num_bytes < 1000 or unit == "TB":
            return f"{num_bytes:.0f} {unit}" if unit == "bytes" else f"{num_bytes:.1f} {unit}"
        num_bytes /= 1000
    raise AssertionError("unreachable")


def printable(text: str) -> str:
    """Somebody else's text on one line, with nothing in it that a terminal would obey."""
    return "".join(character if character.isprintable() else "?" for character in text)
