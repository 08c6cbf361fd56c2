"""`transcript.jsonl`: the events of a run in the order of time, a line each, as they happen."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from glasswright.errors import Misuse
from glasswright.records.lines import decode_line
from glasswright.records.transcript import Event, event_of

TRANSCRIPT = "transcript.jsonl"


def read_transcript(path: Path) -> Iterator[tuple[Event, dict[str, Any]]]:
    """(event, what was observed) of every line that was written to its end; one that was cut off is not there yet.

    Raises:  Misuse naming the line that is no event, or the file if it cannot be read.
    """
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if line.endswith(b"\n"):
                    yield _event(line, f"{path}:{number}")
    except OSError as error:
        raise Misuse(f"{path}: cannot be read: {error.strerror}") from error


def _event(line: bytes, where: str) -> tuple[Event, dict[str, Any]]:
    determined, observed = decode_line(line, where)
    try:
        return event_of(determined), observed
    except (KeyError, TypeError, ValueError) as error:
        raise Misuse(
            f"{where}: not an event of a transcript: {error}", hint="the file was edited or damaged"
        ) from error
