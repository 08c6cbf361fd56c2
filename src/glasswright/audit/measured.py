"""How often this audit is right, measured on models that its rules were not written with.

`measured.json` is written by a command of the benchmarks; where it is not in the package, nothing was measured, and a
report says that.
"""

import json
from functools import cache
from importlib import resources
from typing import Any

NOT_MEASURED = "not measured"


@cache
def measured() -> dict[str, Any] | None:
    """The figures, by the set of models that they were measured on; None where there are none."""
    file = resources.files(__package__).joinpath("measured.json")
    figures: dict[str, Any] | None = json.loads(file.read_text()) if file.is_file() else None
    return figures


def error_rate() -> str:
    """The figure of the held-out models in one sentence."""
    figures = (measured() or {}).get("held_out")
    if not figures:
        return f"How often these answers are wrong on models that the rules were not written with: {NOT_MEASURED}."
    answered, agree = figures["answered"], figures["agree"]
    wrong = 100 * (answered - agree) / answered if answered else 0
    return (
        f"Measured on {len(figures['models'])} models that the rules were not written with, against the labels of the "
        f"European Index: {answered} of {figures['labels']} answered, {answered - agree} of them ({wrong:.0f}%) not as "
        f"labelled; macro-F1 {figures['macro_f1']:.2f}."
    )
