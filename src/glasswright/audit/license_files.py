"""One license file: which license its text is, what it closes, and which kinds of work it speaks of.

open        the text is, whole, a license that is open, and says nothing more that may be terms
restricted  a clause in it takes a freedom away
unknown     the license with additions, or changed, or cut, or elsewhere, or a text without any clause that the rules know
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from glasswright.audit.passages import passages
from glasswright.audit.record import Evidence, Gap, shorten
from glasswright.audit.subject import Document
from glasswright.licenses import (
    Clause,
    Fidelity,
    LicenseText,
    additions_to,
    find_clauses,
    granted,
    is_open,
    legal_code_title,
    mentions,
    normalize_expression,
    policy,
    restrictions,
    text_license,
)
from glasswright.licenses.grants import ADDED, MAX_CHARS, SHORT_TEXT
from glasswright.licenses.kinship import taken_by
from glasswright.licenses.model_licenses import terms_of

Scope = Literal["code", "weights", "data", "document"]
State = Literal["open", "restricted", "unknown"]

SHORT_POINTER_CHARACTERS = 600
SAME_FAMILY_MEMBER = 0.97
MAX_QUOTED = 3
OWN_REF = re.compile(r"\bLicenseRef-[\w-]+(?:\.[\w-]+)*")
PLACES = frozenset({"license.manifest", "license.header", "license.badge", "license.metadata"})
SPEAKS_OF_WEIGHTS = re.compile(
    r"(?i)(?:trained )?model weights|model parameters|model materials|machine-learning model|large language models?|“?model”? means|derivatives of the model"
    r"|checkpoints?, consisting of learnt weights|pre-?trained (?:weights|models)"
)
SPEAKS_OF_CODE = re.compile(
    r"(?i)inference-enabling code|source code|machine-learning model code|software and algorithms"
)
MODEL = re.compile(r"(?i)\bmodels?\b|模型|モデル|모델|модел")
MIN_MODELS = 3  # times that terms name the model, and nothing else that they may be for
ANY_WORK = re.compile(
    r"(?i)\b(?:code|software|program|repository|library|work|materials?|documentation)\b|代码|软件|コード|코드|код"
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
    is_outvoted: bool = False  # something nearer speaks of the same

    @property
    def snapshot(self) -> str:
        """The snapshot in which it was read."""
        return self.evidence[0].file.split("/")[0]

    @property
    def is_file(self) -> bool:
        """Whether it is what a license file says, and not what a document says of it."""
        return self.evidence[0].rule == "license.text"

    @property
    def is_from_place(self) -> bool:
        """Whether it stands in a manifest, a header, a badge or metadata, which people forget to change."""
        return self.evidence[0].rule in PLACES

    @property
    def is_of_its_own(self) -> bool:
        """Whether it is a license that nobody knows, which a badge, a manifest or the weights themselves name."""
        return self.state == "unknown" and self.evidence[0].rule in PLACES

    @property
    def is_in_words(self) -> bool:
        """Whether it is a sentence that takes something away and names no license."""
        return self.evidence[0].rule == "license.terms"

    @property
    def is_doubtful(self) -> bool:
        """Whether an open license was added to or changed, in its text or by words beside it."""
        return self.state == "unknown" and (self.is_in_words or bool(taken_by(self.name)))


def read_license_file(document: Document, repo_scopes: frozenset[Scope]) -> LicenseReading | None:
    """Read one license file; `repo_scopes` is what a license at this place covers unless it says otherwise."""
    text = document.text[:MAX_CHARS]
    if not text.strip():
        return None
    known = text_license(text)
    if known is not None and known.is_cut:
        return _reading(document, _expression(known), "unknown", _scopes(document, "", repo_scopes), gap="unchecked",
                        note=f"the text is {known.held:.0%} of {known.license} and then ends: a file cut short")  # fmt: skip
    if known is not None and is_open(known.license, "code") and known.fidelity is not Fidelity.PART:
        return _known_open(document, known, repo_scopes)
    if (said := _said(text)) is not None:
        return _reading(document, said, "open", _scopes(document, "", repo_scopes))
    if (closed := _said_closed(text)) is not None:
        return _reading(document, closed, "restricted", _scopes(document, text, repo_scopes), tuple(find_clauses(text)))
    clauses = tuple(find_clauses(text))
    is_known = known is not None and known.fidelity in (Fidelity.WHOLE, Fidelity.WITHIN, Fidelity.ADDED)
    if clauses or is_known or restrictions(text):
        name = known.license if known is not None and is_known and _is_that_very(known) else None
        return _reading(document, _name(document, name), "restricted", _scopes(document, text, repo_scopes), clauses)
    if len(text) < SHORT_POINTER_CHARACTERS and POINTS_ELSEWHERE.search(text):
        note = "the file points to a license elsewhere"
        return _reading(document, "LicenseRef-elsewhere", "unknown", repo_scopes, gap="unreachable", note=note)
    return _reading(document, _name(document, None), "unknown", _scopes(document, text, repo_scopes), gap="unchecked",
                    note="the text is no license known by its words, and no known closing clause was found in it")  # fmt: skip


def _known_open(document: Document, known: LicenseText, repo_scopes: frozenset[Scope]) -> LicenseReading:
    """A text with the words of an open license: that license, or one with additions, or one that was changed."""
    name = _expression(known)
    if known.fidelity is Fidelity.WHOLE:
        return _reading(document, name, "open", _scopes(document, "", repo_scopes))
    if known.fidelity is Fidelity.WITHIN:
        note = f"the file says more than {known.license}; nothing in it is a term"
        return _reading(document, name, "open", _scopes(document, "", repo_scopes), note=note)
    is_changed = known.fidelity is Fidelity.CHANGED
    clauses = tuple(find_clauses(document.text)) if is_changed else _clauses_of(known)
    takes = bool(clauses) or any(restrictions(addition.quote) for addition in known.additions)
    quoted = f": “{shorten(known.additions[0].quote, 120)}”" if known.additions else ""
    note = f"{known.license} with additions{quoted}" if quoted else f"the words of {known.license}, changed"
    if is_changed:
        note += "; a right is gone, or words take one away"
    return _reading(
        document,
        f"LicenseRef-changed-{known.license.replace(' ', '-')}" if is_changed else f"{name} AND {ADDED}",
        "restricted" if takes else "unknown",
        _scopes(document, "", repo_scopes),
        clauses,
        gap=None if takes else "unchecked",
        note=note,
        quotes=[(addition.line, addition.quote) for addition in known.additions],
    )


def _said(text: str) -> str | None:
    """The open license that a short file names, or whose legal code it is by its title, where it adds no terms to it."""
    if len(text) >= SHORT_TEXT and not legal_code_title(text):
        return None
    license = granted(text)
    is_plain = license is not None and is_open(license, "code") and not restrictions(text) and not additions_to(text)
    return license if is_plain or (license and legal_code_title(text) and is_open(license, "data")) else None


def _said_closed(text: str) -> str | None:
    """The license that a short file names, if it is one that is not open; or the ones, by names that are known here."""
    if len(text) < SHORT_TEXT and (named := list(dict.fromkeys(OWN_REF.findall(text)))):
        terms = [terms_of(name) for name in named]
        if any(it is not None and it.closes for it in terms):
            return " AND ".join(named)
    license = granted(text) if len(text) < SHORT_TEXT else None
    expression = policy.parse(license) if license and mentions(text) else None
    return license if expression is not None and policy.decision(expression) == "deny" else None


def _expression(known: LicenseText) -> str:
    return normalize_expression(known.license) or known.license


def _clauses_of(known: LicenseText) -> tuple[Clause, ...]:
    """The closing clauses among what was added to a license, each on its line."""
    return tuple(
        replace(clause, lines=(addition.line + clause.lines[0] - 1, addition.line + clause.lines[1] - 1))
        for addition in known.additions
        for clause in find_clauses(addition.quote)
    )


def title_name(title: str) -> str:
    """A LicenseRef made from the title that a license gives itself."""
    words = re.findall(r"[a-z0-9.]+", title.lower().replace("licence", "license"))
    kept = [w for w in words if w not in ("the", "agreement", "for", "of", "a", "an", "h2", "align", "center")]
    return "LicenseRef-" + "-".join(kept[:8]).strip(".-")


def _is_that_very(known: LicenseText) -> bool:
    """Model licenses come in families with nearly one text: only the very same text has the known name."""
    return not known.license.startswith("LicenseRef-") or min(known.held, known.covered) >= SAME_FAMILY_MEMBER


def _name(document: Document, known: str | None) -> str:
    if known is not None and known.startswith("LicenseRef-"):
        return known
    head = next((at for at, line in enumerate(document.lines[1:], 2) if line.strip() == "---"), 0)
    begin = head if document.lines[0].strip() == "---" else 0
    lines = [re.sub(r"<[^>]+>|[#*_]", "", line).strip() for line in document.lines[begin : begin + 12]]
    title = next((line for line in lines if re.search(r"(?i)licen[sc]e|terms", line) and len(line) < 120), "")
    if known is not None:
        return f"LicenseRef-modified-{known}"
    return title_name(title) if title else title_name(document.name)


def _scopes(document: Document, text: str, repo_scopes: frozenset[Scope]) -> frozenset[Scope]:
    """What a license file covers: by its name, then by its own words, then by where it lies."""
    name = document.name.lower()
    if re.search(r"model|weight", name):
        return frozenset({"weights"})
    if "code" in name:
        return frozenset({"code", "document"})
    if "data" in name:
        return frozenset({"data"})
    if text and SPEAKS_OF_WEIGHTS.search(text[:6000]):
        return frozenset({"weights", "code"} if SPEAKS_OF_CODE.search(text[:6000]) else {"weights"})
    if len(MODEL.findall(text)) >= MIN_MODELS and not ANY_WORK.search(text):
        return frozenset({"weights"})
    return repo_scopes


def _reading(document: Document, name: str, state: State, scopes: frozenset[Scope], clauses: tuple[Clause, ...] = (),
             gap: Gap | None = None, note: str = "", quotes: Sequence[tuple[int, str]] = ()) -> LicenseReading:  # fmt: skip
    first = next((p for p in passages(document) if p.text.strip()), None)
    last = len(document.lines)
    quote = shorten(first.text, 100) if first else ""
    whole = Evidence(file=document.where, lines=(1, max(1, last)), quote=quote, rule="license.text")
    added = tuple(
        Evidence(file=document.where, lines=(line, line), quote=shorten(quote), rule="license.addition")
        for line, quote in quotes[:MAX_QUOTED]
    )
    return LicenseReading(name, state, (whole, *added), clauses, document.where, scopes, gap, note)
