"""The ledger against itself and against the recipe, row by row.

    kept         reason `kept`, and no other row has it; at least the recipe's bytes; not among those to be removed
    license      an SPDX expression; one that lets a row in does so by the policy and the recipe's lists
    source       one of the recipe's
    counts       not negative; tokens where kept, and only there; nothing masked where the recipe masks nothing
    duplicates   name the row that stands for them, which is kept; or was, where the reason is that it was removed or is
                 longer than what training reads

Title, author, language, path and the license's evidence are whatever the sources hold, control characters included, so
nothing is asked of them here; who shows them has to escape them. A language that a source states need not be one of the
recipe's: those are asked of the language that was told from the text. A license that is denied, or held to be unknown,
is not held to the policy, which may know more of them by now.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from glasswright.attest.salted import named
from glasswright.errors import ClaimFalse
from glasswright.licenses import policy
from glasswright.records.ledger import LedgerRow, LicenseDecision
from glasswright.records.recipe import Corpus, Recipe
from glasswright.verify.decode import EDITED

KEPT, REMOVED, TOO_LONG, REPEATS_TOO_LONG = "kept", "removed", "too_long", "repeats_too_long"
# Where a row repeats another: the reason that the other has.
HOLDER = {
    "exact_duplicate": KEPT,
    "near_duplicate": KEPT,
    "contained_in_longer_document": KEPT,
    "repeats_removed": REMOVED,
    REPEATS_TOO_LONG: TOO_LONG,
}
# What is said of the license where it decides, and whether there is an expression.
LICENSE_REASONS: dict[str, tuple[LicenseDecision, bool]] = {
    KEPT: ("allow", True),
    "license_not_stated": ("unknown", False),
    "license_not_spdx": ("unknown", False),
    "license_unknown": ("unknown", True),
    "license_conflict": ("unknown", True),
    "license_not_allowed": ("deny", True),
}
UNDETERMINED = "und"

REASON = re.compile("[a-z0-9_]+")
DIGEST = re.compile("[0-9a-f]{64}")
MEDIA_TYPE = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+")  # of what is read


def check_rows(rows: Iterable[LedgerRow], recipe: Recipe, where: str, salt: bytes | None = None) -> None:
    """Check every row, in one pass; memory holds some 200 bytes for each that is kept, and the rows of duplicates.

    salt:    of a private recipe, which names what it removes by it
    Raises:  ClaimFalse naming `where`, the row (from 1), its path and what is wrong.
    """
    sources = frozenset(source.name for source in recipe.sources)
    removed = frozenset(removed.sha256 for removed in recipe.corpus.remove)
    may_drop = recipe.tokens.too_long is not None
    holders: dict[str, str] = {}  # what can stand for others -> its reason
    repeats: list[tuple[int, LedgerRow]] = []
    for number, row in enumerate(rows, start=1):
        if (wrong := _wrong(row, recipe.corpus, sources, named(row.sha256, salt) in removed)) is not None:
            raise _false(where, number, row, wrong)
        if row.reason in (TOO_LONG, REPEATS_TOO_LONG) and not may_drop:
            raise _false(where, number, row, f"reason {row.reason}; the recipe drops nothing for its length")
        if row.reason in HOLDER.values():
            holders[row.document_id] = row.reason
        elif row.duplicate_of is not None:
            repeats.append((number, row))
    for number, row in repeats:
        if holders.get(row.duplicate_of or "") != HOLDER[row.reason]:
            holder = f"document {row.duplicate_of:.12}"
            raise _false(where, number, row, f"duplicate_of: no row that is {HOLDER[row.reason]} is {holder}")


def _false(where: str, number: int, row: LedgerRow, wrong: str) -> ClaimFalse:
    return ClaimFalse(f"{where}: row {number}: {row.path!r:.200}: {wrong}", hint=EDITED)


def _wrong(row: LedgerRow, rules: Corpus, sources: frozenset[str], is_removed: bool) -> str | None:
    if not DIGEST.fullmatch(row.document_id) or not DIGEST.fullmatch(row.sha256):
        return "document_id and sha256: expected 64 hex digits each"
    if row.source not in sources:
        return f"source {row.source!r:.80}: the recipe has none of this name"
    if not REASON.fullmatch(row.reason):
        return f"reason {row.reason!r:.80}: expected a code of small letters, digits and _"
    if row.is_kept != (row.reason == KEPT):
        return f"decision {row.decision} for the reason {row.reason}"
    if (row.duplicate_of is not None) != (row.reason in HOLDER) or not DIGEST.fullmatch(row.duplicate_of or "0" * 64):
        return f"reason {row.reason} with duplicate_of {row.duplicate_of!r:.80}"
    if (wrong := _wrong_count(row, rules) or _wrong_license(row, rules)) is not None:
        return wrong
    return _wrong_kept(row, rules, is_removed) if row.is_kept else None


def _wrong_count(row: LedgerRow, rules: Corpus) -> str | None:
    if row.bytes < 0 or row.pii_masked < 0:
        return f"bytes {row.bytes} and pii_masked {row.pii_masked}: expected 0 or more"
    if row.pii_masked and not rules.mask_pii:
        return f"pii_masked {row.pii_masked}: the recipe masks nothing"
    if row.is_kept and (row.tokens is None or row.tokens < 1):
        return f"tokens {row.tokens}: expected 1 or more where a document is kept"
    if not row.is_kept and row.tokens is not None:
        return f"tokens {row.tokens}: expected none where a document is dropped"
    return None


def _wrong_license(row: LedgerRow, rules: Corpus) -> str | None:
    decision, has_expression = LICENSE_REASONS.get(row.reason, (row.license_decision, row.license is not None))
    if (row.license_decision, row.license is not None) != (decision, has_expression):
        return f"reason {row.reason} with license {row.license!r:.80} and license_decision {row.license_decision}"
    if row.license is None:
        said = (row.license_decision, row.jurisdiction)
        return None if said == ("unknown", None) else f"license None with license_decision and jurisdiction {said}"
    judged = _judged(row.license, rules.allow_licenses, rules.deny_licenses)
    if judged is None:
        return f"license {row.license!r:.80}: expected an SPDX expression"
    decision, jurisdiction = judged
    if row.license_decision == "allow" and decision != "allow":
        return f"license {row.license!r:.80}: license_decision allow; by the policy and the recipe it is {decision}"
    if row.jurisdiction != jurisdiction:
        return f"license {row.license!r:.80}: jurisdiction: expected {jurisdiction}, found {row.jurisdiction!r:.80}"
    return None


@lru_cache(maxsize=10_000)
def _judged(license: str, allow: tuple[str, ...], deny: tuple[str, ...]) -> tuple[LicenseDecision, str | None] | None:
    """The decision on a license and where it holds; None if it is no expression."""
    expression = policy.read(license)
    if expression is None or not license.isprintable():
        return None
    return policy.decision(expression, allow=allow, deny=deny), policy.jurisdiction(expression)


def _wrong_kept(row: LedgerRow, rules: Corpus, is_removed: bool) -> str | None:
    if row.license_evidence is None:
        return "kept, and license_evidence does not say where its license is stated"
    if row.bytes < max(1, rules.min_bytes):
        return f"kept with {row.bytes} bytes; the recipe wants {max(1, rules.min_bytes)} or more"
    if is_removed:
        return "kept, although the recipe removes this text"
    if rules.languages and row.language is None and UNDETERMINED not in rules.languages:
        return f"kept with no language; the recipe wants one of {', '.join(rules.languages)}"
    if not MEDIA_TYPE.fullmatch(row.media_type):
        return f"kept with media_type {row.media_type!r:.80}"
    return None
