"""May a document under this license be learned from? What licenses/policy.py says, and the reason code if it may not.

Unknown is never allowed: nothing is stated, what is stated is no SPDX expression, statements conflict, or it names a
license nobody listed.
"""

from dataclasses import dataclass
from functools import cache

from glasswright.licenses import policy
from glasswright.records.ledger import LicenseDecision


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A license, whether it lets us in, and the reason code if it does not."""

    license: str | None  # SPDX expression in its standard spelling
    decision: LicenseDecision
    jurisdiction: str | None
    reason: str | None  # None where allowed


@cache
def judge(
    stated: str | None,
    *,
    is_conflict: bool = False,
    allow: tuple[str, ...] = (),
    deny: tuple[str, ...] = (),
) -> Judgement:
    """What the policy says of a license as it is stated, or where statements conflict.

    allow, deny:  license ids that the recipe adds to the policy, and takes from it
    """
    if stated is None or not stated.strip():
        return Judgement(license=None, decision="unknown", jurisdiction=None, reason="license_not_stated")
    expression = policy.parse(stated)
    if expression is None:
        return Judgement(license=None, decision="unknown", jurisdiction=None, reason="license_not_spdx")
    decision = "unknown" if is_conflict else policy.decision(expression, allow=allow, deny=deny)
    reasons: dict[LicenseDecision, str | None] = {
        "allow": None,
        "deny": "license_not_allowed",
        "unknown": "license_unknown",
    }
    return Judgement(
        license=str(expression),
        decision=decision,
        jurisdiction=policy.jurisdiction(expression),
        reason="license_conflict" if is_conflict else reasons[decision],
    )
