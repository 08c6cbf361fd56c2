"""The steps of a transcript that is being written, each line read once.

A run that goes on after a crash cuts its transcript back and writes other lines in the place of those that were lost:
where the last line read is no more what it was, all is read again.
"""

from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from glasswright.errors import Misuse
from glasswright.records.lines import decode_line
from glasswright.records.transcript import StepRecord, event_of
from glasswright.watch.standing import RECENT, ended_at, milliseconds


@dataclass
class Tail:
    """What has been read of one transcript."""

    path: Path
    steps: list[StepRecord] = field(default_factory=list)
    milliseconds: list[int] = field(default_factory=list)  # of each
    ended_at: list[float] = field(default_factory=list)
    _end: int = 0
    _last: bytes = b""

    def read(self) -> None:
        """Read what has come since. A last line that is being written is left for later.

        Raises:  Misuse if the file cannot be read, or a line of it is no event.
        """
        try:
            with self.path.open("rb") as file:
                file.seek(self._end - len(self._last))
                if file.read(len(self._last)) != self._last:
                    self.steps, self.milliseconds, self.ended_at = [], [], []
                    self._end, self._last = 0, b""
                    file.seek(0)
                for line in file:
                    if not line.endswith(b"\n"):
                        return
                    self._take(line)
        except FileNotFoundError:
            return
        except OSError as error:
            raise Misuse(f"{self.path}: cannot be read: {error.strerror}") from error

    @property
    def seconds_a_step(self) -> float | None:
        recent = self.milliseconds[-RECENT:]
        return sum(recent) / len(recent) / 1000 if recent else None

    @property
    def tokens_per_s(self) -> float | None:
        spent = sum(self.milliseconds[-RECENT:]) / 1000
        return sum(step.num_tokens for step in islice(reversed(self.steps), RECENT)) / spent if spent else None

    def _take(self, line: bytes) -> None:
        where = f"{self.path}, byte {self._end}"
        determined, observed = decode_line(line, where)
        try:
            event = event_of(determined)
            if isinstance(event, StepRecord):
                self.steps.append(event)
                self.milliseconds.append(milliseconds(observed))
                self.ended_at.append(ended_at(observed))
        except (KeyError, TypeError, ValueError) as error:
            raise Misuse(f"{where}: not an event of a transcript: {error}", hint="the file was damaged") from error
        self._end, self._last = self._end + len(line), line
