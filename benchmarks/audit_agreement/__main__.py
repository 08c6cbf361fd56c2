"""Print every figure of the audit's agreement with people, baselines beside it.

Run:  python -m benchmarks.audit_agreement
"""

import sys
import tempfile
import time
from pathlib import Path

from benchmarks.audit_agreement.comparison import (
    NOT_SCORED,
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


def main() -> int:
    """Print the figures."""
    if not INPUTS.is_dir():
        print(f"did not run: {INPUTS} is absent; set GLASSWRIGHT_SHARED")
        return 3
    reports, seconds = audit_inputs()
    judged = judgements()
    _false_open(reports, judged)
    _mof()
    _index(reports, judged)
    _osi(reports)
    _licenses(reports, judged)
    print(
        f"\ntime   all {len(reports)} inputs {sum(seconds.values()):.1f} s, the slowest {max(seconds, key=lambda m: seconds[m])} {max(seconds.values()):.1f} s"
    )
    print(
        f"time   one subject of {NUM_FILES} files {_time_of_large_subject():.2f} s                          bar: under 5 s"
    )
    return 0


def _false_open(reports: dict[str, Report], judged: dict) -> None:  # type: ignore[type-arg]
    found, looked_at = false_open(reports, judged)
    print(f"false-open   {len(found)} of {looked_at} labels looked at                                     bar: 0")
    for line in found:
        print(f"    {line}")


def _mof() -> None:
    records = synthetic_records()
    right = sum(judge_licenses(record.licenses, record.release).mof_class == wanted for record, wanted in records)
    print(f"MOF class from synthetic records   {right} of {len(records)} right                    bar: all")


def _index(reports: dict[str, Report], judged: dict) -> None:  # type: ignore[type-arg]
    cells = [c for c in index_cells(reports) if c.dimension not in NOT_SCORED]
    right = adjudicated(cells, judged)
    weights_open = {model: report.facts.proved("license_open.weights") for model, report in reports.items()}
    print("\nEuropean Index, exact matches        coverage   macro-F1   adjudicated   kappa   majority   license only")
    for dimension in (d for d in DIMENSIONS if d not in NOT_SCORED):
        one = [c for c in cells if c.dimension == dimension]
        one_right = [c for c in right if c.dimension == dimension]
        _row(dimension, one, one_right, weights_open)
    means = [_mean(part, lambda rows: macro_f1(rows)) for part in (cells, right)]
    base = (
        _mean(cells, lambda rows: macro_f1(majority(rows))),
        _mean(cells, lambda rows: macro_f1(license_only(rows, weights_open))),
    )
    kappa = _mean(cells, weighted_kappa)
    print(
        f"    {'mean of dimensions':32} {coverage(cells):7.0%} {means[0]:10.2f} {means[1]:13.2f} {kappa:7.2f} {base[0]:10.2f} {base[1]:14.2f}"
    )
    print(
        f"    all cells pooled: macro-F1 {macro_f1(cells):.2f}, kappa {weighted_kappa(cells):.2f}; adjudicated {macro_f1(right):.2f}, {weighted_kappa(right):.2f}"
    )
    print("    bar: macro-F1 at least 0.85, coverage at least 70%")


def _row(name: str, cells: list[Cell], right: list[Cell], weights_open: dict[str, bool]) -> None:
    print(f"    {name:32} {coverage(cells):7.0%} {macro_f1(cells):10.2f} {macro_f1(right):13.2f} {weighted_kappa(cells):7.2f} "
          f"{macro_f1(majority(cells)):10.2f} {macro_f1(license_only(cells, weights_open)):14.2f}")  # fmt: skip


def _mean(cells: list[Cell], measure) -> float:  # type: ignore[no-untyped-def]
    by_dimension = [[c for c in cells if c.dimension == d] for d in DIMENSIONS if d not in NOT_SCORED]
    return sum(measure(rows) for rows in by_dimension) / len(by_dimension)


def _osi(reports: dict[str, Report]) -> None:
    print("\nOSI's verdicts                                               bar: all agree, or explained by evidence")
    for model, theirs, ours in osi_cells(reports):
        agrees = {"proved": "pass", "refuted": "fail"}.get(ours) == theirs
        why = (
            ""
            if agrees
            else "; ".join(
                reason
                for r in reports[model].osaid.requirements.values()
                if r.status == "unknown"
                for reason in r.reasons
            )
        )
        print(f"    {model:12} OSI {theirs:5} ours {ours:8} {'agrees' if agrees else f'not in the evidence: {why}'}")


def _licenses(reports: dict[str, Report], judged: dict) -> None:  # type: ignore[type-arg]
    cells = license_cells(reports)
    answered = [c for c in cells if c.ours is not None]
    raw = sum(c.agrees for c in answered)
    right = sum(
        c.agrees or getattr(judged.get(("license", c.model, f"{c.kind}.{c.source}")), "wrong", "") == "label"
        for c in answered
    )
    print(f"\nlicenses of weights, code, data   {len(cells)} labels, {len(answered)} answered; right {raw} ({raw / len(answered):.0%}), "
          f"adjudicated {right} ({right / len(answered):.0%})     bar: at least 95%")  # fmt: skip
    for cell in answered:
        if not cell.agrees:
            verdict = judged.get(("license", cell.model, f"{cell.kind}.{cell.source}"))
            print(
                f"    {cell.model} {cell.kind} ({cell.source}): label {cell.label}, ours {cell.ours}; {verdict.wrong + ' wrong' if verdict else 'NOT JUDGED'}"
            )


def _time_of_large_subject() -> float:
    """A folder of 5,000 files, every tenth of them a text."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "org__large"
        for i in range(NUM_FILES):
            path = root / f"part{i % 50}" / f"module{i}.{'md' if i % 10 == 0 else 'py'}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(
                "# Notes\n\nThe model was trained on data of several kinds.\n" * 20 if i % 10 == 0 else "x = 1\n"
            )
        (root / "README.md").write_text((INPUTS / "pythia/EleutherAI__pythia/README.md").read_text())
        started = time.perf_counter()
        audit_subject(load_folder(Path(name)))
        return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
