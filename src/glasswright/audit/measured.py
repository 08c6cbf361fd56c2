"""How often this audit is right about models that nobody had read when its rules were written.

`agreement.json` is written by a command of the benchmarks; where it is not in the package, nothing was measured, and a
report says that.
"""

import json
from functools import cache
from importlib import resources
from typing import Any

SETS = {
    "held_out": "inputs that were held out when the rules were written",
    "fresh": "models of other kinds at first sight",
}


@cache
def measured() -> dict[str, dict[str, Any]] | None:
    """The figures of first sight, by the set of models that they were measured on; None where there are none."""
    file = resources.files(__package__).joinpath("agreement.json")
    if not file.is_file():
        return None
    figures = json.loads(file.read_text(encoding="utf-8"))["first_sight"]
    return {name: _kept(figures[name]) for name in SETS if name in figures}


def _kept(figures: dict[str, Any]) -> dict[str, Any]:
    counts = {name: figures[name] for name in ("labels", "answered", "agree", "macro_f1")}
    return {"models": len(figures["models"]), **counts}


def error_rate() -> str:
    """How often the auditor was wrong, in a sentence for each set."""
    figures = measured()
    if not figures:
        return "How often these answers are wrong about models that nobody had read was not measured."
    return " ".join(f"On {of['models']} {SETS[name]}: {_wrong(of)}." for name, of in figures.items())


def _wrong(of: dict[str, Any]) -> str:
    wrong = of["answered"] - of["agree"]
    share = f" ({100 * wrong / of['answered']:.0f}%)" if of["answered"] else ""
    told = f"{of['answered']} of {of['labels']} labels of the European Index answered, {wrong}{share} not as labelled"
    return f"{told}, macro-F1 {of['macro_f1']:.2f}"
