"""Which licenses let a document be learned from: the ids, and what an expression of several comes to.

    allow      the license meets the Open Source Definition or the Open Definition, or the work is in the public domain
    deny       an SPDX license that does not (no commercial use, no derivatives, ...)
    unknown    a license that nobody listed

    A AND B    the worst of the two        A OR B    the better of the two        A WITH exception    as A

A name without version (`LicenseRef-CC-BY`) is allowed where every version of it is. The GNU Free Documentation License
is where it is said that there are no invariant sections; where nothing is said, it is not.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from license_expression import ExpressionError, LicenseWithExceptionSymbol, Licensing, get_spdx_licensing

from glasswright.records.ledger import LicenseDecision

ALLOWED = frozenset(
    """
    0BSD AFL-3.0 AGPL-3.0-only AGPL-3.0-or-later Apache-1.1 Apache-2.0 Artistic-1.0 Artistic-1.0-Perl Artistic-2.0
    BlueOak-1.0.0 BSD-1-Clause BSD-2-Clause BSD-2-Clause-Patent BSD-3-Clause BSL-1.0 CC-BY-1.0 CC-BY-2.0
    CC-BY-2.5 CC-BY-2.5-AU CC-BY-3.0 CC-BY-3.0-AT CC-BY-3.0-AU CC-BY-3.0-DE CC-BY-3.0-IGO CC-BY-3.0-NL CC-BY-3.0-US
    CC-BY-4.0 CC-BY-SA-1.0 CC-BY-SA-2.0 CC-BY-SA-2.0-UK CC-BY-SA-2.1-JP CC-BY-SA-2.5 CC-BY-SA-3.0 CC-BY-SA-3.0-AT
    CC-BY-SA-3.0-DE CC-BY-SA-3.0-IGO CC-BY-SA-4.0 CC-PDDC CC-PDM-1.0 CC0-1.0 CDDL-1.0 CDDL-1.1 CDLA-Permissive-1.0
    CDLA-Permissive-2.0 CDLA-Sharing-1.0 CECILL-2.1 CPL-1.0 ECL-2.0 EPL-1.0 EPL-2.0 EUPL-1.1 EUPL-1.2 FSFAP FSFUL
    FSFULLR FTL GFDL-1.1-no-invariants-only GFDL-1.1-no-invariants-or-later GFDL-1.2-no-invariants-only
    GFDL-1.2-no-invariants-or-later GFDL-1.3-no-invariants-only GFDL-1.3-no-invariants-or-later GPL-1.0-only
    GPL-1.0-or-later GPL-2.0-only GPL-2.0-or-later GPL-3.0-only GPL-3.0-or-later HPND ICU ISC LAL-1.3 LGPL-2.0-only
    LGPL-2.0-or-later LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0-only LGPL-3.0-or-later LPPL-1.3c MIT MIT-0
    MIT-Modern-Variant MPL-1.1 MPL-2.0 MPL-2.0-no-copyleft-exception MS-PL MS-RL MulanPSL-2.0 NCSA NIST-PD
    NIST-PD-fallback ODbL-1.0 ODC-By-1.0 OFL-1.1 OGL-UK-1.0 OGL-UK-2.0 OGL-UK-3.0 OGL-Canada-2.0 OSL-3.0 PDDL-1.0
    PHP-3.01 PostgreSQL PSF-2.0 Python-2.0 Python-2.0.1 QPL-1.0 Ruby TCL UPL-1.0 Unicode-3.0 Unicode-DFS-2016
    Unlicense W3C W3C-19980720 W3C-20150513 WTFPL X11 Zlib ZPL-2.1 zlib-acknowledgement
    LicenseRef-PD LicenseRef-PD-US LicenseRef-CC-BY LicenseRef-CC-BY-SA
    """.split()
)
CLOSED = re.compile(r"-(?:NC|ND)\b|-all-rights-reserved$")
JURISDICTIONS = {"LicenseRef-PD-US": "US"}  # where a license holds, if not everywhere

RANK: dict[LicenseDecision, int] = {"allow": 2, "unknown": 1, "deny": 0}

Expression = Any  # of license_expression, which ships no types; its text is the expression in its standard spelling


def parse(stated: str) -> Expression | None:
    """The expression behind a text, or None if it is no SPDX expression (LicenseRef- names are)."""
    expression = read(stated)
    if expression is None:
        return None
    unknown = _licensing().unknown_license_keys(expression)
    return None if any(not key.startswith("LicenseRef-") for key in unknown) else expression


def read(stated: str) -> Expression | None:
    """The expression behind a text, whether or not this version knows its licenses; None if it is none by its form."""
    try:
        return _licensing().parse(stated)
    except (ExpressionError, AssertionError, IndexError):  # the last two: what the parser makes of "()" and "(AND MIT"
        return None


def decision(expression: Expression, *, allow: Iterable[str] = (), deny: Iterable[str] = ()) -> LicenseDecision:
    """What the policy says of an expression.

    allow, deny:  license ids that a recipe adds to the policy, and takes from it
    """
    return _decide(expression, (ALLOWED | set(allow)) - set(deny))


def jurisdiction(expression: Expression) -> str | None:
    """Where the expression's licenses hold, if not everywhere."""
    keys = [symbol.key for symbol in _licensing().license_symbols(expression, decompose=True)]
    return " AND ".join(sorted({JURISDICTIONS[key] for key in keys if key in JURISDICTIONS})) or None


def _decide(expression: Expression, allowed: frozenset[str]) -> LicenseDecision:
    if isinstance(expression, LicenseWithExceptionSymbol):
        return _decide(expression.license_symbol, allowed)
    operator = getattr(expression, "operator", "").strip()
    if operator in ("AND", "OR"):
        decisions: Iterable[LicenseDecision] = [_decide(part, allowed) for part in expression.args]
        return min(decisions, key=RANK.__getitem__) if operator == "AND" else max(decisions, key=RANK.__getitem__)
    if expression.key in allowed:
        return "allow"
    is_known = not expression.key.startswith("LicenseRef-") or CLOSED.search(expression.key)
    return "deny" if is_known else "unknown"


@cache
def _licensing() -> Licensing:
    return get_spdx_licensing()
