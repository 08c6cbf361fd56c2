"""docs/verify.md has the steps of the code, in their order and with their claims."""

import re
import sys
from pathlib import Path

from glasswright.verify import check
from glasswright.verify.check import OF_DERIVED, OF_PRIVATE, STEPS

PAGE = Path(__file__).parents[2] / "docs" / "verify.md"

ALL = (*STEPS, *OF_DERIVED, *OF_PRIVATE)


def test_the_page_has_the_steps_of_the_code() -> None:
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \| ([^|]+) \|", PAGE.read_text(), re.MULTILINE)
    expected = [(str(number), step.name, step.claim) for number, step in enumerate(ALL, start=1)]
    assert rows == expected


def test_the_prose_in_the_code_has_the_steps_of_the_code() -> None:
    module = sys.modules[check.__module__]
    assert re.findall(r"^ *\d+  (\w+) ", module.__doc__, re.MULTILINE) == [step.name for step in ALL]
