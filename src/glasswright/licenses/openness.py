"""Whether a license is open, by which list, and for which kind of work it was made.

A license is open if `open.toml` lists it, and by the list that stands there: the Open Source Initiative approved it, or
the Free Software Foundation calls it free, or it is on the Model Openness Framework's list of open-data licenses, or it
is OpenMDW. An open license made for another kind of work (a software license on a text) is open and passes with a
warning.
"""

import re
from dataclasses import dataclass
from typing import Literal

from glasswright.licenses import policy
from glasswright.licenses.names import normalize_expression

Kind = Literal["code", "data", "document", "weights"]

FOR_DATA_OR_TEXT = re.compile(r"(?:LicenseRef-)?(?:CC|CDLA|ODC|ODbL|PDDL|OGL|GFDL|PD)")
FOR_ANYTHING = re.compile(r"OpenMDW-")


@dataclass(frozen=True, slots=True)
class Openness:
    """Whether a license is open: by which list, and whether it was made for this kind of work."""

    is_open: bool
    by: str | None = None
    fits_kind: bool = True


def openness(expression: str | None, kind: Kind) -> Openness:
    """Judge a license expression. AND needs every part open, OR needs one; no expression is not open."""
    stated = policy.parse(normalize_expression(expression) or expression or "")
    if stated is None:
        return Openness(False)
    return policy.evaluated(stated, lambda name: _single(name, kind), _rank, _with_exception)


def is_open(expression: str | None, kind: Kind) -> bool:
    """True if the license expression is open; an unknown license is not."""
    return openness(expression, kind).is_open


def _rank(found: Openness) -> tuple[bool, bool]:
    return (found.is_open, found.fits_kind)


def _with_exception(found: Openness, exception: str) -> Openness:
    return found if policy.gives_more(exception) else Openness(False)


def _single(name: str, kind: Kind) -> Openness:
    by = policy.open_licenses().get(name)
    if by is None:
        return Openness(False)
    made_for_text = bool(FOR_DATA_OR_TEXT.match(name))
    fits = kind == "weights" or made_for_text != (kind == "code") or bool(FOR_ANYTHING.match(name))
    return Openness(True, by, fits)
