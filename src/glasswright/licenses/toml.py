"""TOML from a stranger: read if it can be read in a time that grows with its length.

Python's parser copies a dotted key for each of its parts, and walks the whole name of a table for each line in it.
"""

import re
import tomllib
from typing import Any

MAX_DOTS = 500  # of a key or the name of a table
KEY = re.compile(r"""^[ \t]*+((?:[^"'=\n]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')*+)""", re.MULTILINE)


def read_toml(text: str) -> dict[str, Any]:
    """The tables of a text.

    Raises:  ValueError if it is no TOML, or has names that are too long or too deep.
    """
    if any(match.group(1).count(".") > MAX_DOTS for match in KEY.finditer(text)):
        raise ValueError(f"a name of more than {MAX_DOTS} parts")
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("values in values without end") from error
