"""Which inputs the rules may be tuned on, and which only measure them: two halves that nobody chose.

    sort the names of the models' folders by sha256; the first half is for tuning, the second is held out

The halves were fixed on 2026-11-27. Rules before that day were written with all of the inputs in view.
"""

import hashlib
from collections.abc import Iterable


def halves(models: Iterable[str]) -> tuple[list[str], list[str]]:
    """The tuning half and the held-out half."""
    ordered = sorted(models, key=lambda name: hashlib.sha256(name.encode()).digest())
    middle = (len(ordered) + 1) // 2
    return ordered[:middle], ordered[middle:]
