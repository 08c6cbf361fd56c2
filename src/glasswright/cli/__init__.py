"""Parse, call, show: the only place that prints or exits.

`glasswright VERB` runs the function or the typer app named in `glasswright.cli.VERB`; `app.py` lists the verbs.
Nothing heavy is imported before the verb itself needs it, so that `glasswright --help` answers at once.
`python benchmarks/startup.py RELEASE` measures what is left.
"""

import contextlib
import gc
import os
import signal
import sys
from typing import NoReturn

NEW_OBJECTS = 100_000  # between two searches for cycles: loading makes many that stay, and Python's 700 cost a twelfth


def _stopped(signum: int, frame: object) -> NoReturn:  # noqa: ARG001
    """Ctrl-C before and after `run`: there is nothing to unwind."""
    os.write(2, b"\nglasswright: stopped\n")
    os._exit(130)


def main() -> NoReturn:
    """The console command."""
    signal.signal(signal.SIGINT, _stopped)
    gc.set_threshold(NEW_OBJECTS)
    from glasswright.cli import streams

    try:
        streams.prepare()
    except streams.NotShown as error:
        streams.talk(f"glasswright: {error}\nhint: {error.hint}\n")
        sys.exit(error.exit_code)
    from glasswright.cli.app import run

    exit_code = run(sys.argv[1:])
    streams.settle()
    if "ray" in sys.modules:
        sys.exit(exit_code)  # it ends its processes while the interpreter is taken down
    # All files are closed. To take the interpreter down is a tenth of the time of a check, and threads of libraries may
    # abort meanwhile, after a Ctrl-C: the exit code would be theirs.
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    os._exit(exit_code)
