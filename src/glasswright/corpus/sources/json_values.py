"""JSON that a stranger wrote, parsed within bounds on what it may take."""

import json
from typing import Any

from glasswright.corpus.decode import decode

MAX_VALUES = 2**22  # each takes up to a hundred bytes
BEFORE_A_VALUE = (b",", b"[", b"{")


class NotJson(Exception):
    """It is none, or holds something else than was looked for."""


class TooManyValues(Exception):
    """It may hold more than `MAX_VALUES`."""


def parsed(data: bytes) -> Any:
    """The value of a text in JSON.

    Raises:  NotJson, TooManyValues.
    """
    require_few_values(data)
    try:
        return json.loads(decode(data).text)
    except (ValueError, RecursionError) as error:
        raise NotJson(str(error)) from error


def require_few_values(data: bytes) -> None:
    """Raises:  TooManyValues, before anything is parsed."""
    if len(data) > MAX_VALUES and sum(map(data.count, BEFORE_A_VALUE)) > MAX_VALUES:
        raise TooManyValues
