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
import tarfile
from pathlib import Path

from glasswright.audit.reading import decode
from glasswright.audit.record import Evidence, Fact, unchecked
from glasswright.audit.subject import Document, Entry, Snapshot, Subject
from glasswright.licenses import normalize_expression
from glasswright.licenses.openness import openness

MAX_MEMBER_BYTES = 100_000
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


def builder_entries(folder: Path) -> tuple[list[Entry], list[Document], list[str]]:
    """The files in the source archives of a release, listed without unpacking, and the license and readme among them."""
    entries: list[Entry] = []
    documents: list[Document] = []
    problems: list[str] = []
    for archive in sorted(folder.glob("code/*.tar")):
        try:
            with tarfile.open(archive) as tar:
                for member in tar:
                    path = f"{archive.relative_to(folder).as_posix()}/{member.name}"
                    entries.append(Entry(path, member.size, None))
                    if (
                        re.fullmatch(r"[^/]+/(LICENSE[^/]*|README[^/]*|pyproject\.toml)", member.name)
                        and member.isfile()
                        and member.size <= MAX_MEMBER_BYTES
                    ):
                        data = tar.extractfile(member)
                        documents.append(Document(folder.name, path, decode(data.read()).lines if data else ()))
        except (tarfile.TarError, OSError) as error:
            problems.append(f"{folder.name}/{archive.name} could not be listed: {error}")
    return entries, documents, problems


def release_facts(subject: Subject) -> list[Fact]:
    """What the files of each release among the snapshots prove; empty if there is none."""
    return [fact for snapshot in subject.snapshots if snapshot.kind == "release" for fact in _facts(snapshot)]


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
        return Fact(id=fact_id, status="proved", value=value, evidence=tuple(evidence), confidence=0.95, note=note)
    return Fact(id=fact_id, status="refuted", gap="missing", confidence=0.9, note="not in the release, whose files are all listed",
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
        Fact(id="training_code.complete", status="proved", confidence=0.9, evidence=facts[1].evidence)
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
        Fact(id="final_parameters.access", status="proved", value="public", evidence=tuple(final), confidence=0.9)
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
    rows = _ledger(snapshot)
    if rows is None:
        return [
            *facts,
            unchecked("datasets_base.present", "the ledger could not be read"),
            unchecked("license.data"),
            unchecked("license_open.data"),
        ]
    kept = {name: number for name, decision, number in rows if decision == "keep"}
    num_kept, num_there = sum(kept.values()), _count_lines(snapshot)
    evidence = (*documents, *ledger)
    if not documents or num_there < num_kept:
        note = f"the ledger keeps {num_kept} documents, the release carries {num_there}"
        facts.append(Fact(id="datasets_base.present", status="proved" if num_there else "refuted", value="partly", evidence=evidence, confidence=0.9,
                          gap=None if num_there else "missing", note=note))  # fmt: skip
    else:
        facts.append(Fact(id="datasets_base.present", status="proved", value="in the release", evidence=evidence, confidence=0.97,
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
        confidence=0.95,
        note="of every kept document, by the ledger",
    )
    if closed:
        return [
            value,
            Fact(id="license_open.data", status="refuted", value=", ".join(closed), evidence=ledger, confidence=0.9),
        ]
    return [value, Fact(id="license_open.data", status="proved", value=name, evidence=ledger, confidence=0.95)]


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
    path = snapshot.root / "corpus/ledger.parquet" if snapshot.root else None
    if path is None or not path.is_file():
        return None
    import duckdb

    try:
        with duckdb.connect() as connection:
            rows = connection.execute(
                "SELECT license, decision, count(*) FROM read_parquet(?) GROUP BY ALL ORDER BY ALL", [str(path)]
            ).fetchall()
    except duckdb.Error:
        return None
    return [(row[0], str(row[1]), int(row[2])) for row in rows]


def _count_lines(snapshot: Snapshot) -> int:
    """Documents that the release carries: lines that are records with an id."""
    assert snapshot.root is not None
    total = 0
    for path in sorted((snapshot.root / "corpus/documents").glob("*.jsonl")):
        with path.open("rb") as file:
            total += sum(1 for line in file if _is_document(line))
    return total


def _is_document(line: bytes) -> bool:
    try:
        record = json.loads(line)
    except ValueError:
        return False
    return isinstance(record, dict) and "document_id" in record
