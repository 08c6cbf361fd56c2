"""How often the audit is right, by half: what every report prints of itself.

Run:  python -m benchmarks.audit_agreement.figures            writes src/glasswright/audit/agreement.json
      python -m benchmarks.audit_agreement.figures OUT.json   writes somewhere else

What nobody had read when it was measured is `first_sight`, from docs/audits/first_sight.json, which is written once:
`before` with the rules of before the halves, `after` with those that were written on the tuning half alone.

A record counts where it describes the model itself: all dimensions of an exact match; of a record about a model tuned
from this one, the dimensions of the base model. Labels are as published; `adjudicated` has those set right that
`docs/audits/adjudications.yaml` finds wrong by the evidence.
"""

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.audit_agreement.comparison import (
    NOT_SCORED,
    adjudicated,
    audit_inputs,
    index_cells,
    judgements,
    outside,
)
from benchmarks.audit_agreement.gold import FRESH, INPUTS, OPENNESS, ROOT
from benchmarks.audit_agreement.measure import Cell, coverage, macro_f1
from benchmarks.audit_agreement.split import halves

from glasswright.audit.osai_index import DIMENSIONS
from glasswright.audit.report import Report

FIRST_SIGHT = ROOT / "docs/audits/first_sight.json"
OUT = ROOT / "src/glasswright/audit/agreement.json"
SCORED = tuple(d for d in DIMENSIONS if d not in NOT_SCORED)


def main(out: Path) -> int:
    """Measure the three sets and write them."""
    if not INPUTS.is_dir() or not FRESH.is_dir():
        print(f"did not run: {INPUTS} or {FRESH} is absent; set GLASSWRIGHT_SHARED")
        return 3
    figures = measured()
    out.write_text(json.dumps(figures, indent=2) + "\n")
    print(json.dumps(figures, indent=2))
    return 0


def measured() -> dict[str, Any]:
    """The figures of each set."""
    reports, fresh = audit_inputs()[0], audit_inputs(FRESH)[0]
    tuning, held_out = halves(reports)
    sets = {
        "held_out": ({name: reports[name] for name in held_out}, OPENNESS),
        "fresh": (fresh, FRESH),
        "tuning": ({name: reports[name] for name in tuning}, OPENNESS),
    }
    first = json.loads(FIRST_SIGHT.read_text())["after"]
    return {
        "first_sight": {name: first[name] for name in ("held_out", "fresh")},
        **{name: _figures(of_set, of) for name, (of_set, of) in sets.items()},
    }


def _figures(reports: dict[str, Report], of: Path) -> dict[str, Any]:
    cells = [c for c in _own(reports, of) if c.dimension in SCORED]
    by_dimension = [[c for c in cells if c.dimension == d and c.judged] for d in SCORED]
    answered = [of_one for of_one in by_dimension if of_one]
    far = outside()
    inside = [c for c in cells if (c.model, c.dimension) not in far]
    return {
        "models": sorted(reports),
        "labels": len(cells),
        "answered": sum(c.judged for c in cells),
        "agree": sum(c.label == c.ours for c in cells),
        "coverage": round(coverage(cells), 3),
        "macro_f1": round(macro_f1(cells), 3),
        "macro_f1_mean_of_dimensions": round(sum(map(macro_f1, answered)) / max(1, len(answered)), 3),
        "macro_f1_adjudicated": round(macro_f1(adjudicated(cells, judgements())), 3),
        "labels_that_the_evidence_decides": len(inside),
        "coverage_of_these": round(coverage(inside), 3),
        "macro_f1_of_these": round(macro_f1(inside), 3),
        "macro_f1_of_these_adjudicated": round(macro_f1(adjudicated(inside, judgements())), 3),
        "open_where_the_label_is_not": _named(c for c in cells if c.ours == "open" != c.label),
        "closed_where_the_label_is_not": _named(c for c in cells if c.ours == "closed" != c.label),
        "osaid_refuted": sorted(m for m, r in reports.items() if r.osaid.status == "refuted"),
        "osaid_proved": sorted(m for m, r in reports.items() if r.osaid.status == "proved"),
        "openwashing_proved": sorted(m for m, r in reports.items() if r.label.openwashing == "proved"),
    }


def _own(reports: dict[str, Report], of: Path) -> list[Cell]:
    base = index_cells(reports, matches=("base_model_dims_only",), of=of)
    return index_cells(reports, of=of) + [c for c in base if c.dimension.endswith("basemodel")]


def _named(cells: Any) -> list[str]:
    return [f"{c.model} {c.dimension}: label {c.label}" for c in cells]


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else OUT))
