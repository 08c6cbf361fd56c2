"""One license file: which license its text is, what it closes, and which kinds of work it speaks of.

open        the text is, whole, a license that is open, and says nothing more that closes it
restricted  a clause in it takes a freedom away
unknown     the file is cut, points elsewhere, or is a text without any clause that the rules know
"""

import re
from dataclasses import dataclass, field
from typing import Literal

from glasswright.audit.passages import passages
from glasswright.audit.record import Evidence, Gap, shorten
from glasswright.audit.subject import Document
from glasswright.licenses import Clause, TextMatch, find_clauses, identify_text, is_open

Scope = Literal["code", "weights", "data", "document"]
State = Literal["open", "restricted", "unknown"]

SHORT_POINTER_CHARACTERS = 600
SAME_FAMILY_MEMBER = 0.97
SPEAKS_OF_WEIGHTS = re.compile(
    r"(?i)(?:trained )?model weights|model parameters|model materials|machine-learning model|large language models?|“?model”? means|derivatives of the model"
    r"|checkpoints?, consisting of learnt weights|pre-?trained (?:weights|models)"
)
SPEAKS_OF_CODE = re.compile(
    r"(?i)inference-enabling code|source code|machine-learning model code|software and algorithms"
)
POINTS_ELSEWHERE = re.compile(r"(?i)(?:refer to|see|available at|found at)\b.{0,60}licen[sc]e|https?://\S+")


@dataclass(frozen=True, slots=True)
class LicenseReading:
    """What a license is, wherever it was read."""

    name: str  # SPDX expression, or LicenseRef-
    state: State
    evidence: tuple[Evidence, ...]
    clauses: tuple[Clause, ...] = ()
    clause_file: str = ""
    scopes: frozenset[Scope] = field(default_factory=frozenset)
    gap: Gap | None = None
    note: str = ""


def read_license_file(document: Document, repo_scopes: frozenset[Scope]) -> LicenseReading | None:
    """Read one license file; `repo_scopes` is what a license at this place covers unless it says otherwise."""
    text = document.text
    if not text.strip():
        return None
    matches = identify_text(text)
    best = matches[0] if matches else None
    whole = best is not None and best.is_whole
    clauses = (
        ()
        if whole and best is not None and best.is_alone and is_open(best.license, "code")
        else tuple(find_clauses(text))
    )
    if best is not None and best.is_cut and not whole:
        return _reading(document, best.license, "unknown", (), repo_scopes, "unchecked",
                        f"the text is {best.held:.0%} of {best.license} and then ends: a file cut short")  # fmt: skip
    if not clauses and whole and best is not None and is_open(best.license, "code"):
        note = "" if best.is_alone else f"the file says more than {best.license}; nothing in it closes the license"
        return _reading(document, best.license, "open", (), _scopes(document, "", repo_scopes), None, note)
    if clauses or (whole and best is not None):
        known = best.license if best is not None and whole and _is_that_very(best) else None
        return _reading(document, _name(document, known), "restricted", clauses,
                        _scopes(document, text, repo_scopes), None, "")  # fmt: skip
    if len(text) < SHORT_POINTER_CHARACTERS and POINTS_ELSEWHERE.search(text):
        return _reading(
            document,
            "LicenseRef-elsewhere",
            "unknown",
            (),
            repo_scopes,
            "unreachable",
            "the file points to a license elsewhere",
        )
    return _reading(document, _name(document, None), "unknown", (), _scopes(document, text, repo_scopes), "unchecked",
                    "the text is no license known by its words, and no known closing clause was found in it")  # fmt: skip


def title_name(title: str) -> str:
    """A LicenseRef made from the title that a license gives itself."""
    words = re.findall(r"[a-z0-9.]+", title.lower().replace("licence", "license"))
    kept = [w for w in words if w not in ("the", "agreement", "for", "of", "a", "an", "h2", "align", "center")]
    return "LicenseRef-" + "-".join(kept[:8]).strip(".-")


def _is_that_very(match: TextMatch) -> bool:
    """Model licenses come in families with nearly one text: only the very same text has the known name."""
    return not match.license.startswith("LicenseRef-") or min(match.held, match.covered) >= SAME_FAMILY_MEMBER


def _name(document: Document, known: str | None) -> str:
    if known is not None and known.startswith("LicenseRef-"):
        return known
    lines = [re.sub(r"<[^>]+>|[#*_]", "", line).strip() for line in document.lines[:12]]
    title = next((line for line in lines if re.search(r"(?i)licen[sc]e|terms", line) and len(line) < 120), "")
    if known is not None:
        return f"LicenseRef-modified-{known}"
    return title_name(title) if title else title_name(document.name)


def _scopes(document: Document, text: str, repo_scopes: frozenset[Scope]) -> frozenset[Scope]:
    """What a license file covers: by its name, then by its own words, then by where it lies."""
    name = document.name.lower()
    if re.search(r"model|weights", name):
        return frozenset({"weights"})
    if "code" in name:
        return frozenset({"code", "document"})
    if "data" in name:
        return frozenset({"data"})
    if text and SPEAKS_OF_WEIGHTS.search(text[:6000]):
        return frozenset({"weights", "code"} if SPEAKS_OF_CODE.search(text[:6000]) else {"weights"})
    return repo_scopes


def _reading(document: Document, name: str, state: State, clauses: tuple[Clause, ...], scopes: frozenset[Scope],
             gap: Gap | None, note: str) -> LicenseReading:  # fmt: skip
    first = next((p for p in passages(document) if p.text.strip()), None)
    last = len(document.lines)
    quote = shorten(first.text, 100) if first else ""
    evidence = Evidence(file=document.where, lines=(1, max(1, last)), quote=quote, rule="license.text")
    return LicenseReading(name, state, (evidence,), clauses, document.where, scopes, gap, note)
