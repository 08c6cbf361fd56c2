"""Every label beside our answer, and our judgement where they differ.

Judgements are in `docs/audits/adjudications.yaml`: for each disagreement who is wrong, the label or the auditor, and
the evidence. A disagreement that nobody has judged counts against the auditor.
"""

import re
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.audit_agreement.gold import OPENNESS, ROOT, index, index_records, mot_of, osi_verdicts
from benchmarks.audit_agreement.measure import Cell
from ruamel.yaml import YAML

from glasswright.audit.osai_index import DIMENSIONS
from glasswright.audit.report import Report, audit_subject
from glasswright.audit.subject import load_folder
from glasswright.licenses import is_open, normalize_expression

ADJUDICATIONS = ROOT / "docs/audits/adjudications.yaml"
OUTSIDE = ROOT / "docs/audits/outside.yaml"
NOT_SCORED = ("preprint", "paper")


@dataclass(frozen=True, slots=True)
class Judgement:
    """Who is wrong in a disagreement, and why."""

    wrong: str  # label | auditor
    right: str | None
    reason: str
    evidence: str


@dataclass(frozen=True, slots=True)
class LicenseCell:
    """The license of one kind of work: label and answer."""

    model: str
    kind: str
    source: str
    label: str
    ours: str | None
    ours_open: str

    @property
    def agrees(self) -> bool:
        """Both name the same license."""
        return self.ours is not None and same_license(self.label, self.ours)


def judgements() -> dict[tuple[str, str, str], Judgement]:
    """Our judgement of each disagreement: (set, model, dimension) -> judgement."""
    data = YAML(typ="safe").load(ADJUDICATIONS.read_text()) if ADJUDICATIONS.exists() else []
    return {
        (e["set"], e["model"], e["dimension"]): Judgement(e["wrong"], e.get("right"), e["reason"], e["evidence"])
        for e in data or []
    }


def outside() -> dict[tuple[str, str], str]:
    """The labels that nothing in the evidence decides: (model, dimension) -> why."""
    return {(e["model"], e["dimension"]): e["reason"] for e in YAML(typ="safe").load(OUTSIDE.read_text())}


def audit_inputs(of: Path = OPENNESS) -> tuple[dict[str, Report], dict[str, float]]:
    """A report for every input, and the seconds it took."""
    reports, seconds = {}, {}
    for model in sorted(index(of)):
        started = time.perf_counter()
        reports[model] = audit_subject(load_folder(of / "inputs" / model))
        seconds[model] = time.perf_counter() - started
    return reports, seconds


def index_cells(
    reports: dict[str, Report], *, matches: tuple[str, ...] = ("exact",), of: Path = OPENNESS
) -> list[Cell]:
    """One cell for each input and dimension; of several records of one input the first, about the family, counts."""
    cells = []
    for model, entry in index(of).items():
        if model not in reports or entry["osai_match"] not in matches or not (records := index_records(model, of)):
            continue
        for dimension in DIMENSIONS:
            if dimension in records[0][1]:
                cells.append(Cell(model, dimension, records[0][1][dimension], reports[model].index[dimension].openness))
    return cells


def second_records(reports: dict[str, Report]) -> list[tuple[str, Cell]]:
    """Where an input has a second record, its cells: they may contradict the first."""
    return [
        (name, Cell(model, dimension, labels[dimension], reports[model].index[dimension].openness))
        for model, entry in index().items()
        if entry["osai_match"] == "exact"
        for name, labels in index_records(model)[1:]
        for dimension in DIMENSIONS
        if dimension in labels
    ]


def adjudicated(cells: list[Cell], judged: dict[tuple[str, str, str], Judgement]) -> list[Cell]:
    """The cells with the labels that we judge wrong set right."""
    result = []
    for cell in cells:
        verdict = judged.get(("osai", cell.model, cell.dimension))
        label = verdict.right if verdict and verdict.wrong == "label" and verdict.right else cell.label
        result.append(Cell(cell.model, cell.dimension, label, cell.ours))
    return result


def license_cells(reports: dict[str, Report]) -> list[LicenseCell]:
    """Every license that a label names for weights, code or data of an input that it matches."""
    cells = []
    for model, entry in index().items():
        labels: dict[tuple[str, str], set[str]] = {}
        if entry["mot_match"] == "exact":
            for record in mot_of(model):
                for kind, components in (
                    ("weights", ("final_parameters",)),
                    ("code", ("training_code", "inference_code")),
                    ("data", ("datasets",)),
                ):
                    for component in components:
                        if component in record.licenses:
                            own = (
                                record.licenses[component]
                                or record.release.get("code" if kind == "code" else "data")
                                or record.release.get("distribution")
                            )
                            if own and own.lower() != "unlicensed":
                                labels.setdefault((kind, "MOT"), set()).add(own)
        if entry["osai_match"] == "exact" and (name := _end_model_license(entry["gold_osai_index"][0])):
            labels.setdefault(("weights", "Index"), set()).add(name)
        for (kind, source), names in labels.items():
            facts = reports[model].facts
            for name in sorted(names, key=str.lower)[:1] if len({_words_of(n) for n in names}) == 1 else sorted(names):
                fact = facts[f"license.{kind}"]
                cells.append(
                    LicenseCell(
                        model,
                        kind,
                        source,
                        name,
                        fact.value if fact.status == "proved" else None,
                        facts[f"license_open.{kind}"].status,
                    )
                )
    return cells


def osi_cells(reports: dict[str, Report]) -> list[tuple[str, str, str]]:
    """OSI's verdict and ours: (model, theirs, ours)."""
    return [(model, verdict, reports[model].osaid.status) for model, verdict in osi_verdicts().items()]


def false_open(reports: dict[str, Report], judged: dict[tuple[str, str, str], Judgement]) -> tuple[list[str], int]:
    """Every place where we say open and an adjudicated label says it is not; and how many places were looked at."""
    found, looked_at = [], 0
    for model, verdict, ours in osi_cells(reports):
        looked_at += 1
        if ours == "proved" and verdict != "pass":
            found.append(f"{model}: OSAID proved, OSI says {verdict}")
    for cell in adjudicated(index_cells(reports), judged):
        looked_at += 1
        if cell.ours == "open" and cell.label != "open":
            found.append(f"{cell.model}: {cell.dimension} open, the label says {cell.label}")
    for license_cell in license_cells(reports):
        looked_at += 1
        verdict_of = judged.get(("license", license_cell.model, f"{license_cell.kind}.{license_cell.source}"))
        label = (
            verdict_of.right if verdict_of and verdict_of.wrong == "label" and verdict_of.right else license_cell.label
        )
        if license_cell.ours_open == "proved" and not is_open(label, "code") and not is_open(label, "data"):
            found.append(f"{license_cell.model}: {license_cell.kind} license open, the label says {label}")
    return found, looked_at


def same_license(label: str, ours: str) -> bool:
    """Whether two names mean one license: equal as SPDX, or every telling word of one is in the other."""
    first = normalize_expression(label)
    if first is not None:
        return first == normalize_expression(ours)
    a, b = _words_of(label), _words_of(ours)
    return bool(a and b) and (set(a) <= set(b) or set(b) <= set(a))


def _words_of(name: str) -> tuple[str, ...]:
    plain = re.sub(
        r"licenseref|license|licence|agreement|community|terms of use|meta\b|open model|\bmodel\b|and\b",
        " ",
        name.lower(),
    )
    return tuple(sorted(set(re.findall(r"[a-z0-9.]+", plain))))


def _end_model_license(record: str) -> str | None:
    data = YAML(typ="safe").load((OPENNESS / "gold/osai-index" / record).read_text())
    return data["system"].get("endmodellicense")
