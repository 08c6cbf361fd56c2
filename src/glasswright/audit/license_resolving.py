"""What a statement comes to: the license that its name means, or that of the file it points to, where that is at hand."""

import re
from dataclasses import replace

from glasswright.audit.license_files import LicenseReading
from glasswright.audit.license_statements import Statement
from glasswright.licenses import CLAUSES, Clause, is_open, policy
from glasswright.licenses.model_licenses import terms_of

NO_NAME = frozenset(
    {
        "LicenseRef-license",
        "LicenseRef-open-license",
        "LicenseRef-model-license",
        "LicenseRef-other",
        "LicenseRef-unknown",
        "LicenseRef-",
    }
)
MEANS = {rule.id: rule for rule in CLAUSES}


def resolved(statement: Statement, files: dict[str, LicenseReading]) -> LicenseReading | None:
    """A statement as a reading: through the file it points to, where that file is at hand."""
    target = _target_file(statement, files) or _file_of_that_name(statement, files)
    if target is not None:
        scopes = statement.scopes or target.scopes
        return replace(target, evidence=(statement.evidence, *target.evidence), scopes=scopes)
    if is_open(statement.name, "code"):
        return LicenseReading(statement.name, "open", (statement.evidence,), scopes=statement.scopes)
    terms = terms_of(statement.name)
    if terms is not None and terms.closes:
        return LicenseReading(statement.name, "restricted", (statement.evidence,), tuple(_known_clause(c) for c in terms.closes),
                              statement.evidence.file, statement.scopes, None, "known by its name; the text itself was not at hand")  # fmt: skip
    expression = policy.parse(statement.name)
    if expression is not None and policy.decision(expression) == "deny":
        clauses = _spdx_clauses(statement.name)
        return LicenseReading(statement.name, "restricted", (statement.evidence,), tuple(_known_clause(c) for c in clauses),
                              statement.evidence.file, statement.scopes)  # fmt: skip
    if statement.name in NO_NAME:
        return None
    if statement.name.startswith("LicenseRef-custom"):
        return LicenseReading(statement.name, "restricted", (statement.evidence,), (), "", statement.scopes, "unreachable",
                              "the publisher calls it a custom license; its text is not in the evidence")  # fmt: skip
    return LicenseReading(statement.name, "unknown", (statement.evidence,), (), "", statement.scopes, "unreachable",
                          "a license of its own, whose text is not in the evidence")  # fmt: skip


def _target_file(statement: Statement, files: dict[str, LicenseReading]) -> LicenseReading | None:
    if statement.target is None:
        return None
    folder = statement.evidence.file.partition("/")[2].rpartition("/")[0]
    tail = statement.target.split("#")[0]
    tail = re.sub(r"^https?://[^/]+/[^/]+/[^/]+/(?:blob|tree|resolve|raw)/[^/]+/", "", tail)
    for path in (f"{folder}/{tail.removeprefix('./')}".lstrip("/"), tail.removeprefix("./"), _up(folder, tail)):
        if path in files:
            return files[path]
    return None


def _file_of_that_name(statement: Statement, files: dict[str, LicenseReading]) -> LicenseReading | None:
    """The license file that a statement names without pointing to it: by its title, or "the Model License"."""
    if not statement.name.startswith("LicenseRef-"):
        return None
    words = _telling_words(statement.name)
    if not words:
        return next((r for r in files.values() if r.scopes == {"weights"} and "weights" in statement.scopes), None)
    return next((r for r in files.values() if (own := _telling_words(r.name)) and (own <= words or words <= own)), None)


def _telling_words(name: str) -> set[str]:
    return set(name.removeprefix("LicenseRef-").split("-")) - {"license", "model", "open", "agreement", "community"}


def _up(folder: str, tail: str) -> str:
    parts = folder.split("/") if folder else []
    for piece in tail.split("/"):
        if piece == "..":
            parts = parts[:-1]
        elif piece != ".":
            parts.append(piece)
    return "/".join(parts)


def _known_clause(clause_id: str) -> Clause:
    rule = MEANS[clause_id]
    return Clause(clause_id, rule.means, "", (1, 1), "", rule.closes, rule.disqualifies_eu)


def _spdx_clauses(name: str) -> tuple[str, ...]:
    return tuple(c for c, mark in (("non_commercial", "-NC"), ("no_derivatives", "-ND")) if mark in name)
