"""Print every figure of the audit's agreement with people, baselines beside it.

Run:  python -m benchmarks.audit_agreement
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.audit_agreement.comparison import (
    NOT_SCORED,
    Judgement,
    adjudicated,
    audit_inputs,
    false_open,
    index_cells,
    judgements,
    license_cells,
    osi_cells,
)
from benchmarks.audit_agreement.gold import INPUTS, synthetic_records
from benchmarks.audit_agreement.measure import Cell, coverage, license_only, macro_f1, majority, weighted_kappa

from glasswright.audit.mof import judge_licenses
from glasswright.audit.osai_index import DIMENSIONS
from glasswright.audit.report import Report, audit_subject
from glasswright.audit.subject import load_folder

NUM_FILES = 5_000
Judgements = dict[tuple[str, str, str], Judgement]
Measure = Callable[[list[Cell]], float]


def main() -> int:
    """Print the figures."""
    if not INPUTS.is_dir():
        print(f"did not run: {INPUTS} is absent; set GLASSWRIGHT_SHARED")
        return 3
    reports, seconds = audit_inputs()
    judged = judgements()
    _false_open(reports, judged)
    _mof()
    _index("European Index, exact matches", ("exact",), reports, judged)
    _index("European Index, records of other versions", ("version_drift", "base_model_dims_only"), reports, judged)
    _osi(reports)
    _licenses(reports, judged)
    slowest = max(seconds, key=lambda model: seconds[model])
    print(f"\ntime   {len(reports)} inputs {sum(seconds.values()):.1f} s, slowest {slowest} {seconds[slowest]:.1f} s")
    print(f"time   one subject of {NUM_FILES} files {_time_of_large_subject():.2f} s; bar: under 5 s")
    return 0


def _false_open(reports: dict[str, Report], judged: Judgements) -> None:
    found, looked_at = false_open(reports, judged)
    print(f"false-open   {len(found)} of {looked_at} labels looked at; bar: 0")
    for line in found:
        print(f"    {line}")


def _mof() -> None:
    records = synthetic_records()
    right = sum(judge_licenses(record.licenses, record.release).mof_class == wanted for record, wanted in records)
    print(f"MOF class from synthetic records   {right} of {len(records)} right; bar: all")


def _index(title: str, matches: tuple[str, ...], reports: dict[str, Report], judged: Judgements) -> None:
    cells = [c for c in index_cells(reports, matches=matches) if c.dimension not in NOT_SCORED]
    right = adjudicated(cells, judged)
    weights_open = {model: report.facts.proved("license_open.weights") for model, report in reports.items()}
    print(f"\n{title + f' ({len(cells)} labels)':54} coverage  macro-F1  adjudicated  kappa  majority  license only")
    measures: list[tuple[Measure, list[Cell]]] = [
        (coverage, cells),
        (macro_f1, cells),
        (macro_f1, right),
        (weighted_kappa, cells),
        (lambda rows: macro_f1(majority(rows)), cells),
        (lambda rows: macro_f1(license_only(rows, weights_open)), cells),
    ]
    table = {d: [measure(_of(d, rows)) for measure, rows in measures] for d in DIMENSIONS if d not in NOT_SCORED}
    table["mean of dimensions"] = [sum(column) / len(table) for column in zip(*table.values(), strict=True)]
    for name, (covered, f1, f1_right, kappa, base, tag) in table.items():
        print(f"    {name:50} {covered:7.0%} {f1:9.2f} {f1_right:12.2f} {kappa:6.2f} {base:9.2f} {tag:13.2f}")
    print(f"    all cells pooled: macro-F1 {macro_f1(cells):.2f}, kappa {weighted_kappa(cells):.2f}")
    if matches == ("exact",):
        print("    bar: macro-F1 at least 0.85 where we do not abstain, coverage at least 70%")


def _of(dimension: str, cells: list[Cell]) -> list[Cell]:
    return [cell for cell in cells if cell.dimension == dimension]


def _osi(reports: dict[str, Report]) -> None:
    print("\nOSI's verdicts; bar: all agree, or the difference is explained by evidence")
    for model, theirs, ours in osi_cells(reports):
        agrees = {"proved": "pass", "refuted": "fail"}.get(ours) == theirs
        print(f"    {model:12} OSI {theirs:5} ours {ours:8} {'agrees' if agrees else 'not in the evidence:'}")
        if not agrees:
            unknown = [r for r in reports[model].osaid.requirements.values() if r.status == "unknown"]
            for reason in dict.fromkeys(reason for requirement in unknown for reason in requirement.reasons):
                print(f"        {reason}")


def _licenses(reports: dict[str, Report], judged: Judgements) -> None:
    cells = license_cells(reports)
    answered = [c for c in cells if c.ours is not None]
    wrong = {c: judged.get(("license", c.model, f"{c.kind}.{c.source}")) for c in answered if not c.agrees}
    ours = sum(judgement is None or judgement.wrong != "label" for judgement in wrong.values())
    shares = [(len(answered) - number) / len(answered) for number in (len(wrong), ours)]
    print(f"\nlicenses of weights, code, data   {len(cells)} labels, {len(answered)} answered; bar: at least 95% right")
    print(f"    right as labelled {shares[0]:.0%}, adjudicated {shares[1]:.0%}")
    for cell, judgement in wrong.items():
        verdict = f"{judgement.wrong} wrong" if judgement else "not judged"
        print(f"    {cell.model} {cell.kind} ({cell.source}): label {cell.label}, ours {cell.ours}; {verdict}")


def _time_of_large_subject() -> float:
    """A folder of 5,000 files, every tenth of them a text."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "org__large"
        for i in range(NUM_FILES):
            is_text = i % 10 == 0
            path = root / f"part{i % 50}" / f"module{i}.{'md' if is_text else 'py'}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("# Notes\n\nThe model was trained on data.\n" * 20 if is_text else "x = 1\n")
        (root / "README.md").write_text((INPUTS / "pythia/EleutherAI__pythia/README.md").read_text())
        started = time.perf_counter()
        audit_subject(load_folder(Path(name)))
        return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
