"""`glasswright scan`: unsafe files in a model folder, found without loading any of them."""

from pathlib import Path
from typing import Annotated

import typer

from glasswright.cli.options import Json
from glasswright.cli.show import show_verdict

Target = Annotated[Path, typer.Argument(metavar="PATH", help="A model folder, or one of its files.")]


def scan(path: Target, as_json: Json = False) -> int:
    """Look for unsafe files in a model folder.

    Pickles, arrays, weights, graphs, configs, chat templates, notebooks and code, in archives and packed files too,
    each told by its bytes. PROVED only of what a rule has read. Nothing is loaded, nothing is unpacked to disk.
    """
    from glasswright.audit.scan.scanning import scan_path

    return show_verdict(scan_path(path), as_json=as_json)
