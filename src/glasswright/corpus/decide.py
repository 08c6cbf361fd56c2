"""From a document that was found to its row in the ledger: kept or dropped, and the one reason."""

import hashlib

from glasswright.corpus.evidence.weigh import Weighed, weigh
from glasswright.corpus.found import Found, Nearness, Statement
from glasswright.corpus.policy import judge
from glasswright.corpus.sources.files import matches
from glasswright.records import recipe
from glasswright.records.ledger import LedgerRow, document_id

KEPT = "kept"


def decide(found: Found, source: recipe.Source, rules: recipe.Corpus) -> LedgerRow:
    """The row of one document, before duplicates are known. The first rule that speaks gives the reason:

    the source set it aside, too little text, too much that was not UTF-8, then the license.
    """
    sha256, num_bytes = _identity(found)
    weighed = weigh([*found.statements, *_stated_by(source)])
    if weighed.is_conflict:
        weighed = _resolved(weighed, found.path, source)
    judgement = judge(
        weighed.license, is_conflict=weighed.is_conflict, allow=rules.allow_licenses, deny=rules.deny_licenses
    )
    reason = found.reason or _text_reason(found, num_bytes, rules) or judgement.reason
    return LedgerRow(
        document_id=document_id(source=source.name, path=found.path, sha256=sha256),
        source=source.name,
        path=found.path,
        sha256=sha256,
        bytes=num_bytes,
        media_type=found.media_type,
        title=found.title,
        author=found.author,
        language=found.language or source.language,
        license=judgement.license,
        license_evidence=_evidence(weighed, judgement.license),
        license_decision=judgement.decision,
        jurisdiction=judgement.jurisdiction,
        decision="drop" if reason else "keep",
        reason=reason or KEPT,
        duplicate_of=None,
        pii_masked=0,
        tokens=None,
    )


def _identity(found: Found) -> tuple[str, int]:
    if found.text is None:
        return found.raw_sha256, found.num_raw_bytes
    data = found.text.encode()
    return hashlib.sha256(data).hexdigest(), len(data)


def _stated_by(source: recipe.Source) -> list[Statement]:
    if source.license is None:
        return []
    return [Statement(license=source.license, evidence="recipe", nearness=Nearness.RECIPE)]


def _resolved(weighed: Weighed, path: str, source: recipe.Source) -> Weighed:
    """The recipe's word on a conflict, where it names the document."""
    for resolved in source.resolve:
        if matches(path.split("#")[0], resolved.path):
            return Weighed(license=resolved.license, evidence=f"recipe, resolving: {weighed.evidence}")
    return weighed


def _evidence(weighed: Weighed, license: str | None) -> str | None:
    """Where the license is stated, with the words themselves where they are no license expression."""
    if weighed.license is None or license is not None:
        return weighed.evidence
    return f"{weighed.evidence}: {weighed.license[:200]}"


def _text_reason(found: Found, num_bytes: int, rules: recipe.Corpus) -> str | None:
    if not found.text:
        return "empty"
    if found.num_replaced > rules.max_replacement_share * len(found.text):
        return "too_many_replacements"
    if num_bytes < rules.min_bytes:
        return "too_short"
    return None
