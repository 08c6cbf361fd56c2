"""Licenses that files state in places made for it, beside cards, readmes and license files.

    config.json, package.json, pyproject.toml, setup.cfg, Cargo.toml, CITATION.cff     a field
    SPDX-License-Identifier                                                           the head of a source file
    general.license, license                                                          the metadata of weights
    a badge                                                                           in a readme

What they state counts where nothing nearer speaks; where they take a right away, it counts in any case.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from glasswright.audit.license_files import Scope, title_name
from glasswright.audit.license_statements import Statement, named_scopes
from glasswright.audit.lineage_places import file_licenses
from glasswright.audit.record import Evidence, shorten
from glasswright.audit.subject import ASIDE, Document, Snapshot
from glasswright.foreign import NotRead, opened
from glasswright.licenses import expression_of, hub_tag_expression, restrictions
from glasswright.licenses.badges import badges
from glasswright.licenses.manifests import PACKAGES, package_license

WEIGHTS_MANIFESTS = frozenset({"config.json", "params.json"})
SOURCE_FILE = re.compile(r"(?i)\.(?:py|pyi|c|cc|cpp|cu|cuh|h|hpp|rs|go|js|ts|java|sh|jl|swift|kt)$")
SPDX_HEADER = re.compile(r"SPDX-License-Identifier:[ \t]*([A-Za-z0-9(][\w.+() -]{0,200})")
COMMENT = re.compile(r"[ \t]*(?:#+!?|//+|/?\*+/?|--|;+|$)[ \t]*")
HEAD_BYTES = 2_048
MAX_SOURCES = 400  # files whose heads are read
CODE: frozenset[Scope] = frozenset({"code"})


def stated_in_places(snapshot: Snapshot, documents: list[Document], scopes: frozenset[Scope]) -> Iterator[Statement]:
    """What the files of a snapshot state; `scopes` is what a file at its root speaks of unless it is of code or weights."""
    for document in snapshot.documents:
        yield from _manifest(document, scopes)
    yield from _headers(snapshot)
    for label, evidence in file_licenses(snapshot):
        yield _statement(
            hub_tag_expression(label) or title_name(label), replace(evidence, rule="license.metadata"), {"weights"}
        )
    for document in documents:
        for place, license, label in badges(document.text):
            line = document.text.count("\n", 0, place) + 1
            yield _statement(license, _at(document, line, "license.badge"), named_scopes(label) or scopes)


def _manifest(document: Document, scopes: frozenset[Scope]) -> Iterator[Statement]:
    if document.depth > 1 or document.name not in PACKAGES:
        return
    license = package_license(document.name, document.text)
    if license is None:
        return
    of: frozenset[Scope] = CODE
    if document.name in WEIGHTS_MANIFESTS:
        of = frozenset({"weights"})
    elif document.name == "CITATION.cff":
        of = scopes - {"weights"}  # how to cite the software, or the data
    found = (number for number, line in enumerate(document.lines, 1) if re.search(r"(?i)licen[sc]e", line))
    yield _statement(license, _at(document, next(found, 1), "license.manifest"), of)


def _headers(snapshot: Snapshot) -> Iterator[Statement]:
    """The identifiers in the heads of source files, each license once, where it is found first."""
    seen: set[str] = set()
    for path, head in _heads(snapshot):
        for number, line in enumerate(head.split("\n"), 1):
            match = SPDX_HEADER.search(line)
            license = expression_of(match[1].strip()) if match else None
            if license and license not in seen:
                seen.add(license)
                yield _statement(license, _in_source(snapshot, path, number, line, "license.header"), CODE)


def restricted_heads(snapshot: Snapshot) -> Iterator[Evidence]:
    """The first comment at the head of a source file that takes rights away in words."""
    for path, head in _heads(snapshot):
        comment = _comment(head)
        if taken := restrictions(comment):
            number = comment.count("\n", 0, taken[0][0]) + 1
            yield _in_source(snapshot, path, number, comment.split("\n")[number - 1], "license.terms")
            return


def _heads(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """The beginnings of source files that are at hand, by path."""
    if snapshot.root is None:
        return
    paths = [e.path for e in snapshot.entries if SOURCE_FILE.search(e.path) and not ASIDE.search(e.path)]
    for path in paths[:MAX_SOURCES]:
        try:
            with opened(path, below=snapshot.root) as file:
                yield path, file.read(HEAD_BYTES).decode("utf-8", errors="replace")
        except NotRead:
            continue  # not at hand: the listing may name more than is there


def _comment(head: str) -> str:
    """The comment that a source file begins with, without its marks, line by line."""
    kept = []
    for line in head.split("\n"):
        if not COMMENT.match(line):
            break
        kept.append(COMMENT.sub("", line))
    return "\n".join(kept)


def _in_source(snapshot: Snapshot, path: str, number: int, line: str, rule: str) -> Evidence:
    return Evidence(file=f"{snapshot.name}/{path}", lines=(number, number), quote=shorten(line), rule=rule)


def _at(document: Document, line: int, rule: str) -> Evidence:
    return Evidence(file=document.where, lines=(line, line), quote=shorten(document.lines[line - 1]), rule=rule)


def _statement(license: str, evidence: Evidence, scopes: frozenset[Scope] | set[Scope]) -> Statement:
    return Statement(license, None, frozenset(scopes), evidence, evidence.file.split("/")[0])
