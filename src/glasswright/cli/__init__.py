"""Parse, call, show: the only place that prints or exits.

`glasswright VERB` runs the function or the typer app named in `glasswright.cli.VERB`; `app.py` lists the verbs.
Nothing heavy is imported before the verb itself needs it, so that `glasswright --help` answers at once.
"""

import os
import signal
import sys
from typing import NoReturn


def _stopped(signum: int, frame: object) -> NoReturn:  # noqa: ARG001
    """Ctrl-C before and after `run`: there is nothing to unwind."""
    os.write(2, b"\nglasswright: stopped\n")
    os._exit(130)


def main() -> NoReturn:
    """The console command."""
    signal.signal(signal.SIGINT, _stopped)
    from glasswright.cli import streams

    try:
        streams.prepare()
    except streams.NotShown as error:
        streams.talk(f"glasswright: {error}\nhint: {error.hint}\n")
        sys.exit(error.exit_code)
    from glasswright.cli.app import run

    exit_code = run(sys.argv[1:])
    streams.settle()
    if "daft" in sys.modules and "ray" not in sys.modules:
        # After a Ctrl-C its threads may abort while the interpreter is taken down, and the exit code would be theirs.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(exit_code)
    sys.exit(exit_code)
