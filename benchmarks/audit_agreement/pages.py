"""Write `docs/audits/`: the audits as pages and as data, and the page that counts agreement and lists disagreements.

Run:  python -m benchmarks.audit_agreement.pages
"""

import datetime
import json
import sys
from collections import Counter
from typing import Any

from benchmarks.audit_agreement.audits import COMMAND, unquoted, write_audits, write_lines
from benchmarks.audit_agreement.comparison import (
    NOT_SCORED,
    Judgement,
    adjudicated,
    audit_inputs,
    index_cells,
    judgements,
    license_cells,
    osi_cells,
    outside,
    second_records,
)
from benchmarks.audit_agreement.figures import FIRST_SIGHT, measured
from benchmarks.audit_agreement.gold import INPUTS, MOT_COMPONENTS, ROOT, index, mot_of
from benchmarks.audit_agreement.measure import Cell, macro_f1, weighted_kappa

from glasswright.audit.osai_index import DIMENSIONS
from glasswright.audit.report import Report

OUT = ROOT / "docs/audits"
Judgements = dict[tuple[str, str, str], Judgement]


def main() -> int:
    """Write every page."""
    if not INPUTS.is_dir():
        print(f"did not run: {INPUTS} is absent; set GLASSWRIGHT_SHARED")
        return 3
    reports, _ = audit_inputs()
    judged = judgements()
    write_audits(reports, OUT, datetime.datetime.now(datetime.UTC).date())
    write_lines(OUT / "agreement.md", _agreement_page(reports, judged))
    print(f"{len(reports)} audits in {OUT.relative_to(ROOT)}")
    return 0


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _agreement_page(reports: dict[str, Report], judged: Judgements) -> list[str]:
    return [
        "# Agreement with the labels of people",
        "",
        f"Written by `{COMMAND}`; the figures are those of `python -m benchmarks.audit_agreement`. Labels are never",
        "edited: where a label and the audit differ, [adjudications.yaml](adjudications.yaml) says who is wrong and by",
        "what evidence, and both counts stand here.",
        "",
        *_halves(),
        *_outside(),
        *_dimensions("European Index, records that match exactly", ("exact",), reports, judged),
        *_contradictions(reports),
        *_dimensions(
            "European Index, records of another version or a tuned model",
            ("version_drift", "base_model_dims_only"),
            reports,
            judged,
        ),
        *_osi(reports),
        *_licenses(reports, judged),
        *_components(reports),
    ]


def _halves() -> list[str]:
    """How often the audit is right where rules were tuned, where they were not, and at first sight of new models."""
    first, now = json.loads(FIRST_SIGHT.read_text()), measured()
    rows = [
        ("tuning half", now["tuning"]),
        ("held-out half", now["held_out"]),
        ("held-out half, when nobody had read it", first["after"]["held_out"]),
        ("nine fresh models, at first sight", first["after"]["fresh"]),
        ("the same, once what they teach was learned", now["fresh"]),
        ("the same, at first sight of the rules of before the halves", first["before"]["fresh"]),
    ]
    return [
        "## On models that the rules were not tuned on",
        "",
        "The inputs are cut in two by the sha256 of their names; rules are tuned on one half. Ten dimensions of the",
        "European Index, all cells pooled; written by `python -m benchmarks.audit_agreement.figures`, which says which",
        "cells were open or closed where the label is not.",
        "",
        "| models | labels | answered | agree | coverage | macro-F1 | adjudicated |",
        "|---|---|---|---|---|---|---|",
        *(_half_row(name, of_set) for name, of_set in rows),
        "",
        "Labels often rest on pages that are not in the evidence, a hub's above all: there the audit says unknown, and",
        "where it answers from what the repository says, the label may say otherwise. On the fresh models the bar,",
        "macro-F1 0.75 at 60% coverage, is not reached; `first_sight.json` names each cell.",
        "",
    ]


def _outside() -> list[str]:
    """The labels that no evidence decides, and the figures without them."""
    fresh, far = measured()["fresh"], outside()
    return [
        "## Labels that no evidence in the folder decides",
        "",
        f"Of the {fresh['labels']} labels of the fresh models {len(far)} rest on pages outside the folder, or on there",
        "being none anywhere. There the right answer is unknown. They count in the figures above; of the other",
        f"{fresh['labels_that_the_evidence_decides']}, {fresh['coverage_of_these']:.0%} are answered, with macro-F1"
        f" {fresh['macro_f1_of_these']:.2f} ({fresh['macro_f1_of_these_adjudicated']:.2f} adjudicated).",
        "",
        "The list was made by those who wrote the rules, with the audit's answers before them, so the second figure",
        "flatters: read it with the reasons. One of these labels the audit answers nevertheless: dolly's weights, by",
        "the link to them.",
        "",
        "| model | dimension | why |",
        "|---|---|---|",
        *(f"| {model} | {dimension} | {reason} |" for (model, dimension), reason in far.items()),
        "",
    ]


def _half_row(name: str, of_set: dict[str, Any]) -> str:
    scores = (of_set["macro_f1"], of_set.get("macro_f1_adjudicated"))
    told = (f"{score:.2f}" if score is not None else "-" for score in scores)
    counts = (of_set["labels"], of_set["answered"], of_set["agree"], f"{of_set['coverage']:.0%}")
    return f"| {name} | {' | '.join(map(str, counts))} | {' | '.join(told)} |"


def _dimensions(title: str, matches: tuple[str, ...], reports: dict[str, Report], judged: Judgements) -> list[str]:
    cells = index_cells(reports, matches=matches)
    right = adjudicated(cells, judged)
    lines = [
        f"## {title}",
        "",
        "| dimension | labels | answered | agree | differ | macro-F1 | adjudicated | weighted kappa |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for dimension in DIMENSIONS:
        lines.append(_dimension_row(dimension, _of(dimension, cells), _of(dimension, right)))
    differ = [c for c in cells if c.judged and c.label != c.ours]
    wrong = Counter(_judgement(judged, c)[0] for c in differ)
    counts = ", ".join(f"{kind} {number}" for kind, number in sorted(wrong.items()))
    lines += ["", f"{len(differ)} disagreements: {counts or 'none'}.", ""]
    if differ:
        lines += ["| model | dimension | label | ours | our reason | judgement |", "|---|---|---|---|---|---|"]
    for cell in differ:
        said = ": ".join(part for part in _judgement(judged, cell) if part)
        reason = unquoted(reports[cell.model].index[cell.dimension].reason)
        name = f"[{cell.model}]({cell.model}.md)"
        lines.append(f"| {name} | {cell.dimension} | {cell.label} | {cell.ours} | {_cell(reason)} | {_cell(said)} |")
    return [*lines, ""]


def _dimension_row(dimension: str, cells: list[Cell], right: list[Cell]) -> str:
    answered = [c for c in cells if c.judged]
    agree = sum(c.label == c.ours for c in answered)
    scores = ("-", "-", "-")
    if answered and dimension not in NOT_SCORED:
        scores = (f"{macro_f1(cells):.2f}", f"{macro_f1(right):.2f}", f"{weighted_kappa(cells):.2f}")
    counts = (len(cells), len(answered), agree, len(answered) - agree)
    return f"| {dimension} | {' | '.join(map(str, counts))} | {' | '.join(scores)} |"


def _contradictions(reports: dict[str, Report]) -> list[str]:
    """A second record about the same evidence."""
    lines = [
        "An input with a second record is counted by the first, which is about the family. Where the second differs:",
        "",
    ]
    for name, cell in second_records(reports):
        first = next(c for c in index_cells(reports) if (c.model, c.dimension) == (cell.model, cell.dimension))
        if cell.label != first.label:
            lines.append(
                f"- {cell.model}, {cell.dimension}: first record {first.label}, {name} {cell.label}, ours {cell.ours}"
            )
    return [*lines, ""]


def _osi(reports: dict[str, Report]) -> list[str]:
    lines = [
        "## OSI's verdicts of the validation phase",
        "",
        "| model | OSI | ours | where they differ |",
        "|---|---|---|---|",
    ]
    for model, theirs, ours in osi_cells(reports):
        agrees = {"proved": "pass", "refuted": "fail"}.get(ours) == theirs
        unknown = [r for r in reports[model].osaid.requirements.values() if r.status == "unknown"]
        why = (
            ""
            if agrees
            else "not in the evidence: " + unquoted("; ".join(dict.fromkeys(t for r in unknown for t in r.reasons)))
        )
        lines.append(f"| [{model}]({model}.md) | {theirs} | {ours} | {_cell(why)} |")
    return [*lines, ""]


def _licenses(reports: dict[str, Report], judged: Judgements) -> list[str]:
    cells = license_cells(reports)
    answered = [c for c in cells if c.ours is not None]
    lines = [
        "## Licenses",
        "",
        f"{len(cells)} labels name a license for weights, code or data of an input that they match;",
        f"{len(answered)} are answered, {sum(c.agrees for c in answered)} of them as labelled.",
        "",
        "| model | what | label set | label | ours | judgement |",
        "|---|---|---|---|---|---|",
    ]
    for cell in cells:
        judgement = judged.get(("license", cell.model, f"{cell.kind}.{cell.source}"))
        said = "agrees" if cell.agrees else "unknown to us: not in the evidence" if cell.ours is None else "not judged"
        if judgement and not cell.agrees and cell.ours is not None:
            said = f"{judgement.wrong} wrong: {judgement.reason} (`{judgement.evidence}`)"
        ours = cell.ours or "unknown"
        lines.append(f"| {cell.model} | {cell.kind} | {cell.source} | {cell.label} | {ours} | {_cell(said)} |")
    return [*lines, ""]


def _components(reports: dict[str, Report]) -> list[str]:
    """Model Openness Tool records that match exactly: which components they list, and which we prove to be there."""
    lines = [
        "## Model Openness Tool: which components are there",
        "",
        "A record lists the components that are there; one it does not list counts as not there. Our facts are proved,",
        "refuted or unknown. Records that match exactly, the first of each input.",
        "",
        "| component | listed and proved | listed, unknown | listed, refuted | not listed, proved | not listed, else |",
        "|---|---|---|---|---|---|",
    ]
    fact_of = {"architecture": "architecture_code", "datasets": "datasets_base"}
    for component in MOT_COMPONENTS.values():
        counts: Counter[str] = Counter()
        for model, entry in index().items():
            records = mot_of(model) if entry["mot_match"] == "exact" else []
            if records:
                status = reports[model].facts[f"{fact_of.get(component, component)}.present"].status
                listed = component in records[0].licenses
                counts[status if listed else "extra" if status == "proved" else "neither"] += 1
        cells = (counts[key] for key in ("proved", "unknown", "refuted", "extra", "neither"))
        lines.append(f"| {component} | {' | '.join(map(str, cells))} |")
    return [*lines, ""]


def _judgement(judged: Judgements, cell: Cell) -> tuple[str, str]:
    """Who is wrong, and why; a record of another version or of a tuned model may differ and both be right."""
    if judgement := judged.get(("osai", cell.model, cell.dimension)):
        return f"{judgement.wrong} wrong", f"{judgement.reason} (`{judgement.evidence}`)"
    match = index()[cell.model]["osai_match"]
    if match == "version_drift":
        return "not comparable", "the record describes another version of the model"
    if match == "base_model_dims_only" and "basemodel" not in cell.dimension:
        return "not comparable", "the record describes a tuned model made from this one"
    return "auditor wrong", "not judged, so counted against the auditor"


def _of(dimension: str, cells: list[Cell]) -> list[Cell]:
    return [cell for cell in cells if cell.dimension == dimension]


if __name__ == "__main__":
    sys.exit(main())
