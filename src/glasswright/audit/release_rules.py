"""A Glasswright release as a subject: its facts come from its files, never from its being ours.

    code/build.json           which files of the builder's source are which kind of code
    code/*.tar                that source, where they are looked for, and the license text beside it
    corpus/ledger.parquet     every document with its license and the decision on it
    corpus/documents/         the documents themselves, as many as the ledger keeps
    model/                    weights, card and the license that its head names
    checkpoints/              full states from during training
    transcript/               the loss of every step and the validation at every segment

A release without a license for its weights, without a data card or without a report does not reach what it lacks.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from glasswright.audit.listing_rules import MIN_CODE_BYTES, Role, roles
from glasswright.audit.record import Evidence, Fact, Status, shorten, unchecked, with_id
from glasswright.audit.release_archive import BUILD, member_texts, stated_components
from glasswright.audit.subject import Entry, Snapshot, Subject
from glasswright.foreign import NotRead, opened
from glasswright.licenses import normalize_expression
from glasswright.licenses.openness import openness

MAX_LINE_BYTES = 2**27
MAX_LICENSES = 10_000
IN_ARCHIVE = re.compile(r"code/[^/]+\.tar(?=/)")
DOCUMENTS = re.compile(r"corpus/documents/[^/]+\.jsonl")
DESCRIPTORS = Path("/proc/self/fd")  # of Linux
LEDGER = "corpus/ledger.parquet"
READER: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "1GB",
    "threads": 1,
    "autoload_known_extensions": False,
    "temp_directory": "",
}
COUNTED = f"""
    SELECT license::VARCHAR, decision::VARCHAR, count(*) FROM read_parquet(?, hive_partitioning = false)
    GROUP BY ALL ORDER BY ALL LIMIT {MAX_LICENSES + 1}
"""
# Components that a release states.
CODE = (
    "architecture_code",
    "training_code",
    "inference_code",
    "evaluation_code",
    "preprocessing_code",
    "tokenizer",
    "code_documentation",
)
PAPER_FILE = re.compile(r"(?i)(^|[-_/])(report|paper)\.md$")
PAPER_PARTS = ("abstract", "introduction", "method", "results", "limitations", "references")


def release_facts(subject: Subject) -> list[Fact]:
    """What the files of each release among the snapshots prove; empty if there is none."""
    return [fact for snapshot in subject.snapshots if snapshot.kind == "release" for fact in _sure(snapshot)]


def _sure(snapshot: Snapshot) -> Iterator[Fact]:
    """Its facts; that something is missing is none where not every file was listed."""
    for fact in _facts(snapshot):
        if fact.gap == "missing" and not snapshot.is_listed_whole:
            yield unchecked(fact.id, "not all files of the release could be listed")
        else:
            yield fact


def _facts(snapshot: Snapshot) -> list[Fact]:
    return [
        *_code(snapshot),
        *_weights(snapshot),
        *_data(snapshot),
        *_documents(snapshot),
        *_results(snapshot),
    ]


def _files(snapshot: Snapshot, pattern: str) -> list[Evidence]:
    found = [e for e in snapshot.entries if re.search(pattern, e.path)]
    return [_file(snapshot, entry) for entry in found[:4]]


def _file(snapshot: Snapshot, entry: Entry) -> Evidence:
    return Evidence(file=f"{snapshot.name}/{entry.path}", lines=None, quote=entry.path, rule="release.file")


def _there(fact_id: str, evidence: list[Evidence], *, note: str = "", value: str = "in the release") -> Fact:
    if evidence:
        return Fact(id=fact_id, status="proved", value=value, evidence=tuple(evidence), note=note)
    missing = note or "not in the release, whose files are all listed"
    return Fact(id=fact_id, status="refuted", gap="missing", note=missing, evidence=())


def _code(snapshot: Snapshot) -> list[Fact]:
    """Each kind of code, where code/build.json says that it is: nothing is looked for by its name."""
    facts = [*_stated_code(snapshot)]
    training = next(fact for fact in facts if fact.id == "training_code.present")
    libraries = _files(snapshot, r"^code/environment\.json$|^code/.*pyproject\.toml$")
    return [
        *facts,
        with_id(training, "training_code.complete"),
        _there("supporting_libraries.present", libraries),
        _there("source_code.present", _files(snapshot, r"^code/.*\.py$")),
    ]


def _stated_code(snapshot: Snapshot) -> Iterator[Fact]:
    archives = sorted({m[0] for e in snapshot.entries if (m := IN_ARCHIVE.match(e.path))})
    stated = None if snapshot.root is None else stated_components(snapshot.root)
    if snapshot.root is None or stated is None:
        note = f"{BUILD} does not say which of its code the release has"
        missing = "no source of the builder is in the release"
        for component in CODE:
            fact_id = f"{component}.present"
            yield unchecked(fact_id, note) if archives else _there(fact_id, [], note=missing)
        return
    paths = {path for component in CODE for path in stated.get(component, ())}
    texts = member_texts(snapshot.root, archives, frozenset(paths))
    for component in CODE:
        yield _component(snapshot, component, stated.get(component, []), texts)


def _component(snapshot: Snapshot, component: str, paths: list[str], texts: dict[str, str]) -> Fact:
    """A component that is stated: every file of it is there, and one does what it is for."""
    fact_id, where = f"{component}.present", f"{snapshot.name}/{BUILD}"
    if not paths:
        return _there(fact_id, [], note=f"{BUILD} states its components, and this is none of them")
    listed = {e.path.partition(".tar/")[2]: e for e in snapshot.entries if IN_ARCHIVE.match(e.path)}
    stated = Evidence(file=where, lines=None, quote=shorten(f"{component}: {', '.join(paths)}"), rule="release.stated")
    if absent := [path for path in paths if path not in listed]:
        note = f"{BUILD} states {absent[0]}, which is not in the archive"
        return Fact(id=fact_id, status="refuted", gap="missing", evidence=(stated,), note=note)
    role = next((role for role in roles() if role.component == component and role.is_of_code), None)
    if not any(_shows(role, texts.get(path, "")) for path in paths):
        note = f"nothing in the files that {BUILD} states shows it"
        return Fact(id=fact_id, status="unknown", gap="unchecked", evidence=(stated,), note=note)
    found = [_file(snapshot, listed[path]) for path in paths[:3]]
    return _there(fact_id, [stated, *found])


def _shows(role: Role | None, text: str) -> bool:
    """Whether a text does what a role is for, or speaks of it: the same words as for anybody's file of that name."""
    if len(text.strip()) < MIN_CODE_BYTES:
        return False
    return role is None or bool((role.does and role.does.search(text)) or (role.speaks and role.speaks.search(text)))


def _weights(snapshot: Snapshot) -> list[Fact]:
    final = _files(snapshot, r"^model/.*\.safetensors$")
    access = (
        Fact(id="final_parameters.access", status="proved", value="public", evidence=tuple(final))
        if final
        else unchecked("final_parameters.access")
    )
    return [
        _there("final_parameters.present", final),
        _base(snapshot, final),
        unchecked("tuned_parameters.present", "the release holds one model, trained from random weights"),
        access,
        _there("intermediate_parameters.present", _files(snapshot, r"^checkpoints/.*\.safetensors$")),
        _there("model_metadata.present", _files(snapshot, r"^model/config\.json$|^recipe\.yaml$")),
    ]


def _base(snapshot: Snapshot, final: list[Evidence]) -> Fact:
    if _files(snapshot, r"^model/adapter_config\.json$"):
        return unchecked(
            "base_parameters.present", "the release holds an adapter, and its parent the weights it is for"
        )
    return _there("base_parameters.present", final)


def _data(snapshot: Snapshot) -> list[Fact]:
    """The documents, counted against the ledger, and their licenses by the ledger's rows."""
    documents, ledger = _files(snapshot, r"^corpus/documents/"), _files(snapshot, r"^corpus/ledger\.parquet$")
    facts = [
        unchecked("datasets_tuning.present", "the release is not tuned"),
        _there("data_preparation.described", [*ledger, *_files(snapshot, r"^recipe\.yaml$")]),
    ]
    rows, num_there = _ledger(snapshot), _count_documents(snapshot)
    if rows is None or num_there is None:
        note = f"the {'ledger' if rows is None else 'documents'} could not be read"
        ids = ("datasets_base.present", "license.data", "license_open.data")
        return [*facts, *(unchecked(fact_id, note) for fact_id in ids)]
    kept = {name: number for name, decision, number in rows if decision == "keep"}
    num_kept = sum(kept.values())
    evidence = (*documents, *ledger)
    if not documents or num_there < num_kept:
        note = f"the ledger keeps {num_kept} documents, the release carries {num_there}"
        status: Status = "proved" if num_there else "refuted"
        facts.append(Fact(id="datasets_base.present", status=status, value="partly", evidence=evidence,
                          gap=None if num_there else "missing", note=note))  # fmt: skip
    else:
        facts.append(Fact(id="datasets_base.present", status="proved", value="in the release", evidence=evidence,
                          note=f"all {num_kept} documents that the ledger keeps"))  # fmt: skip
    held_out = [*_files(snapshot, r"^tokens/map\.json$"), *documents] if documents else []
    note = "the documents marked `validation` in the token map"
    return [*facts, *_data_license(kept, tuple(ledger)), _there("evaluation_data.present", held_out, note=note)]


def _data_license(kept: dict[str | None, int], ledger: tuple[Evidence, ...]) -> list[Fact]:
    unlicensed = {name: number for name, number in kept.items() if normalize_expression(name) is None}
    if unlicensed or not kept:
        stated = ", ".join(sorted(name or "nothing" for name in unlicensed))
        note = f"{sum(unlicensed.values())} kept documents have no license that SPDX knows; stated is {stated}"
        note = note if kept else "no document was kept"
        return [
            Fact(id=i, status="unknown", gap="unlicensed", evidence=ledger, note=note)
            for i in ("license.data", "license_open.data")
        ]
    name = " AND ".join(f"({n})" if " " in str(n) else str(n) for n in sorted(str(n) for n in kept))
    closed = sorted(str(n) for n in kept if not openness(n, "data").is_open)
    value = Fact(
        id="license.data",
        status="proved",
        value=name,
        license=name,
        evidence=ledger,
        note="of every kept document, by the ledger",
    )
    if closed:
        return [
            value,
            Fact(id="license_open.data", status="refuted", value=", ".join(closed), evidence=ledger),
        ]
    return [value, Fact(id="license_open.data", status="proved", value=name, evidence=ledger)]


def _documents(snapshot: Snapshot) -> list[Fact]:
    return [
        _there("technical_report.present", _files(snapshot, r"(?i)(^|/)(technical[-_ ]?)?report\.(md|pdf)$")),
        _paper(snapshot),
        _there("model_card.present", _files(snapshot, r"^model/README\.md$")),
        _there(
            "data_card.present",
            _files(snapshot, r"(?i)(^|/)data[-_ ]?card\.md$|^corpus/README\.md$"),
            value="data card",
        ),
    ]


def _paper(snapshot: Snapshot) -> Fact:
    """A paper, known by the parts that it has: a file's name proves nothing."""
    for document in snapshot.documents:
        if PAPER_FILE.search(document.path):
            headings = {
                line.lstrip("# ").strip().lower(): number
                for number, line in enumerate(document.lines, 1)
                if line.startswith("#")
            }
            if headings.keys() >= set(PAPER_PARTS):
                evidence = [
                    Evidence(
                        file=document.where,
                        lines=(headings[part], headings[part]),
                        quote=document.lines[headings[part] - 1],
                        rule="release.paper_part",
                    )
                    for part in PAPER_PARTS
                ]
                return _there("research_paper.present", evidence, note="by its parts; nobody has reviewed it")
    return _there("research_paper.present", [])


def _results(snapshot: Snapshot) -> list[Fact]:
    results = _files(snapshot, r"^evaluation/|^transcript\.jsonl$|^transcript/steps\.jsonl$")
    return [
        _there("evaluation_results.present", results, note="the loss of every step and the validation at every segment")
    ]


def _ledger(snapshot: Snapshot) -> list[tuple[str | None, str, int]] | None:
    """(license, decision, number of documents), or None where the ledger cannot be read."""
    if snapshot.root is None:
        return None
    import duckdb

    try:
        with opened(LEDGER, below=snapshot.root) as file, duckdb.connect(config=READER) as connection:
            connection.execute("SET enable_progress_bar = false")  # it would be drawn among the answers
            rows = connection.execute(COUNTED, [_place_of(file, snapshot.root / LEDGER)]).fetchall()
    except (NotRead, duckdb.Error):
        return None
    return [(row[0], str(row[1]), int(row[2])) for row in rows] if len(rows) <= MAX_LICENSES else None


def _place_of(file: BinaryIO, path: Path) -> str:
    """A name for the very file that was opened, whatever has its own by now; its own where the system has no other."""
    descriptor = DESCRIPTORS / str(file.fileno())
    return str(descriptor) if descriptor.exists() else re.sub(r"([*?\[])", r"[\1]", str(path))  # a pattern to DuckDB


def _count_documents(snapshot: Snapshot) -> int | None:
    """How many documents the release carries: lines that are records with an id. None where a file cannot be read."""
    if snapshot.root is None:
        return None
    total = 0
    try:
        for path in sorted(entry.path for entry in snapshot.entries if DOCUMENTS.fullmatch(entry.path)):
            with opened(path, below=snapshot.root) as file:
                while line := file.readline(MAX_LINE_BYTES):
                    total += _is_document(line)
    except NotRead:
        return None
    return total


def _is_document(line: bytes) -> bool:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(record, dict) and "document_id" in record
