"""Which licenses are open, and what an expression of several comes to: the one policy, for documents and for models.

    allow      open.toml lists the license: it is open, and that says by whom
    deny       an SPDX license that it does not list (no commercial use, no derivatives, ...)
    unknown    a license that nobody listed, or one with an exception or an addition that nobody listed

    A AND B    the worst of the two        A OR B    the better of the two        A WITH exception    as A

A name without version (`LicenseRef-CC-BY`) is allowed where every version of it is. The GNU Free Documentation License
is where it is said that there are no invariant sections; where nothing is said, it is not.
"""

import re
import tomllib
from collections.abc import Callable, Iterable
from functools import cache
from importlib import resources
from typing import Any, TypeVar

from license_expression import (
    ExpressionError,
    LicenseSymbol,
    LicenseWithExceptionSymbol,
    Licensing,
    get_spdx_licensing,
)

from glasswright.records.ledger import LicenseDecision

CLOSED = re.compile(r"-(?:NC|ND)\b|-all-rights-reserved$")
JURISDICTIONS = {"LicenseRef-PD-US": "US"}  # where a license holds, if not everywhere
BEYOND_SPDX = ("OpenMDW-1.0", "OpenMDW-1.1")  # open by open.toml, and not yet of the SPDX list

RANK: dict[LicenseDecision, int] = {"allow": 2, "unknown": 1, "deny": 0}

Expression = Any  # of license_expression, which ships no types; its text is the expression in its standard spelling
Judged = TypeVar("Judged")


@cache
def open_licenses() -> dict[str, str]:
    """Every open license, and by which list it is."""
    lists = tomllib.loads(resources.files(__package__).joinpath("open.toml").read_text())
    return {license: group["said"] for group in lists.values() for license in group["licenses"]}


def parse(stated: str) -> Expression | None:
    """The expression behind a text, or None if it is no SPDX expression (LicenseRef- names are)."""
    expression = read(stated)
    if expression is None:
        return None
    return None if any(not key.startswith("LicenseRef-") for key in unknown_names(expression)) else expression


def read(stated: str) -> Expression | None:
    """The expression behind a text, whether or not this version knows its licenses; None if it is none by its form."""
    try:
        return _licensing().parse(stated)
    except (ExpressionError, AssertionError, IndexError, RecursionError):  # the parser's own, of "()" and "(AND MIT"
        return None


def unknown_names(expression: Expression) -> list[str]:
    """The names in an expression that SPDX does not know, LicenseRef- names among them."""
    return list(_licensing().unknown_license_keys(expression))


def decision(expression: Expression, *, allow: Iterable[str] = (), deny: Iterable[str] = ()) -> LicenseDecision:
    """What the policy says of an expression.

    allow, deny:  license ids that a recipe adds to the policy, and takes from it
    """
    allowed = (set(open_licenses()) | set(allow)) - set(deny)
    return evaluated(expression, lambda name: _decide(name, allowed), RANK.__getitem__, _with_exception)


def evaluated(
    expression: Expression,
    judge: Callable[[str], Judged],
    rank: Callable[[Judged], Any],
    with_exception: Callable[[Judged, str], Judged],
) -> Judged:
    """What judgements of single licenses come to: the worst of AND, the best of OR.

    with_exception:  what a judgement becomes with the exception of that name
    """
    if isinstance(expression, LicenseWithExceptionSymbol):
        return with_exception(judge(expression.license_symbol.key), expression.exception_symbol.key)
    operator = getattr(expression, "operator", "").strip()
    if operator in ("AND", "OR"):
        judged = [evaluated(part, judge, rank, with_exception) for part in expression.args]
        return min(judged, key=rank) if operator == "AND" else max(judged, key=rank)
    return judge(expression.key)


def parts(expression: Expression, burden: Callable[[tuple[str, ...]], Any]) -> tuple[str, ...]:
    """The licenses that hold together: all that AND joins, and of what OR leaves to choose from the least burden."""
    if isinstance(expression, LicenseWithExceptionSymbol):
        return (expression.license_symbol.key,)
    operator = getattr(expression, "operator", "").strip()
    if operator == "AND":
        return tuple(dict.fromkeys(name for part in expression.args for name in parts(part, burden)))
    if operator == "OR":
        return min((parts(part, burden) for part in expression.args), key=burden)
    return (expression.key,)


def jurisdiction(expression: Expression) -> str | None:
    """Where the expression's licenses hold, if not everywhere."""
    keys = [symbol.key for symbol in _licensing().license_symbols(expression, decompose=True)]
    return " AND ".join(sorted({JURISDICTIONS[key] for key in keys if key in JURISDICTIONS})) or None


def gives_more(exception: str) -> bool:
    """Whether an exception is one of SPDX's, which ask for less; any other may ask for more."""
    return not exception.startswith("LicenseRef-")


def _with_exception(decided: LicenseDecision, exception: str) -> LicenseDecision:
    return decided if gives_more(exception) else min(decided, "unknown", key=RANK.__getitem__)


def _decide(name: str, allowed: set[str]) -> LicenseDecision:
    if name in allowed:
        return "allow"
    is_known = not name.startswith("LicenseRef-") or CLOSED.search(name)
    return "deny" if is_known else "unknown"


@cache
def _licensing() -> Licensing:
    known = get_spdx_licensing().known_symbols
    return Licensing([*known.values(), *(LicenseSymbol(name) for name in BEYOND_SPDX if name not in known)])
