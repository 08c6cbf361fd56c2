"""Parse, call, show: the only place that prints or exits.

`glasswright VERB` runs the function or the typer app named in `glasswright.cli.VERB`; `app.py` lists the verbs.
Nothing heavy is imported before the verb itself needs it, so that `glasswright --help` answers at once.
"""

import os
import signal
import sys
from typing import NoReturn


def main() -> NoReturn:
    """The console command."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # before and after `run` there is nothing to unwind or to explain
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
