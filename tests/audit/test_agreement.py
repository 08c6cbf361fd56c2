"""The figures that the audit must reach on the inputs with human labels, where they are at hand."""

import json
from importlib.resources import files
from pathlib import Path

import pytest
from benchmarks.audit_agreement import comparison, gold
from benchmarks.audit_agreement.measure import Cell, coverage, macro_f1, weighted_kappa
from benchmarks.audit_agreement.split import halves

from glasswright.audit import Report
from glasswright.audit.mof import judge_licenses


@pytest.fixture(scope="module")
def reports(shared_data: Path) -> dict[str, Report]:  # noqa: ARG001
    if not gold.INPUTS.is_dir():
        pytest.skip("did not run: no inputs beside the repository")
    return comparison.audit_inputs()[0]


def test_every_synthetic_record_reaches_its_class(shared_data: Path):  # noqa: ARG001
    records = gold.synthetic_records()
    assert len(records) == 27
    assert [r.name for r, wanted in records if judge_licenses(r.licenses, r.release).mof_class != wanted] == []


@pytest.mark.slow
def test_nothing_is_called_open_that_a_label_calls_closed(reports: dict[str, Report]):
    assert comparison.false_open(reports, comparison.judgements())[0] == []


@pytest.mark.slow
def test_the_index_agrees_and_covers_on_the_half_that_was_not_tuned_on(reports: dict[str, Report]):
    figures = {}
    for name, half in zip(("tuning", "held out"), halves(reports), strict=True):
        cells = [c for c in comparison.index_cells(reports) if c.model in half]
        figures[name] = [c for c in cells if c.dimension not in comparison.NOT_SCORED]
    assert macro_f1(figures["held out"]) >= 0.75
    assert coverage(figures["held out"]) >= 0.6
    assert abs(macro_f1(figures["tuning"]) - macro_f1(figures["held out"])) <= 0.1


def test_the_figures_that_ship_say_what_nobody_had_read():
    shipped = json.loads((files("glasswright.audit") / "agreement.json").read_text("utf-8"))
    assert set(shipped) == {"first_sight", "held_out", "fresh", "tuning"}
    kept = json.loads((gold.ROOT / "docs/audits/first_sight.json").read_text("utf-8"))["after"]
    assert shipped["first_sight"] == {name: kept[name] for name in ("held_out", "fresh")}


@pytest.mark.slow
def test_osi_and_the_audit_never_contradict_each_other(reports: dict[str, Report]):
    answers = {"pass": "proved", "fail": "refuted"}
    assert [m for m, theirs, ours in comparison.osi_cells(reports) if ours not in (answers[theirs], "unknown")] == []


@pytest.mark.slow
def test_licenses_are_right_as_adjudicated(reports: dict[str, Report]):
    judged = comparison.judgements()
    answered = [c for c in comparison.license_cells(reports) if c.ours is not None]
    wrong = [c for c in answered if not c.agrees and ("license", c.model, f"{c.kind}.{c.source}") not in judged]
    assert len(wrong) <= 0.05 * len(answered)


def test_macro_f1_and_kappa_of_known_cells():
    cells = [
        Cell("m", "d", label, ours)
        for label, ours in (("open", "open"), ("open", "closed"), ("closed", "closed"), ("closed", "unknown"))
    ]
    assert macro_f1(cells) == pytest.approx((2 / 3 + 2 / 3) / 2)
    assert weighted_kappa(cells) == pytest.approx(1 - (2 / 3) / (10 / 9))
    assert coverage(cells) == 0.75
