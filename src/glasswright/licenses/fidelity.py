"""Whether a text is a license, word for word, or one that somebody changed or added to.

    WHOLE      the license and nothing else of weight
    WITHIN     the license, within a text that says more, none of it terms
    ADDED      the license, and terms that it does not have
    CHANGED    most of a license, but a right is gone, or words take away what it gives
    PART       some of its words

A right is gone if a shingle that names one is, or if words of a right meet that do not meet in the license: copyright
lines, names and disclaimers may differ, what is granted may not.
"""

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from glasswright.licenses.additions import Addition, additions
from glasswright.licenses.restrictions import restrictions
from glasswright.licenses.texts import (
    RIGHTS,
    SHINGLE_WORDS,
    Sketch,
    Word,
    known_sketches,
    located_words,
    shingles,
)

WHOLE_HELD = 0.9  # of the license's shingles
WHOLE_HELD_SHORT = 0.8  # the same in a text of few words: a name that is told thrice is a tenth of it
SHORT_SHINGLES = 1000
RIGHTS_HELD = (
    0.95  # of those that name a right: a word that is changed takes five with it, a tenth of what a short one has
)
ALONE_COVERED = 0.85  # of the text's shingles
CUT_HELD = 0.15  # of a license that is cut short: less is chance
MOST = 0.5  # of either, for a text to be that license changed
INNER_WORDS = frozenset(  # between the words of a license, these change what they say
    """
    not no non only except excluding unless without never prohibited forbidden restricted limited subject approval
    approved consent noncommercial commercial academic personal research internal fee royalty revocable revoke
    """.split()
)


class Fidelity(Enum):
    """How a text relates to a known license."""

    WHOLE = "whole"
    WITHIN = "within"
    ADDED = "added"
    CHANGED = "changed"
    PART = "part"


@dataclass(frozen=True, slots=True)
class LicenseText:
    """The known licenses in a text, joined by AND where there are several, and how true the text is to them."""

    license: str
    fidelity: Fidelity
    additions: tuple[Addition, ...] = ()  # what the text says beyond them, where it may be terms
    held: float = 1.0  # the share of the license that is there
    covered: float = 1.0  # the share of the text that it accounts for

    @property
    def is_cut(self) -> bool:
        """Whether the text is some of the license, and then ends."""
        return CUT_HELD <= self.held < WHOLE_HELD_SHORT and self.covered >= ALONE_COVERED and not self.additions


@dataclass(frozen=True, slots=True)
class _Held:
    sketch: Sketch
    held: float
    rights: float
    covered: float

    @property
    def is_whole(self) -> bool:
        return self.held >= (WHOLE_HELD_SHORT if len(self.sketch.places) < SHORT_SHINGLES else WHOLE_HELD)

    @property
    def lacks_rights(self) -> bool:
        return self.rights < RIGHTS_HELD

    @property
    def rank(self) -> tuple[float, float, str]:
        return (round(self.held * self.covered, 3), self.rights, self.sketch.license)


@lru_cache(maxsize=256)
def text_license(text: str) -> LicenseText | None:
    """The license that a text is, or was before it was changed; None if it is not like any."""
    words = located_words(text)
    places = shingles([word.text for word in words])
    found = sorted(_held(frozenset(places)), key=lambda held: held.rank, reverse=True)
    if not found:
        return None
    best, name = found[0], found[0].sketch.license
    if not best.is_whole:
        is_most = best.held >= MOST and best.covered >= MOST
        more = additions(text, words, _covered(words, places, [best.sketch])) if is_most else ()
        return LicenseText(name, Fidelity.CHANGED if is_most else Fidelity.PART, more, best.held, best.covered)
    whole = _distinct([held for held in found if held.is_whole])
    sketches = [held.sketch for held in whole]
    share = sum(held.covered for held in whole)
    covered = _covered(words, places, sketches)
    more = additions(text, words, covered)
    if (
        any(held.lacks_rights for held in whole)
        or _takes(text, sketches)
        or _is_broken(words, covered)
        or _is_spliced(words, places, covered, sketches)
    ):
        return LicenseText(name, Fidelity.CHANGED if share >= MOST else Fidelity.PART, more, best.held, share)
    joined = " AND ".join(held.sketch.license for held in whole)
    if more:
        return LicenseText(joined, Fidelity.ADDED, more, covered=share)
    return LicenseText(joined, Fidelity.WHOLE if share >= ALONE_COVERED else Fidelity.WITHIN, covered=share)


def taken_beyond(text: str, license: str) -> list[str]:
    """What words of a text take away that those of the license do not, if its words are known."""
    known = [sketch for sketch in known_sketches() if sketch.license == license]
    return sorted(_beyond(text, known))


def _held(places: frozenset[int]) -> list[_Held]:
    """How much of each license stands in a text."""
    common = ((sketch, len(places.intersection(sketch.places))) for sketch in known_sketches())
    return [
        _Held(
            sketch=sketch,
            held=_share_held(sketch, num, places),
            rights=len(places.intersection(sketch.rights)) / max(1, sketch.num_rights),
            covered=num / len(places),
        )
        for sketch, num in common
        if num
    ]


def _share_held(sketch: Sketch, num_common: int, places: frozenset[int]) -> float:
    """The share of a license that stands in a text, what is appended to its terms aside."""
    return (num_common - len(places.intersection(sketch.appended))) / sketch.num_terms


def _distinct(whole: list[_Held]) -> list[_Held]:
    """The licenses that are there by themselves, and not as a part of one that ranks before."""
    result: list[_Held] = []
    for held in whole:
        own = held.sketch.hashes
        if all(len(own - other.sketch.hashes) > MOST * len(own) for other in result):
            result.append(held)
    return result


def _takes(text: str, whole: list[Sketch]) -> bool:
    """Whether words of the text take away what none of its licenses takes."""
    return bool(_beyond(text, whole))


def _beyond(text: str, whole: list[Sketch]) -> Counter[str]:
    own = Counter(name for sketch in whole for name in sketch.takes)
    return Counter(name for _, name in restrictions(text)) - own


def _is_broken(words: list[Word], covered: list[bool]) -> bool:
    """Whether words that turn a sentence around stand between the words of a license."""
    first, last = covered.index(True), len(words) - covered[::-1].index(True)
    return any(not covered[i] and words[i].text in INNER_WORDS for i in range(first, last))


def _is_spliced(words: list[Word], places: list[int], covered: list[bool], whole: list[Sketch]) -> bool:
    """Whether words of a right meet that do not meet in the license: something between them is gone."""
    known = frozenset().union(*(sketch.hashes for sketch in whole))
    return any(
        place not in known
        and all(covered[start : start + SHINGLE_WORDS])
        and any(word.text in RIGHTS for word in words[start : start + SHINGLE_WORDS])
        for start, place in enumerate(places)
    )


def _covered(words: list[Word], places: list[int], whole: list[Sketch]) -> list[bool]:
    """Of each word whether it is one of the licenses'."""
    known = frozenset().union(*(sketch.hashes for sketch in whole))
    covered = [False] * len(words)
    for start, place in enumerate(places):
        if place in known:
            covered[start : start + SHINGLE_WORDS] = [True] * SHINGLE_WORDS
    return covered
