"""Runs `glasswright build` as a user would, and watches it: a live curve on a terminal, elsewhere some lines."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from glasswright.cli.show import out
from glasswright.cli.watch import Drawing, lines
from glasswright.errors import Misuse
from glasswright.watch import Standing, Watcher, watcher

LOOK_EVERY_S = 0.3
LINE_EVERY_STEPS = 50


class Watched:
    """Shows each look: all of it on a terminal; elsewhere the one line that tells of the steps, now and then."""

    def __init__(self) -> None:
        self.drawing = Drawing()
        self.next_step = 1

    def show(self, standing: Standing) -> None:
        if standing.step == 0:
            return
        if self.drawing.is_live:
            self.drawing.show(lines(standing))
        elif standing.step >= self.next_step:
            out(lines(standing)[-2])
            self.next_step = standing.step + LINE_EVERY_STEPS


def watched_build(arguments: Sequence[str], *, work: Path, kill_at: int | None) -> int:
    """Run a build to its end, or until SIGKILL takes it once `kill_at` steps are recorded. Returns its exit status."""
    command = [sys.executable, "-m", "glasswright.cli", "build", *arguments]
    watched = Watched()
    with tempfile.TemporaryFile("w+") as talk:
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=talk) as process:
            look = None
            while process.poll() is None:
                time.sleep(LOOK_EVERY_S)
                look = look or _watcher(work)
                if look is None:
                    continue
                standing = look()
                watched.show(standing)
                if kill_at is not None and standing.step >= kill_at:
                    process.kill()
        if look is not None:
            watched.show(look())
        if process.returncode > 0:
            talk.seek(0)
            out(talk.read().rstrip())
    return process.returncode


def _watcher(work: Path) -> Watcher | None:
    """What looks at the build, once there is something to look at."""
    try:
        return watcher(work)
    except Misuse:
        return None
