"""The report as rows that a person reads: one a claim, with the answer, the reason and the places.

Terminal, web page and comparison show the same rows, so that none of them says more than another.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from glasswright.audit.mof import FACT_OF
from glasswright.audit.questions import Answered
from glasswright.audit.record import Evidence, Fact, Facts
from glasswright.audit.report import Report
from glasswright.foreign import shown

MAX_PLACES = 3
MAX_REASONS = 8
LICENSES = "Licenses and their clauses"
LINEAGE = "What it was made from"
PARENT = re.compile(r"lineage\.\d+")
OPENNESS = {"proved": "open", "refuted": "not open", "unknown": "unknown"}
SCOPE_WORDS = {"weights": "weights", "code": "code", "data": "data", "document": "documents"}
SCOPES = tuple(SCOPE_WORDS)
DUTIES = {
    "copyright_policy_53_1_c": ("Art. 53(1)(c) copyright policy", "copyright_policy.present"),
    "training_summary_53_1_d": ("Art. 53(1)(d) training summary", "training_summary.present"),
}
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

    id: str  # stable: "osaid.code", "clause.user_threshold"
    group: str
    claim: str
    answer: str
    reason: str
    places: tuple[Evidence, ...]
    fact_ids: tuple[str, ...] = ()

    @property
    def is_clause(self) -> bool:
        """Whether the claim is that a license holds a clause, which is nothing that is proved or refuted."""
        return self.id.startswith("clause.")


def report_rows(report: Report) -> list[Row]:
    """Every claim of a report, in the order in which it is shown, as it may be shown."""
    parts = (_label, _licenses, _lineage, _osaid, _mof, _index, _eu)
    rows = [row for part in parts for row in part(report)]
    return [_shown(row) for row in rows]


def _shown(row: Row) -> Row:
    """As it may be shown, each place once."""
    return replace(
        row,
        group=shown(row.group),
        claim=shown(row.claim),
        answer=shown(row.answer),
        reason=shown(row.reason),
        places=tuple({(place.file, place.lines): place for place in row.places}.values()),
    )


def folded(rows: list[Row]) -> list[Row]:
    """The same, with claims of one group that are unknown for one reason, at no place, in one row."""
    kept: dict[tuple[str, ...], Row] = {}
    for row in rows:
        key = (row.group, row.answer, row.reason) if row.answer == "unknown" and not row.places else (row.id,)
        seen = kept.get(key)
        kept[key] = row if seen is None else _one_row(seen, row)
    return list(kept.values())


def _one_row(first: Row, second: Row) -> Row:
    return replace(
        first,
        claim=f"{first.claim}, {second.claim}",
        fact_ids=tuple(dict.fromkeys((*first.fact_ids, *second.fact_ids))),
    )


def quoted_once(questions: tuple[Answered, ...]) -> list[Answered]:
    """The same answers, in which words that stood above are named by their place only."""
    said: set[str] = set()
    told = []
    for answered in questions:
        quotes = tuple(replace(q, words="" if q.words in said else q.words) for q in answered.quotes)
        said |= {quote.words for quote in quotes}
        told.append(replace(answered, quotes=quotes))
    return told


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


def places_text(places: tuple[Evidence, ...]) -> list[str]:
    """The places, those in one file together: file:3, 17-20."""
    lines: dict[str, list[str]] = {}
    for place in places:
        name, colon, line = place_text(place).rpartition(":") if place.lines else (place_text(place), "", "")
        lines.setdefault(name, []).append(line if colon else "")
    return [f"{name}:{', '.join(filter(None, of))}".rstrip(":") for name, of in lines.items()]


def _label(report: Report) -> Iterator[Row]:
    label, group = report.label, "The word for it"
    yield Row("label.ours", group, "what the evidence supports", label.ours, "", ())
    said = label.publisher or "not found"
    places, claim = label.publisher_evidence[:1], ("publisher.claim",)
    yield Row("label.publisher", group, "what the publisher calls it", said, "", places, claim)
    yield Row("label.openwashing", group, "open-washing", label.openwashing, label.reason, ())


def _licenses(report: Report) -> Iterator[Row]:
    """The license of each kind of work, those under one license together, and each clause once with what it binds."""
    yield from _joined(_license(report.facts, scope) for scope in SCOPES)
    for fact in (f for scope in SCOPES if (f := report.facts[f"license_conflict.{scope}"]).status == "proved"):
        claim = f"two licenses for the {SCOPE_WORDS[fact.id.rpartition('.')[2]]}"
        yield Row(fact.id, LICENSES, claim, "conflict", f"{fact.value}; {fact.note}", fact.evidence[:2], (fact.id,))
    clauses = [fact for fact in report.facts if fact.id.startswith("clause.")]
    yield from _joined(_clause(fact) for fact in sorted(clauses, key=lambda f: SCOPES.index(f.id.split(".")[1])))


def _license(facts: Facts, scope: str) -> Row:
    which, is_open = facts[f"license.{scope}"], facts[f"license_open.{scope}"]
    answer = OPENNESS[is_open.status]
    reason = "; ".join(dict.fromkeys(filter(None, (which.value, which.note or is_open.note))))
    ids = (which.id, is_open.id)
    return Row(f"license.{scope}", LICENSES, SCOPE_WORDS[scope], answer, reason, which.evidence[:2], ids)


def _clause(fact: Fact) -> Row:
    _, scope, kind = fact.id.split(".", 2)
    sections = list(dict.fromkeys(m[1] for e in fact.evidence if (m := SECTION.match(e.quote))))
    section = f"section {', '.join(sections)}" if sections else ""
    reason = "; ".join(filter(None, (f"{fact.value}", section, fact.note)))
    places = fact.evidence[:MAX_PLACES]
    return Row(f"clause.{kind}", LICENSES, kind.replace("_", " "), SCOPE_WORDS[scope], reason, places, (fact.id,))


def _joined(rows: Iterator[Row]) -> list[Row]:
    """Rows that say the same of several kinds of work, as one."""
    joined: dict[tuple[object, ...], Row] = {}
    for row in rows:
        where = tuple((place.file, place.lines) for place in row.places)
        key = (row.id, row.reason, where) if row.is_clause else (row.answer, row.reason)
        seen = joined.get(key)
        joined[key] = row if seen is None else _both(seen, row)
    return list(joined.values())


def _both(first: Row, second: Row) -> Row:
    places = {(place.file, place.lines): place for place in (*first.places, *second.places)}
    joined = replace(first, places=tuple(places.values())[:MAX_PLACES], fact_ids=(*first.fact_ids, *second.fact_ids))
    if first.is_clause:
        return replace(joined, answer=f"{first.answer}, {second.answer}")
    return replace(joined, claim=f"{first.claim}, {second.claim}")


def _lineage(report: Report) -> Iterator[Row]:
    """Each parent with its license, and what that asks of a model made from it; or that no parent is named."""
    made_from = sorted((f for f in report.facts if PARENT.fullmatch(f.id)), key=lambda f: int(f.id.split(".")[1]))
    for fact in made_from:
        is_open = report.facts[f"{fact.id}.license_open"]
        reason = "; ".join(filter(None, (is_open.value, is_open.note)))
        yield Row(fact.id, LINEAGE, f"{fact.value}", OPENNESS[is_open.status], reason, fact.evidence[:1], (fact.id,))
        told = report.facts[f"{fact.id}.told"]
        if told.status == "refuted":
            yield Row(told.id, LINEAGE, "named in a text", f"{told.value}", told.note, told.evidence[:1], (told.id,))
        explained = report.facts[f"{fact.id}.explained"]
        if explained.evidence:
            claim = "how its weights came about"
            reason = "; ".join(filter(None, (explained.value, explained.note)))
            yield Row(explained.id, LINEAGE, claim, explained.status, reason, explained.evidence[:1], (explained.id,))
        for duty in (f for f in report.facts if f.id.startswith(f"{fact.id}.duty.")):
            claim = f"duty: {_words(duty.id.rpartition('.')[2])}"
            yield Row(duty.id, LINEAGE, claim, f"{duty.value}", duty.note, duty.evidence[:1], (duty.id,))
    for fact_id, claim in (("lineage.conflict", "parents whose licenses conflict"), ("lineage.derived", "parents")):
        fact = report.facts[fact_id]
        if fact.status == ("proved" if fact_id == "lineage.conflict" else "unknown"):
            answer = "conflict" if fact.status == "proved" else "unknown"
            reason = "; ".join(filter(None, (fact.value, fact.note)))
            yield Row(fact_id, LINEAGE, claim, answer, reason, fact.evidence[:MAX_PLACES], (fact_id,))


def _osaid(report: Report) -> Iterator[Row]:
    group = f"Open Source AI Definition 1.0: {report.osaid.status}"
    for name, requirement in report.osaid.requirements.items():
        reason, places = "; ".join(dict.fromkeys(requirement.reasons)), _places(report.facts, requirement.facts)
        yield Row(f"osaid.{name}", group, _words(name), requirement.status, reason, places, requirement.facts)


def _mof(report: Report) -> Iterator[Row]:
    group = f"Model Openness Framework: class {report.mof.mof_class}"
    for name, component in report.mof.components.items():
        fact = FACT_OF.get(name, name)
        reason = "; ".join(filter(None, (component.license, component.reason, component.warning)))
        places, ids = _places(report.facts, (f"{fact}.present",)), (f"{fact}.present", f"{fact}.license")
        yield Row(f"mof.{name}", group, _words(name), component.status, reason, places, ids)


def _index(report: Report) -> Iterator[Row]:
    group = "European Open Source AI Index"
    for name, dimension in report.index.items():
        claim, places = DIMENSION_WORDS.get(name, name), _places(report.facts, dimension.facts)
        yield Row(f"index.{name}", group, claim, dimension.openness, dimension.reason, places, dimension.facts)


def _eu(report: Report) -> Iterator[Row]:
    eu, group = report.eu, "EU AI Act"
    places, reasons = _places(report.facts, eu.facts), "; ".join(eu.reasons[:MAX_REASONS])
    yield Row("eu.exemption_53_2", group, "exempt under Art. 53(2)", eu.exemption_53_2, reasons, places, eu.facts)
    for name, status in eu.duties.items():
        claim, fact = DUTIES[name]
        reason = "asked for in any case" + ("" if status == "proved" else "; not in the evidence")
        yield Row(f"eu.{name}", group, claim, status, reason, _places(report.facts, (fact,)), (fact,))


def _words(name: str) -> str:
    return name.replace("_", " ")
