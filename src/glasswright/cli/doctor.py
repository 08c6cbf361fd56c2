"""`glasswright doctor`: whether this machine will do."""

from pathlib import Path

from glasswright.cli.options import Json
from glasswright.cli.show import show_verdict


def doctor(as_json: Json = False) -> int:
    """Check that this machine computes the bits it should, and has what building takes."""
    from glasswright.host import doctor as examine

    return show_verdict(examine(Path.cwd()), as_json=as_json)
