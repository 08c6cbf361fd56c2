"""The report as rows that a person reads: one a claim, with the answer, the reason and the places.

Terminal, web page and comparison show the same rows, so that none of them says more than another.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from glasswright.audit.record import Evidence, Facts
from glasswright.audit.report import Report
from glasswright.foreign import shown

MAX_PLACES = 3
SECTION = re.compile(r"s\. ([^:]{1,30}): ")
DIMENSION_WORDS = {
    "datasources_basemodel": "base model: data sources",
    "datasources_endmodel": "end model: data sources",
    "weights_basemodel": "base model: weights",
    "weights_endmodel": "end model: weights",
    "trainingcode": "training code",
    "code": "code documentation",
    "hardware_architecture": "hardware and architecture",
    "modelcard": "model card",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One claim."""

    group: str
    claim: str
    answer: str
    reason: str
    places: tuple[Evidence, ...]
    fact_ids: tuple[str, ...] = ()


def report_rows(report: Report) -> list[Row]:
    """Every claim of a report, in the order in which it is shown, as it may be shown."""
    rows = [*_label(report), *_osaid(report), *_clauses(report), *_mof(report), *_index(report), *_eu(report)]
    return [
        replace(row, group=shown(row.group), claim=shown(row.claim), answer=shown(row.answer), reason=shown(row.reason))
        for row in rows
    ]


def place_text(evidence: Evidence) -> str:
    """file:line, or file:first-last, as it may be shown."""
    file = shown(evidence.file)
    if evidence.lines is None:
        return file
    first, last = evidence.lines
    return f"{file}:{first}" if first == last else f"{file}:{first}-{last}"


def _places(facts: Facts, ids: tuple[str, ...]) -> tuple[Evidence, ...]:
    """The first place of each fact, each place once."""
    places: dict[tuple[str, tuple[int, int] | None], Evidence] = {}
    for fact_id in ids:
        for evidence in facts[fact_id].evidence[:2]:
            places.setdefault((evidence.file, evidence.lines), evidence)
    return tuple(places.values())[:MAX_PLACES]


def _label(report: Report) -> Iterator[Row]:
    label = report.label
    group = "The word for it"
    yield Row(group, "what the evidence supports", label.ours, "", ())
    yield Row(
        group,
        "what the publisher calls it",
        label.publisher or "not found",
        "",
        label.publisher_evidence[:1],
        ("publisher.claim",),
    )
    yield Row(group, "open-washing", label.openwashing, label.reason, ())


def _osaid(report: Report) -> Iterator[Row]:
    group = f"Open Source AI Definition 1.0: {report.osaid.status}"
    for name, requirement in report.osaid.requirements.items():
        places = _places(report.facts, requirement.facts)
        yield Row(
            group,
            name.replace("_", " "),
            requirement.status,
            "; ".join(dict.fromkeys(requirement.reasons)),
            places,
            requirement.facts,
        )


def _clauses(report: Report) -> Iterator[Row]:
    for scope in ("weights", "code", "data", "document"):
        which, is_open = report.facts[f"license.{scope}"], report.facts[f"license_open.{scope}"]
        answer = which.value or f"unknown ({which.gap})"
        verdict = {"proved": "open", "refuted": "not open", "unknown": "openness unknown"}[is_open.status]
        yield Row(
            "Licenses, apart",
            scope,
            answer,
            f"{verdict}{'; ' + which.note if which.note else ''}",
            which.evidence[:2],
            (which.id, is_open.id),
        )
        for fact in (f for f in report.facts if f.id.startswith(f"clause.{scope}.")):
            claim = f"  clause: {fact.id.rsplit('.', 1)[-1].replace('_', ' ')}"
            sections = list(dict.fromkeys(m[1] for e in fact.evidence if (m := SECTION.match(e.quote))))
            reason = "; ".join(
                part
                for part in (fact.value or "", f"section {', '.join(sections)}" if sections else "", fact.note)
                if part
            )
            yield Row("Licenses, apart", claim, "proved", reason, fact.evidence[:MAX_PLACES], (fact.id,))


def _mof(report: Report) -> Iterator[Row]:
    group = f"Model Openness Framework: class {report.mof.mof_class}"
    names = {"architecture": "architecture_code", "datasets": "datasets_base"}
    for name, component in report.mof.components.items():
        fact_id = f"{names.get(name, name)}.present"
        reason = "; ".join(part for part in (component.license or "", component.reason, component.warning) if part)
        yield Row(
            group,
            name.replace("_", " "),
            component.status,
            reason,
            _places(report.facts, (fact_id,)),
            (fact_id, fact_id.replace(".present", ".license")),
        )


def _index(report: Report) -> Iterator[Row]:
    for name, dimension in report.index.items():
        places = _places(report.facts, dimension.facts)
        yield Row(
            "European Open Source AI Index",
            DIMENSION_WORDS.get(name, name),
            dimension.openness,
            dimension.reason,
            places,
            dimension.facts,
        )


def _eu(report: Report) -> Iterator[Row]:
    group = "EU AI Act"
    yield Row(
        group,
        "exempt under Art. 53(2)",
        report.eu.exemption_53_2,
        "; ".join(report.eu.reasons[:8]),
        _places(report.facts, report.eu.facts),
        report.eu.facts,
    )
    for name, status in report.eu.duties.items():
        article = "Art. 53(1)(c) copyright policy" if "copyright" in name else "Art. 53(1)(d) training summary"
        fact_id = "copyright_policy.present" if "copyright" in name else "training_summary.present"
        reason = "asked for in any case" if status == "proved" else "asked for in any case; not in the evidence"
        yield Row(group, article, status, reason, _places(report.facts, (fact_id,)), (fact_id,))
