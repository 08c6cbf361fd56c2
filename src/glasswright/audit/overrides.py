"""A human's word on facts: a YAML file that adds evidence or disputes a finding, shown as such wherever it counts.

    by: Jane Doe, example.org
    facts:
      - id: datasets_base.present
        status: refuted
        reason: the linked dataset was taken down on 2026-03-01
        evidence: https://example.org/notice          # an address, or file and lines

Each entry replaces the fact of that id; the finding it replaces stays in the note.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from glasswright.audit.record import Evidence, Fact, Facts, Gap, Status
from glasswright.errors import Misuse
from glasswright.foreign import NotRead, read

ANSWERS = ("proved", "refuted", "unknown")
MAX_BYTES = 1_000_000
MAX_DEPTH = 8
FORM = "see docs/audit.md for the form"
KEYS = {"id", "status", "reason", "evidence", "value", "license"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """What a person says of one fact."""

    fact: str
    status: Status
    reason: str
    evidence: str
    by: str
    file: str
    line: int
    value: str | None = None
    license: str | None = None


def load_overrides(path: Path) -> tuple[Override, ...]:
    """Read an overrides file.

    Raises:  Misuse naming the line for anything that is not as described above.
    """
    from ruamel.yaml import YAML  # here, since few audits have one, and it takes long to import
    from ruamel.yaml.error import YAMLError

    try:
        text = read(path, max_bytes=MAX_BYTES).decode()
        _require_shallow(text)
        data = YAML(typ="rt").load(text)
    except (NotRead, UnicodeDecodeError) as error:
        told = error.why if isinstance(error, NotRead) else f"cannot be read: {error}"
        raise Misuse(f"{path}: {told}", hint="give a YAML file as described in docs/audit.md") from error
    except (YAMLError, ValueError) as error:  # ValueError: a number or a date that is none
        raise Misuse(f"{path}: not YAML: {error}", hint=FORM) from error
    if (
        not isinstance(data, dict)
        or set(data) - {"by", "facts"}
        or not isinstance(data.get("facts"), list)
        or not data.get("by")
    ):
        found = ", ".join(map(str, data)) if isinstance(data, dict) else type(data).__name__
        raise Misuse(f"{path}: expected the keys `by` and `facts`, found {found}", hint=FORM)
    return tuple(_override(entry, str(data["by"]), path) for entry in data["facts"])


def _require_shallow(text: str) -> None:
    """Raises:  ValueError for lists in lists without end: reading them takes the square of their number."""
    from ruamel.yaml import YAML

    depth = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        kind = type(event).__name__
        depth += kind in ("SequenceStartEvent", "MappingStartEvent")
        depth -= kind in ("SequenceEndEvent", "MappingEndEvent")
        if depth > MAX_DEPTH:
            raise ValueError(f"nested more than {MAX_DEPTH} deep")


def apply_overrides(facts: Facts, overrides: tuple[Override, ...]) -> Facts:
    """Put each override in the place of the fact that it disputes."""
    for override in overrides:
        facts = facts.with_fact(_as_fact(override, facts[override.fact]))
    return facts


def _override(entry: Any, by: str, path: Path) -> Override:
    line = entry.lc.line + 1 if hasattr(entry, "lc") else 1
    where = f"{path}, line {line}"
    if not isinstance(entry, dict):
        raise Misuse(f"{where}: expected an entry with id, status, reason and evidence")
    if wrong := [key for key in entry if key not in KEYS]:
        raise Misuse(f"{where}: unknown key {wrong[0]!r}", hint=f"known keys: {', '.join(sorted(KEYS))}")
    if missing := {"id", "status", "reason", "evidence"} - set(entry):
        raise Misuse(
            f"{where}: {sorted(missing)[0]!r} is missing",
            hint="a human's word needs a reason and evidence, like any other",
        )
    if entry["status"] not in ANSWERS:
        raise Misuse(f"{where}: status: expected one of {', '.join(ANSWERS)}, found {entry['status']!r}")
    return Override(
        fact=str(entry["id"]),
        status=cast(Status, entry["status"]),
        reason=str(entry["reason"]),
        evidence=str(entry["evidence"]),
        by=by,
        file=str(path),
        line=line,
        value=_text(entry.get("value")),
        license=_text(entry.get("license")),
    )


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _as_fact(override: Override, found: Fact) -> Fact:
    evidence = Evidence(
        file=override.file,
        lines=(override.line, override.line),
        quote=f"{override.reason} ({override.evidence})",
        rule="override",
    )
    gap: Gap | None = None if override.status == "proved" else found.gap or "unchecked"
    note = f"{override.by}: {override.reason}; the audit had found: {found.status}" + (
        f", {found.note}" if found.note else ""
    )
    value_found = found.value if override.status == found.status else None
    return Fact(
        id=override.fact,
        status=override.status,
        value=override.value or value_found,
        license=override.license or found.license,
        evidence=(evidence, *found.evidence),
        gap=gap,
        note=note,
        overridden_by=override.by,
    )
