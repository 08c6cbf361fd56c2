"""Runs `glasswright build` as a user would, and watches its transcript grow: a live curve, or lines now and then."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from glasswright.cli import streams
from glasswright.cli.curve import text_plot
from glasswright.cli.progress import is_live
from glasswright.cli.show import draw, out
from glasswright.records.canonical import float_from_bits
from glasswright.records.transcript import StepRecord
from glasswright.store.transcript import TRANSCRIPT, read_transcript

LOOK_EVERY_S = 0.3
LINE_EVERY_STEPS = 50


@dataclass
class Curve:
    """What the step records say so far."""

    losses: list[float] = field(default_factory=list)
    validation: list[tuple[int, float]] = field(default_factory=list)  # step, bits per byte
    tokens_per_s: float = 0.0


def read_curve(work: Path) -> Curve:
    """The curve of the training run in a work folder. A last line that is still being written is left for later."""
    curve = Curve()
    for path in work.glob(f"train-*/{TRANSCRIPT}"):
        steps = [(event, seen) for event, seen in read_transcript(path) if isinstance(event, StepRecord)]
        for step, _ in steps:
            curve.losses.append(float_from_bits(step.loss_nats))
            if step.validation_bits_per_byte is not None:
                curve.validation.append((step.step, float_from_bits(step.validation_bits_per_byte)))
        recent = steps[-10:]
        spent = sum(seen["milliseconds"] for _, seen in recent) / 1000
        curve.tokens_per_s = sum(step.num_tokens for step, _ in recent) / spent if spent else 0.0
    return curve


class Watch:
    """Draws the curve in place on a terminal; elsewhere writes a line now and then."""

    def __init__(self, num_steps: int):
        self.num_steps = num_steps
        self.live = is_live(sys.stdout)
        self.num_lines_drawn = 0
        self.next_line = 1

    def show(self, curve: Curve) -> None:
        step = len(curve.losses)
        if step == 0:
            return
        status = (
            f"step {step} of {self.num_steps}   loss {curve.losses[-1]:.3f} nats   {curve.tokens_per_s:,.0f} tokens/s"
        )
        if self.live:
            self._redraw([*text_plot(curve.losses, num_steps=self.num_steps), status])
        elif step >= self.next_line:
            out(status)
            self.next_line = step + LINE_EVERY_STEPS

    def _redraw(self, lines: Sequence[str]) -> None:
        up = f"\x1b[{self.num_lines_drawn}A" if self.num_lines_drawn else ""
        draw(up + "\n".join(f"\x1b[K{line}" for line in lines))
        streams.flush()
        self.num_lines_drawn = len(lines)


def watched_build(arguments: Sequence[str], *, work: Path, num_steps: int, kill_at: int | None) -> int:
    """Run a build to its end, or until SIGKILL takes it once `kill_at` steps are recorded. Returns its exit status."""
    command = [sys.executable, "-m", "glasswright.cli", "build", *arguments]
    watch = Watch(num_steps)
    with tempfile.TemporaryFile("w+") as talk:
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=talk) as process:
            while process.poll() is None:
                curve = read_curve(work)
                watch.show(curve)
                if kill_at is not None and len(curve.losses) >= kill_at:
                    process.kill()
                time.sleep(LOOK_EVERY_S)
        watch.show(read_curve(work))
        if process.returncode > 0:
            talk.seek(0)
            out(talk.read().rstrip())
    return process.returncode
