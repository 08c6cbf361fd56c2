"""Under which license each kind of work is: code, weights, data and documents apart.

Order of trust, for each kind:  what a document states for it  >  a card's head  >  a license file for it  >  a license
file for the repository. Statements that point to a file take the license from that file's text. Two sources that name
different licenses for the same thing contradict each other: unknown, with both places. A license text that closes
something is cited clause by clause.

    license.weights        which license          (value, license)
    license_open.weights   whether it is open     proved | refuted | unknown
    clause.weights.<id>    a closing clause       proved, with section and lines
"""

import re
from dataclasses import replace

from glasswright.audit.license_conflicts import both, conflict_fact, contradiction, places, told_otherwise
from glasswright.audit.license_files import LicenseReading, Scope, read_license_file
from glasswright.audit.license_places import stated_in_places
from glasswright.audit.license_resolving import resolved
from glasswright.audit.license_statements import statements
from glasswright.audit.license_terms import terms_beside
from glasswright.audit.record import Evidence, Fact
from glasswright.audit.subject import ASIDE, Document, Snapshot, Subject
from glasswright.audit.voices import SIDE_FOLDER, names, prose, root_voices, voices
from glasswright.licenses import Clause, find_clauses, is_open

SCOPES: tuple[Scope, ...] = ("code", "weights", "data", "document")
LICENSE_FILE = re.compile(r"(?i)licen[sc]e|^copying|^unlicense")
LEGAL_FOLDER = re.compile(r"(?i)docs?|legal")
STATED_TERMS_HEADING = re.compile(r"(?i)licen[sc]e|terms|协议|许可")


def license_facts(subject: Subject) -> list[Fact]:
    """The license of each kind of work."""
    readings = [reading for snapshot in subject.snapshots for reading in _snapshot_readings(subject, snapshot)]
    return [fact for scope in SCOPES for fact in _scope_facts(scope, readings)]


def _snapshot_readings(subject: Subject, snapshot: Snapshot) -> list[LicenseReading]:
    """Every license of a snapshot, stated ones first."""
    files = {
        d.path: r
        for d in _license_files(subject, snapshot)
        if (r := read_license_file(d, frozenset({"code"}) if _of_builder(d) else _default_scopes(snapshot))) is not None
    }
    speaking = [d for d in voices(subject) if d.snapshot == snapshot.name]
    found = statements(snapshot, speaking, names(subject), _default_scopes(snapshot))
    stated = [r for statement in found if (r := resolved(statement, files)) is not None]
    cards = [d for d in root_voices(subject) if d.snapshot == snapshot.name]
    read = frozenset(
        (e.file, line)
        for r in stated
        if r.state != "open"
        for e in r.evidence[:1]
        if e.lines
        for line in range(e.lines[0], e.lines[1] + 1)
    )
    terms = [*_stated_terms(cards), *terms_beside(subject, snapshot, frozenset(files), read)]
    readings = [*stated, *terms, *files.values()]
    return [*readings, *_from_places(subject, snapshot, readings)]


def _from_places(subject: Subject, snapshot: Snapshot, others: list[LicenseReading]) -> list[LicenseReading]:
    """What manifests, headers, badges and metadata state: outvoted where something nearer speaks, if no right is taken."""
    spoken_of = {scope for reading in others for scope in reading.scopes}
    cards = [d for d in root_voices(subject) if d.snapshot == snapshot.name]
    found = [
        r
        for statement in stated_in_places(snapshot, cards, _default_scopes(snapshot))
        if (r := resolved(statement, {})) is not None
    ]
    own = [r for r in found if r.state == "restricted" or r.is_of_its_own]
    rest = [r for r in found if r not in own]
    return [
        *own,
        *(replace(r, scopes=r.scopes - spoken_of) for r in rest if r.scopes - spoken_of),
        *(replace(r, scopes=r.scopes & spoken_of, is_outvoted=True) for r in rest if r.scopes & spoken_of),
    ]


def _default_scopes(snapshot: Snapshot) -> frozenset[Scope]:
    by_kind: dict[str, frozenset[Scope]] = {
        "code": frozenset({"code", "document"}),
        "model": frozenset({"weights", "code", "document"}),
        "dataset": frozenset({"data", "document"}),
        "release": frozenset(),
    }
    return by_kind[snapshot.kind]


def _license_files(subject: Subject, snapshot: Snapshot) -> list[Document]:
    """License files at the root, or beside a card or a readme that speaks; not those kept of other people's work."""
    folders = {d.path.rpartition("/")[0] for d in voices(subject) if d.snapshot == snapshot.name}
    return [
        d
        for d in snapshot.documents
        if LICENSE_FILE.search(d.name)
        and not d.name.lower().endswith((".json", ".yaml"))
        and not ASIDE.search(d.path)
        and (
            d.depth == 0
            or _of_builder(d)
            or LEGAL_FOLDER.fullmatch(d.path.rpartition("/")[0])
            or (d.path.rpartition("/")[0] in folders and not SIDE_FOLDER.search(d.path))
        )
    ]


def _of_builder(document: Document) -> bool:
    """The license at the top of a release's source archive."""
    return re.fullmatch(r"code/[^/]+\.tar/[^/]+/LICENSE[^/]*", document.path) is not None


def _stated_terms(documents: list[Document]) -> list[LicenseReading]:
    """Closing terms in the words of a readme's license section: "if you have fewer than a million users, apply for"."""
    found = []
    for document in documents:
        for passage in prose([document]):
            if not STATED_TERMS_HEADING.search(passage.heading) or not re.search(
                r"(?i)\bmodels?\b|weights|you\b", passage.text
            ):
                continue
            clauses = [c for c in find_clauses("\n".join(passage.lines)) if c.id in ("user_threshold", "revenue_threshold", "non_commercial",
                       "separate_commercial_license", "no_redistribution")]  # fmt: skip
            if clauses:
                shifted = tuple(
                    replace(c, lines=(c.lines[0] + passage.first - 1, c.lines[1] + passage.first - 1), section="")
                    for c in clauses
                )
                found.append(LicenseReading("LicenseRef-terms-in-readme", "restricted", (passage.evidence(None, "license.terms_in_readme"),), shifted,
                                            document.where, frozenset({"weights"}), None, "terms stated in the readme"))  # fmt: skip
    return found


def _scope_facts(scope: Scope, readings: list[LicenseReading]) -> list[Fact]:
    outvoted = [r for r in readings if scope in r.scopes and r.is_outvoted]
    speaking = [r for r in readings if scope in r.scopes and not r.is_outvoted]
    if any(r.state == "restricted" for r in speaking):
        speaking = [r for r in speaking if not r.is_in_words]  # which say again what the license says
    if not speaking:
        return [
            Fact(
                id=f"license.{scope}",
                status="unknown",
                gap="unlicensed",
                note="no license is stated for it in the evidence",
            ),
            Fact(
                id=f"license_open.{scope}",
                status="unknown",
                gap="unlicensed",
                note="no license is stated for it in the evidence",
            ),
        ]
    stated = [r for r in speaking if not r.is_file] or speaking
    if scope == "code":  # a model license speaks of code as well; where code has a license of its own, that one counts
        own = [r for r in speaking if r.state != "unknown" and not (r.state == "restricted" and "weights" in r.scopes)]
        chosen = own or [r for r in speaking if r.state == "restricted"] or speaking
        speaking = [r for r in speaking if r in chosen or r.is_doubtful]
    else:
        chosen = _without_custom(stated, speaking)
    clash = contradiction(speaking)
    weighed = [*chosen, *(r for r in speaking if r.state == "restricted" or r.is_doubtful)]
    return [
        _which(scope, weighed if any(r.is_doubtful for r in speaking) else chosen, clash),
        _whether_open(scope, weighed, clash),
        *conflict_fact(scope, clash or told_otherwise(speaking, outvoted)),
        *_clauses(scope, speaking),
    ]


def _without_custom(stated: list[LicenseReading], speaking: list[LicenseReading]) -> list[LicenseReading]:
    """ "A custom license" says less than the license itself, where that is at hand."""
    telling = [r for r in stated if not r.name.startswith("LicenseRef-custom")]
    return telling or [r for r in speaking if r.is_file and r.state == "restricted"] or stated


def _which(scope: Scope, readings: list[LicenseReading], clash: list[LicenseReading]) -> Fact:
    """The license by name; two different names for one thing, in one repository, contradict each other."""
    known = [r for r in readings if r.name not in ("LicenseRef-terms-in-readme", "LicenseRef-elsewhere")]
    if not known:
        first = readings[0]
        return Fact(
            id=f"license.{scope}",
            status="unknown",
            gap=first.gap or "unchecked",
            note=first.note,
            evidence=first.evidence,
        )
    names = list(dict.fromkeys(r.name for r in known))
    evidence = tuple(dict.fromkeys(e for r in known for e in r.evidence))[:5]
    if clash:
        return Fact(
            id=f"license.{scope}",
            status="unknown",
            gap="unchecked",
            evidence=places(clash),
            value=both(clash),
            note="two documents of one repository name different licenses for it",
        )
    if doubtful := next((r for r in known if r.is_doubtful), None):
        known = [doubtful]
    certain = [r for r in known if r.state != "unknown" and not r.name.startswith("LicenseRef-custom-commercial")]
    if not certain:
        first = known[0]
        return Fact(
            id=f"license.{scope}",
            status="unknown",
            gap=first.gap or "unchecked",
            note=first.note,
            evidence=evidence,
            value=first.name,
        )
    value = " AND ".join(names)
    return Fact(
        id=f"license.{scope}",
        status="proved",
        value=value,
        license=value,
        evidence=evidence,
        note=known[0].note,
    )


def _whether_open(scope: Scope, readings: list[LicenseReading], clash: list[LicenseReading]) -> Fact:
    fact_id = f"license_open.{scope}"
    restricted = [r for r in readings if r.state == "restricted"]
    unknown = [r for r in readings if r.state == "unknown"]
    if restricted and not (clash and all(r.is_from_place for r in restricted)):
        evidence = tuple(dict.fromkeys(e for r in restricted for e in r.evidence))[:4]
        return Fact(
            id=fact_id,
            status="refuted",
            value=restricted[0].name,
            evidence=evidence,
            note=restricted[0].note,
        )
    if unknown:
        return Fact(
            id=fact_id,
            status="unknown",
            gap=unknown[0].gap or "unchecked",
            note=unknown[0].note,
            evidence=unknown[0].evidence,
        )
    if clash:
        return Fact(
            id=fact_id,
            status="unknown",
            gap="unchecked",
            note=f"contradictory: {both(clash)}",
            evidence=places(clash),
        )
    fits = [r for r in readings if is_open(r.name, "data" if scope == "data" else "code")]
    if len(fits) == len(readings):
        return Fact(id=fact_id, status="proved", value=fits[0].name, evidence=fits[0].evidence[:3])
    return Fact(id=fact_id, status="unknown", gap="unchecked", note="a license that is on no list of open licenses")


def _clauses(scope: Scope, readings: list[LicenseReading]) -> list[Fact]:
    """Each closing clause once, with every place where it stands."""
    places: dict[str, list[Evidence]] = {}
    rules: dict[str, Clause] = {}
    for reading in readings:
        for clause in reading.clauses:
            section = f"s. {clause.section}: " if clause.section else ""
            known = not clause.quote
            evidence = Evidence(
                file=reading.clause_file,
                lines=reading.evidence[0].lines if known else clause.lines,
                quote=reading.evidence[0].quote if known else f"{section}{clause.quote}",
                rule=f"license.clause.{clause.id}",
            )
            rules[clause.id] = clause
            if all((e.file, e.lines) != (evidence.file, evidence.lines) for e in places.setdefault(clause.id, [])):
                places[clause.id].append(evidence)
    return [
        Fact(id=f"clause.{scope}.{clause_id}", status="proved", value=rules[clause_id].means, evidence=tuple(found[:3]), note="disqualifies under the AI Act" if rules[clause_id].disqualifies_eu else "tolerated under the AI Act")
        for clause_id, found in places.items()
    ]  # fmt: skip
