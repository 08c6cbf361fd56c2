"""A document by what people call it, in a corpus and in a release alike.

id          all of its digits, or the first ones if no other id begins so
path        its path in the source; SOURCE:PATH where two sources have it
"""

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from heapq import nlargest

from glasswright.errors import Misuse
from glasswright.records.ledger import LedgerRow

MIN_DIGITS = 4  # of an id, to be taken for one
MAX_NAMED = 3  # documents in an error
ALIKE = 0.85  # share of a path's letters from which it may be a slip for another
DIGITS = re.compile(f"[0-9a-f]{{{MIN_DIGITS},64}}")
HOW = "give its id, the id's first digits (4 or more), or its path in the source"


def may_be_id(name: str) -> bool:
    """Whether a name may be an id's first digits; only if no id begins so it is taken for a path."""
    return bool(DIGITS.fullmatch(name))


def has_path(row: LedgerRow, name: str) -> bool:
    """Whether a name is the path of a row's document."""
    return name in (row.path, f"{row.source}:{row.path}")


def named(rows: Iterable[LedgerRow], name: str) -> list[LedgerRow]:
    """Of the rows those that a name may mean."""
    rows = list(rows)
    by_id = [row for row in rows if row.document_id.startswith(name)] if may_be_id(name) else []
    return by_id or [row for row in rows if has_path(row, name)]


def the_one(found: Sequence[LedgerRow], name: str, *, where: object, places: Iterable[str]) -> LedgerRow:
    """The row that a name means, of those that it may mean.

    where:   what was searched, for the error
    places:  SOURCE:PATH of every document there, looked at only if none is meant

    Raises:  Misuse if there is none, or more than one.
    """
    if len(found) == 1:
        return found[0]
    if not found:
        meant = "".join(f"\n  {place}" for place in alike(name, places))
        raise Misuse(f"{name}: no such document in {where}", hint=f"did you mean{meant}" if meant else HOW)
    listed = "".join(f"\n  {row.document_id[:16]}  {row.source}:{row.path}" for row in found[:MAX_NAMED])
    more = f"\n  and {len(found) - MAX_NAMED} more" if len(found) > MAX_NAMED else ""
    raise Misuse(f"{name}: {len(found)} documents:{listed}{more}", hint="give more digits, or SOURCE:PATH")


def alike(name: str, places: Iterable[str]) -> list[str]:
    """The places that end with a name, or look most like it."""
    if not name:
        return []
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(name)  # what is learned of it is kept
    scored = ((_likeness(matcher, place, name), place) for place in places)
    best = nlargest(MAX_NAMED, (score for score in scored if score[0] > 0), key=lambda score: score[0])
    return [place for _, place in best]


def _likeness(matcher: "SequenceMatcher[str]", place: str, name: str) -> float:
    """2 for a place that ends with a name, else the share of letters that are equal, 0 where it is too small."""
    if place.endswith("/" + name):
        return 2
    matcher.set_seq1(place.partition(":")[2])
    if min(matcher.real_quick_ratio(), matcher.quick_ratio()) < ALIKE:
        return 0
    ratio = matcher.ratio()
    return ratio if ratio >= ALIKE else 0
