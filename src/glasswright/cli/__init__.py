"""Parse, call, show: the only place that prints or exits.

`glasswright VERB` runs the function or the typer app named in `glasswright.cli.VERB`; `app.py` lists the verbs.
Nothing heavy is imported before the verb itself needs it, so that `glasswright --help` answers at once.
"""

import sys
from typing import NoReturn


def main() -> NoReturn:
    """The console command."""
    from glasswright.cli.app import run

    sys.exit(run(sys.argv[1:]))
