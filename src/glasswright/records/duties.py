"""What a model made from another inherits: what the license of its parent asks, and how each of it is answered.

met       by the release itself: a text that it carries, a line that it shows
to do     by whoever passes it on, or before that
unknown   the license, or its words for it, could not be found out
refused   it goes with nothing that the recipe could ask for but something else
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

DutyAnswer = Literal["met", "to do", "unknown", "refused"]
PARENT_TEXTS = "parent/"  # where a release has the texts that its parent's license asks to carry


@dataclass(frozen=True, slots=True, kw_only=True)
class Inherited:
    """One thing that a parent's license asks for, or takes away."""

    id: str  # a kind of `licenses.duties` or a clause of `licenses.clauses`; or license, conflict
    license: str
    means: str
    answer: DutyAnswer
    told: str  # how it is met, or what to do
    section: str = ""
    quote: str = ""  # the license's own words, where its text is at hand
    place: str = ""  # file and lines of these


@dataclass(frozen=True, slots=True, kw_only=True)
class Inheritance:
    """All that comes with a parent."""

    parent: str
    licenses: tuple[str, ...]  # SPDX or LicenseRef- names
    duties: tuple[Inherited, ...]
    shown: tuple[str, ...] = ()  # lines that a card has to show
    texts: Mapping[str, bytes] = field(default_factory=dict)  # what goes into parent/, by path below it

    def answered(self, answer: DutyAnswer) -> tuple[Inherited, ...]:
        """Those with one answer."""
        return tuple(duty for duty in self.duties if duty.answer == answer)
