"""How far the work is, on stderr: one live line on a terminal, a plain line now and then elsewhere.

train    120 of 350 steps   34%   3.1 steps/s   1m 14s left   loss 3.214, 15210 tokens/s
"""

import os
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import TextIO

from glasswright.cli import streams
from glasswright.foreign import shown
from glasswright.records.progress import Progress

REDRAW_S = 0.1
PLAIN_LINE_S, PLAIN_LINE_LOUD_S = 10.0, 1.0


class Loudness(Enum):
    """How much is said beside the answer."""

    QUIET = "errors"
    PLAIN = "progress, and what to do next"
    LOUD = "all progress, and where an error arose"


@dataclass
class Display:
    """Shows each report of progress where people will see it, and keeps other talk off its line."""

    stream: Callable[[], TextIO] = field(default=lambda: sys.stderr)
    clock: Callable[[], float] = time.monotonic
    is_live: Callable[[TextIO], bool] = field(default=lambda stream: is_live(stream))
    loudness: Loudness = Loudness.PLAIN
    _what: str = ""
    _first: Progress | None = None
    _started_at: float = 0.0
    _shown_at: float = float("-inf")
    _line_is_open: bool = False

    def __call__(self, progress: Progress) -> None:
        if self.loudness is Loudness.QUIET:
            return
        if progress.is_news:
            say(progress.note)
            return
        if progress.total == 0:
            return  # "0 of 0" tells nobody anything
        now = self.clock()
        is_new = self._first is None or progress.what != self._first.what or progress.done < self._first.done
        if is_new:
            self.close()
            self._first, self._started_at, self._shown_at = progress, now, now
        is_last = progress.total is not None and progress.done >= progress.total
        live = self.is_live(self.stream())
        if now - self._shown_at >= self._pause_s(live) or (is_last and self._is_worth_a_line(now)):
            self._shown_at = now
            self._write(self._line(progress, now), live=live)
        if is_last:
            self.close()
            self._first = None  # what is reported next under this name is other work

    def close(self) -> None:
        """Leave the line as it stands; what is said next starts below it."""
        if self._line_is_open:
            self._line_is_open = False
            with suppress(OSError, ValueError):
                self.stream().write("\n")

    def _pause_s(self, live: bool) -> float:
        if live:
            return REDRAW_S
        return PLAIN_LINE_LOUD_S if self.loudness is Loudness.LOUD else PLAIN_LINE_S

    def _is_worth_a_line(self, now: float) -> bool:
        """Work that is over at once is not talked about."""
        return self.loudness is Loudness.LOUD or self._line_is_open or now - self._started_at >= 1

    def _write(self, line: str, *, live: bool) -> None:
        """On the stream, if anybody reads it: work does not end because nobody hears of it."""
        line = shown(line)
        width = shutil.get_terminal_size().columns - 1
        with suppress(OSError, ValueError):
            self.stream().write(f"\r\x1b[K{line[:width]}" if live else line + "\n")
            self.stream().flush()
            self._line_is_open = live

    def _line(self, progress: Progress, now: float) -> str:
        assert self._first is not None
        pieces = [progress.what.ljust(10), _how_far(progress)]
        elapsed, did = now - self._started_at, progress.done - self._first.done
        if elapsed > 0.5 and did > 0:
            rate = did / elapsed
            pieces.append(f"{rate:,.1f} {progress.unit}/s")
            if progress.total is not None and progress.done < progress.total:
                pieces.append(f"{duration((progress.total - progress.done) / rate)} left")
        if progress.note:
            pieces.append(progress.note)
        return "   ".join(pieces)


display = Display()


def say(text: str) -> None:
    """Talk, on stderr, below the progress line if there is one."""
    if display.loudness is not Loudness.QUIET:
        complain(text)


def complain(text: str) -> None:
    """What is said however quiet it is to be."""
    display.close()
    streams.talk(shown(text, keep="\n\t") + "\n")


def duration(seconds: float) -> str:
    """3725 -> "1h 02m"; 74 -> "1m 14s"; 8.2 -> "8s"."""
    whole = round(seconds)
    if whole >= 3600:
        return f"{whole // 3600}h {whole % 3600 // 60:02d}m"
    return f"{whole // 60}m {whole % 60:02d}s" if whole >= 60 else f"{whole}s"


def _how_far(progress: Progress) -> str:
    if progress.total is None:
        return f"{progress.done:,} {progress.unit}"
    share = 100 * progress.done // progress.total
    return f"{progress.done:,} of {progress.total:,} {progress.unit}   {share:3d}%"


def is_live(stream: TextIO) -> bool:
    return stream.isatty() and os.environ.get("TERM") != "dumb"
