"""`glasswright watch`: how a build stands, drawn anew while it runs; or how a release was trained."""

import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glasswright.cli import streams
from glasswright.cli.options import Json
from glasswright.cli.progress import duration, is_live, say
from glasswright.cli.show import draw, show_json
from glasswright.errors import Misuse
from glasswright.foreign import shown
from glasswright.places import file_place, outside_releases

if TYPE_CHECKING:
    from glasswright.watch import Standing
    from glasswright.watch.logs import Log

LOOK_EVERY_S = 1.0
MAX_VALIDATIONS = 5  # that are listed: the last ones

Place = Annotated[Path, typer.Argument(metavar="[PLACE]", help="A release, or the folder that a build has as --work.")]
Svg = Annotated[
    Path | None, typer.Option("--svg", metavar="FILE", help="Write a picture of the curve, which needs nothing else.")
]
TensorBoard = Annotated[
    Path | None,
    typer.Option("--tensorboard", metavar="DIR", help="Write what the steps say for `tensorboard --logdir DIR`."),
]
Csv = Annotated[
    Path | None,
    typer.Option("--csv", metavar="FILE", help="Write it as a table, which `trackio.import_csv` takes as well."),
]


def watch(
    place: Place = Path(".glasswright"),
    svg: Svg = None,
    tensorboard: TensorBoard = None,
    csv: Csv = None,
    as_json: Json = False,
) -> None:
    """Show how a build stands, or how a release was trained.

    On a terminal a build that runs is shown until it ends, and Ctrl-C ends the looking, not the build. Elsewhere, and
    with --json, it is one look.
    """
    from glasswright.watch import watcher

    for path in filter(None, (svg, csv)):
        file_place(path)
    logs = _logs(tensorboard, csv)
    look, drawing = watcher(place), Drawing()
    while True:
        standing = look()
        for log in logs:
            log(standing)
        if as_json:
            show_json(standing.record())
        else:
            drawing.show(lines(standing))
        if as_json or not drawing.is_live or standing.state != "running":
            break
        time.sleep(LOOK_EVERY_S)
    if svg is not None:
        _write_picture(standing, svg)


def _logs(tensorboard: Path | None, csv: Path | None) -> "list[Log]":
    from glasswright.watch import logs

    wanted = []
    if tensorboard is not None:
        outside_releases(tensorboard, "name another with --tensorboard")
        wanted.append(logs.tensorboard(tensorboard))
    if csv is not None:
        wanted.append(logs.table(csv))
    return wanted


class Drawing:
    """Some lines, drawn in place of those before them on a terminal."""

    def __init__(self) -> None:
        self.is_live = is_live(sys.stdout)
        self.num_lines = 0

    def show(self, text: Sequence[str]) -> None:
        told = [shown(line) for line in text]
        if self.is_live:
            width = shutil.get_terminal_size().columns - 1  # a line that is broken is two to go up by
            up = f"\x1b[{self.num_lines}A" if self.num_lines else ""
            told = [f"{up if number == 0 else ''}\x1b[K{line[:width]}" for number, line in enumerate(told)]
        draw("\n".join(told))
        streams.flush()
        self.num_lines = len(text)


def lines(standing: "Standing") -> list[str]:
    """A look as text, always the same number of lines once there is a step."""
    from glasswright.curve import text_plot

    curve = standing.curve
    plot = text_plot(curve.losses, num_steps=curve.num_steps) if curve.losses else []
    return [f"{standing.name}: {_state(standing)}", *plot, _training(standing), _validation(standing)]


def _state(standing: "Standing") -> str:
    if standing.state == "built":
        return f"built, {standing.out}"
    how_far = f"{standing.done:,} of {standing.total:,} {standing.unit}" if standing.total else ""
    at = f"{standing.stage}   {how_far}".rstrip()
    if standing.state == "running":
        return f"running, {at}"
    return f"not running, ended at {at}: {standing.why}"


def _training(standing: "Standing") -> str:
    if not standing.step:
        return "no step yet"
    told = [f"step {standing.step:,} of {standing.curve.num_steps:,}", f"loss {standing.curve.losses[-1]:.3f} nats"]
    if standing.tokens_per_s is not None:
        told.append(f"{standing.tokens_per_s:,.0f} tokens/s")
    if standing.seconds_left is not None:
        told.append(f"{duration(standing.seconds_left)} left")
    return "   ".join(told)


def _validation(standing: "Standing") -> str:
    last = standing.curve.validation[-MAX_VALIDATIONS:]
    if not last:
        return "no validation yet" if standing.state == "running" else "validation was not measured"
    return "validation   " + "   ".join(f"step {step:,}: {bits:.3f}" for step, bits in last) + "   bits a byte"


def _write_picture(standing: "Standing", path: Path) -> None:
    from glasswright.curve import svg
    from glasswright.store.atomic import write_atomic

    if not standing.step:
        raise Misuse(f"{standing.where}: no step yet, so there is nothing to draw", hint="wait for the training")
    write_atomic(path, svg(standing.curve, title=f"Training of {standing.name}").encode())
    say(f"picture: {path}")
