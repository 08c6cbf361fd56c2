"""Under which license a model is, by its name, and what that license takes away and asks of those who build on it.

    known_model("meta-llama/Llama-3.1-8B")  -> Known("LicenseRef-llama3.1", is_sure=True)
    known_model("foo/tuned-llama3.1-8b")    -> the same, but not sure: the name was given by somebody else
    terms_of("LicenseRef-llama3.1")         -> Terms(closes=("user_threshold", ...), duties=(Duty("name", "1.b.i", ...), ...))

What is known stands in `model_licenses.toml`, and nowhere else. A name says that a model is restricted whoever uses the
name; it says that one is open only where the owner is the one who made it.
"""

import re
import tomllib
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from typing import Any

from glasswright.licenses.openness import is_open

MAX_NAME_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that a license asks of those who pass on a model made from one."""

    id: str
    section: str  # "" where it was not looked up
    words: re.Pattern[str] | None  # what has to be said
    says: str = ""  # words that do, where there are any to say


@dataclass(frozen=True, slots=True)
class Terms:
    """What a license of models says."""

    license: str
    title: re.Pattern[str]  # what it is called in texts
    tags: re.Pattern[str]  # what hubs call it
    closes: tuple[str, ...]  # clauses, as in `clauses.CLAUSES`
    no_further_terms: str  # the section that forbids to add terms, or ""
    duties: tuple[Duty, ...]
    allows: tuple[str, ...] = ()  # the licenses, beside itself, that what is made from it may be put under

    def goes_with(self, other: "Terms") -> bool:
        """Whether what is under it may be under another as well: it forbids no terms, or the other adds none."""
        return not self.no_further_terms or set(other.closes) <= set(self.closes)


@dataclass(frozen=True, slots=True)
class Known:
    """The license of a model that is known by its name."""

    license: str
    is_sure: bool  # else the name has a family's name in it, and was given by somebody else
    is_by_maker: bool = False  # the owner is the one who made the family


@dataclass(frozen=True, slots=True)
class _Family:
    owner: re.Pattern[str]
    name: re.Pattern[str]
    inside: re.Pattern[str] | None
    license: str
    is_open: bool

    def knows(self, owner: str, name: str) -> Known | None:
        is_by_maker = bool(self.owner.fullmatch(owner))
        if self.name.fullmatch(name) and (not owner or is_by_maker or not self.is_open):
            return Known(self.license, is_sure=True, is_by_maker=is_by_maker)
        if self.inside is not None and self.inside.search(name):
            return Known(self.license, is_sure=False)
        return None


def known_model(name: str) -> Known | None:
    """The license of a model named `owner/name` as on a hub, or `name` alone; None where it is not known."""
    owner, _, own = name[:MAX_NAME_CHARACTERS].strip().rpartition("/")
    found = [known for family in _families() if (known := family.knows(owner, own)) is not None]
    return next((known for known in found if known.is_sure), found[0] if found else None)


def terms_of(license: str) -> Terms | None:
    """The terms of a license by its SPDX identifier, its LicenseRef- name, or the tag that hubs use."""
    label = license.strip()[:MAX_NAME_CHARACTERS]
    bare = label.removeprefix("LicenseRef-")
    for terms, pattern in _licenses():
        if pattern.fullmatch(label) or terms.tags.fullmatch(bare):
            return terms if terms.license.startswith("LicenseRef-") else replace(terms, license=label)
    return None


@lru_cache(maxsize=1)
def data() -> dict[str, Any]:
    """What `model_licenses.toml` says."""
    return tomllib.loads(resources.files(__package__).joinpath("model_licenses.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _licenses() -> tuple[tuple[Terms, re.Pattern[str]], ...]:
    return tuple((_terms(name, said), _name(name, said)) for name, said in data()["licenses"].items())


@lru_cache(maxsize=1)
def _families() -> tuple[_Family, ...]:
    return tuple(
        _Family(
            owner=_pattern(row["by"]),
            name=_pattern(row["name"]),
            inside=_pattern(row["inside"]) if "inside" in row else None,
            license=row["under"],
            is_open=is_open(row["under"], "weights"),
        )
        for row in data()["models"]
    )


def _name(name: str, said: dict[str, Any]) -> re.Pattern[str]:
    return re.compile(name if said.get("is_spdx") else re.escape(name))


def _terms(name: str, said: dict[str, Any]) -> Terms:
    stated = said["duties"] if "duties" in said else data()["licenses"][said["duties_of"]]["duties"]
    says = said.get("says", {})
    duties = tuple(
        Duty(
            duty,
            asked.get("section", ""),
            _pattern(asked["words"]) if "words" in asked else None,
            says.get(duty, ""),
        )
        for duty, asked in stated.items()
    )
    return Terms(
        license=name,
        title=_pattern(said["title"]),
        tags=_pattern(said["tags"]),
        closes=tuple(said["closes"]),
        no_further_terms=said.get("no_further_terms", ""),
        duties=duties,
        allows=tuple(said.get("allows", ())),
    )


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)
