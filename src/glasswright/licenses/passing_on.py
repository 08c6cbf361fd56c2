"""Whether what is made from a work may be under a license, given that of the work, and which would do.

the work         what is made from it           answer
Apache-2.0       anything                       yes: its terms are for what is its own
with terms       Apache-2.0                     no: what is made from it is under these terms too
with terms       Apache-2.0 AND LicenseRef-...  yes: both are passed on
CC-BY-SA-4.0     CC-BY-SA-4.0, GPL-3.0-only     yes: what it allows by name
CC-BY-SA-4.0     CC-BY-SA-4.0 AND with terms    no: it forbids further terms
"""

import re

from glasswright.licenses import policy
from glasswright.licenses.model_licenses import Terms, terms_of
from glasswright.licenses.openness import is_open

VERSIONED = re.compile(r"(?P<name>[A-Z]+)-(?P<version>\d\.\d)(?P<which>-only|-or-later)")


def passes_on(terms: Terms) -> bool:
    """Whether what is made from something under it has to be under it as well."""
    return bool(terms.closes) or any(duty.id == "same_terms" for duty in terms.duties)


def passed_on(license: str) -> str | None:
    """The license that what is made from a work is under if nobody asks for another: its own, where it wants that."""
    terms = terms_of(license)
    return license if terms is not None and passes_on(terms) else None


def goes_with(asked: str, terms: Terms) -> bool:
    """Whether what is made from something under `terms` may be under the license asked for."""
    if not passes_on(terms):
        return True
    expression = policy.read(asked)
    if expression is None:
        return False
    has_it = policy.evaluated(expression, lambda name: _fits(name, terms), _worst_of_or, lambda fits, _: fits)
    return has_it and (not terms.no_further_terms or all(_adds_none(name, terms) for name in _names(asked)))


def what_would(asked: str | None, terms: Terms) -> str:
    """The licenses that would go with it, in words."""
    alone = [terms.license, *(name for name in terms.allows if name != terms.license)]
    if asked is None or terms.no_further_terms:
        return " or ".join(alone)
    joined = f"({asked}) AND {terms.license}" if " OR " in asked else f"{asked} AND {terms.license}"
    return " or ".join([*alone, joined])


def _fits(name: str, terms: Terms) -> bool:
    asked = terms_of(name)
    return name in terms.allows or (
        asked is not None and asked.license in (terms.license, *_later(terms.license, name))
    )


def _later(license: str, asked: str) -> tuple[str, ...]:
    """The name asked for, where the license is one "or later" and this is a later one."""
    own, other = VERSIONED.fullmatch(license), VERSIONED.fullmatch(asked)
    if own is None or other is None or own["which"] != "-or-later":
        return ()
    return (asked,) if own["name"] == other["name"] and own["version"] <= other["version"] else ()


def _adds_none(name: str, terms: Terms) -> bool:
    if _fits(name, terms):
        return True
    other = terms_of(name)
    return terms.goes_with(other) if other is not None else is_open(name, "weights")


def _worst_of_or(fits: bool) -> bool:
    """AND takes the least by this, and one part that fits is enough; OR the most, for whoever gets it may choose."""
    return not fits


def _names(asked: str) -> list[str]:
    return [name for name in re.findall(r"[A-Za-z0-9.+-]+", asked) if name not in ("AND", "OR", "WITH")]
