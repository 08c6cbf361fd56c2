"""One license of a parent, and what there is to answer by what it asks."""

from dataclasses import dataclass

from glasswright.duties.reading import ParentRead
from glasswright.licenses import CLAUSES, is_open
from glasswright.licenses.duties import KINDS, Passage, find_duty
from glasswright.licenses.fidelity import Fidelity, text_license
from glasswright.licenses.model_licenses import Duty, Terms, terms_of
from glasswright.records.duties import PARENT_TEXTS, DutyAnswer, Inherited
from glasswright.records.recipe import Recipe

LICENSE_CHARACTERS = 400  # a license text is longer than a word about it
MEANS = {rule.id: rule.means for rule in CLAUSES} | {name: kind.means for name, kind in KINDS.items()}
OF_OPEN = (Duty("license_copy", "", None), Duty("attribution", "", None))  # what an open license asks at least


@dataclass(frozen=True, slots=True)
class Case:
    """One license, beside the recipe and the parent's folder."""

    recipe: Recipe
    license: str
    terms: Terms | None  # None: nobody here knows what it asks
    closes: tuple[str, ...]  # what it is known to take away
    read: ParentRead
    text: tuple[str, str] | None  # path and words of its text, where that is at hand

    @property
    def duties(self) -> tuple[Duty, ...]:
        """What it is known to ask."""
        return self.terms.duties if self.terms is not None else OF_OPEN if self.is_open else ()

    @property
    def is_open(self) -> bool:
        """Whether it is on the list of open licenses."""
        return is_open(self.license, "weights")

    def inherited(self, kind: str, answer: DutyAnswer, told: str, section: str = "") -> Inherited:
        """A duty, with the words of the license for it."""
        found = find_duty(self.text[1], kind, section) if self.text is not None else None
        return self.quoted(kind, answer, told, found, section)

    def quoted(self, kind: str, answer: DutyAnswer, told: str, found: Passage | None, section: str = "") -> Inherited:
        """A duty or a limit with these words, if any."""
        place = f"{PARENT_TEXTS}{self.text[0]}:{found.lines[0]}" if self.text is not None and found is not None else ""
        return Inherited(
            id=kind,
            license=self.license,
            means=MEANS[kind],
            answer=answer,
            told=told,
            section=section or (found.section if found is not None else ""),
            quote=found.quote if found is not None else "",
            place=place,
        )


def case_of(recipe: Recipe, license: str, read: ParentRead) -> Case:
    """A license with its text, if that is among those of the parent."""
    found = terms_of(license)
    # Without duties, and closed, it is known by a word in its name alone.
    terms = found if found is not None and (found.duties or not found.closes) else None
    texts = [it for it in read.written() if len(it[1]) >= LICENSE_CHARACTERS]
    text = next((it for it in texts if _is_text_of(it[1], license, terms)), None)
    if text is None and terms is None and len(texts) == 1 and not is_open(license, "weights"):
        text = texts[0]
    return Case(recipe, license, terms, found.closes if found is not None else (), read, text)


def _is_text_of(text: str, license: str, terms: Terms | None) -> bool:
    """Whether a text is that of a license: by its words, where these are known, or else by its title."""
    known = text_license(text)
    if known is not None and known.fidelity is not Fidelity.PART and known.license.split(" ")[0] == license:
        return True
    return terms is not None and terms.title.search(" ".join(text.split())) is not None
