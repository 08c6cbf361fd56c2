"""The folder of a parent: under which licenses the model in it is, and the texts that go with it.

The licenses are all that somebody states: the recipe, the folder's own files as an audit reads them (its parents'
among them), and the name, where a family is known by it. Of two that differ, both hold.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from glasswright import foreign
from glasswright.audit.facts import gather
from glasswright.audit.record import Facts
from glasswright.audit.subject import Subject, load_parent
from glasswright.errors import Misuse
from glasswright.licenses import policy
from glasswright.licenses.model_licenses import known_model, terms_of
from glasswright.records.duties import PARENT_TEXTS
from glasswright.records.recipe import Parent

MAX_TEXTS = 32
MAX_TEXT_BYTES = 2_000_000
CARRIED = re.compile(
    r"(?i)(?:[^/]*licen[sc]e[^/]*|copying[^/]*|copyright[^/]*|notices?|[^/]*us(?:e|age)[-_ ]polic(?:y|ies)|terms[^/]*"
    r"|acceptable[-_ ]use[^/]*|prohibited[-_ ]uses?[^/]*)(?:\.(?:md|txt|rst))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentRead:
    """What a parent's folder says."""

    licenses: tuple[str, ...]
    doubt: str  # why there may be others, or ""
    facts: Facts
    texts: Mapping[str, bytes]  # by path below the folder

    def written(self) -> Iterator[tuple[str, str]]:
        """The texts, as text, by path."""
        yield from ((path, data.decode("utf-8", "replace")) for path, data in self.texts.items())


def read_parent(parent: Parent, folder: Path) -> ParentRead:
    """Read the folder that a recipe's parent lies in.

    Raises:  Misuse if there is no such folder, or a text in it cannot be carried; Unknown if nothing in it is read.
    """
    subject = load_parent(folder, parent.name)
    facts = gather(subject)
    known = known_model(parent.name)
    doubt = f"its name speaks of {known.license}" if known is not None and not known.is_sure else ""
    named = [known.license] if known is not None and known.is_sure else []
    stated = facts["license.weights"]
    said = f"{stated.value or ''}".split(" / ") if stated.status != "refuted" else []
    if stated.value is None or stated.status == "unknown":
        doubt = doubt or stated.note
    return ParentRead(
        licenses=tuple(dict.fromkeys(map(_own_name, _parts([parent.license, *said, *named])))),
        doubt=doubt,
        facts=facts,
        texts=dict(_texts(subject, folder)),
    )


def _parts(expressions: Iterable[str]) -> Iterator[str]:
    for stated in expressions:
        expression = policy.read(stated) if stated else None
        yield from policy.parts(expression, _burden) if expression is not None else filter(None, [stated])


def _own_name(license: str) -> str:
    """What a license is called here, where it is called otherwise in its own title."""
    terms = terms_of(license)
    return terms.license if terms is not None and terms.duties else license


def _burden(names: tuple[str, ...]) -> tuple[int, int]:
    """How much some licenses take away, and ask for: of what one may choose from, the least is chosen."""
    terms = [terms_of(name) for name in names]
    return sum(len(it.closes) if it else 0 for it in terms), sum(len(it.duties) if it else 1 for it in terms)


def _texts(subject: Subject, folder: Path) -> Iterator[tuple[str, bytes]]:
    """License texts, notices and policies at the top, and those that a release carries of its own parent."""
    paths = [entry.path for snapshot in subject.snapshots for entry in snapshot.entries if _is_carried(entry.path)]
    if len(paths) > MAX_TEXTS:
        raise Misuse(
            f"parent: {len(paths)} license texts and notices lie in {folder}, where at most {MAX_TEXTS} are carried",
            hint="give a folder that holds the model alone",
        )
    for path in sorted(paths):
        try:
            yield path, foreign.read(path, max_bytes=MAX_TEXT_BYTES, below=folder)
        except foreign.NotRead as error:
            raise Misuse(
                f"parent: {path} goes with what is made from it, and cannot be read: {error.why}", hint=error.hint
            ) from error


def _is_carried(path: str) -> bool:
    return path.startswith(PARENT_TEXTS) or ("/" not in path and CARRIED.fullmatch(path) is not None)
