"""A Glasswright release as a subject: its facts come from its files, never from its being ours.

    code/*.tar                the builder's source: which code is in it, and the license text beside it
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

from glasswright.audit.reading import decode
from glasswright.audit.record import Evidence, Fact, unchecked
from glasswright.audit.scan.bounds import BoundReached
from glasswright.audit.scan.tars import DAMAGED, NotAnArchive, tar_members
from glasswright.audit.subject import Document, Entry, Snapshot, Subject
from glasswright.foreign import NotRead, opened
from glasswright.licenses import normalize_expression
from glasswright.licenses.openness import openness

MAX_MEMBERS = 100_000
MAX_MEMBER_BYTES = 100_000
MAX_LINE_BYTES = 2**27
MAX_LICENSES = 10_000
ARCHIVE = re.compile(r"code/[^/]+\.tar")
MEMBER = re.compile(r"[^/]+/(LICENSE[^/]*|README[^/]*|pyproject\.toml)")
DOCUMENTS = re.compile(r"corpus/documents/[^/]+\.jsonl")
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
CODE_FOLDERS = {
    "architecture_code": ("model/llama", "model/"),
    "training_code": ("train/",),
    "inference_code": ("model/generate", "cli/generate", "serve/"),
    "evaluation_code": ("evaluate/", "train/validat", "train/"),
    "preprocessing_code": ("corpus/",),
    "tokenizer": ("tokenizer/",),
}
PAPER_FILE = re.compile(r"(?i)(^|[-_/])(report|paper)\.md$")
PAPER_PARTS = ("abstract", "introduction", "method", "results", "limitations", "references")


def builder_entries(folder: Path, files: list[str]) -> tuple[list[Entry], list[Document], list[str]]:
    """What is in the source archives among a release's files, listed without unpacking; its license and readme read."""
    entries: list[Entry] = []
    documents: list[Document] = []
    problems: list[str] = []
    for archive in filter(ARCHIVE.fullmatch, files):
        try:
            with opened(archive, below=folder) as file:
                for member in tar_members(file):
                    path = f"{archive}/{member.name}"
                    entries.append(Entry(path, member.size, None))
                    if len(entries) > MAX_MEMBERS:
                        raise BoundReached(f"it has more than {MAX_MEMBERS:,} members")
                    if MEMBER.fullmatch(member.name) and member.isreg() and member.size <= MAX_MEMBER_BYTES:
                        file.seek(member.offset_data)
                        documents.append(Document(folder.name, path, decode(file.read(member.size)).lines))
        except NotRead as error:
            problems.append(f"{folder.name}/{archive} was not read: {error.why}")
        except NotAnArchive:
            problems.append(f"{folder.name}/{archive} could not be listed: it is no tar")
        except (*DAMAGED, BoundReached) as error:
            problems.append(f"{folder.name}/{archive} could not be listed in full: {error}")
    return entries, documents, problems


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
    return [
        Evidence(file=f"{snapshot.name}/{e.path}", lines=None, quote=e.path, rule="release.file") for e in found[:4]
    ]


def _there(fact_id: str, evidence: list[Evidence], *, note: str = "", value: str = "in the release") -> Fact:
    if evidence:
        return Fact(id=fact_id, status="proved", value=value, evidence=tuple(evidence), note=note)
    return Fact(id=fact_id, status="refuted", gap="missing", note="not in the release, whose files are all listed",
                evidence=())  # fmt: skip


def _code(snapshot: Snapshot) -> list[Fact]:
    """Each kind of code in the builder's archive."""
    facts = []
    for component, folders in CODE_FOLDERS.items():
        evidence = next(
            (found for part in folders if (found := _files(snapshot, rf"^code/.*/src/glasswright/{part}"))), []
        )
        facts.append(_there(f"{component}.present", evidence))
    facts.append(
        _there("supporting_libraries.present", _files(snapshot, r"^code/environment\.json$|^code/.*pyproject\.toml$"))
    )
    facts.append(
        Fact(id="training_code.complete", status="proved", evidence=facts[1].evidence)
        if facts[1].status == "proved"
        else unchecked("training_code.complete")
    )
    facts.append(_there("source_code.present", _files(snapshot, r"^code/.*\.py$")))
    facts.append(
        _there(
            "code_documentation.present",
            _files(snapshot, r"^code/.*/src/glasswright/__init__\.py$"),
            value="docstrings in every module",
        )
    )
    return facts


def _weights(snapshot: Snapshot) -> list[Fact]:
    final = _files(snapshot, r"^model/.*\.safetensors$")
    access = (
        Fact(id="final_parameters.access", status="proved", value="public", evidence=tuple(final))
        if final
        else unchecked("final_parameters.access")
    )
    return [
        _there("final_parameters.present", final),
        _there("base_parameters.present", final),
        unchecked("tuned_parameters.present", "the release holds one model, trained from random weights"),
        access,
        _there("intermediate_parameters.present", _files(snapshot, r"^checkpoints/.*\.safetensors$")),
        _there("model_metadata.present", _files(snapshot, r"^model/config\.json$|^recipe\.yaml$")),
    ]


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
        facts.append(Fact(id="datasets_base.present", status="proved" if num_there else "refuted", value="partly", evidence=evidence,
                          gap=None if num_there else "missing", note=note))  # fmt: skip
    else:
        facts.append(Fact(id="datasets_base.present", status="proved", value="in the release", evidence=evidence,
                          note=f"all {num_kept} documents that the ledger keeps"))  # fmt: skip
    return [*facts, *_data_license(kept, tuple(ledger)), _there("evaluation_data.present", [*_files(snapshot, r"^tokens/map\.json$"), *documents] if documents else [],
                                                               note="the documents marked `validation` in the token map")]  # fmt: skip


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
            place = f"/proc/self/fd/{file.fileno()}"  # the very file that was opened, whatever has its name by now
            rows = connection.execute(COUNTED, [place]).fetchall()
    except (NotRead, duckdb.Error):
        return None
    return [(row[0], str(row[1]), int(row[2])) for row in rows] if len(rows) <= MAX_LICENSES else None


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
