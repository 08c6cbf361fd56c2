"""What files are evidence of: by what they do, where their text is at hand; else by their names.

A name proves that something is there, not what is in it. So a file of code that can be read must hold a word of its
role, and one that is too small to do anything is none; a file whose text shows the role has it under any name. Paths
in tests and in vendored folders are left out before the rules are asked.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from glasswright.audit.record import Evidence, shorten
from glasswright.audit.rules import file_of
from glasswright.audit.subject import ASIDE, Entry, Snapshot
from glasswright.foreign import NotRead, opened
from glasswright.licenses.any_case import AnyCase

MAX_EVIDENCE = 5
MIN_CODE_BYTES = 40  # less does nothing
MAX_CODE_BYTES = 65_536  # read of a file, from its beginning
MAX_CODE_FILES = 2_000  # read of a snapshot, the least deep first; the rest is judged by name
MAX_TOTAL_BYTES = 24_000_000
TEST_FILE = re.compile(r"(^|/)(test_[^/]*|[^/]*_test\.\w+|conftest\.py)$|(^|/)\w*test_fixtures/", re.IGNORECASE)
SOURCE = re.compile(r"\.(py|ipynb|sh|rs|go|cc|cpp|cu|jl|java|scala|gin|jsonnet)$", re.IGNORECASE)
READ_FOR_ITS_ROLE = re.compile(r"\.(py|ipynb|sh|bash|slurm|sbatch|gin|ya?ml|toml|mk)$|(^|/)Makefile$", re.IGNORECASE)
KINDS = ("code", "model", "dataset", "release")


@dataclass(frozen=True, slots=True)
class Role:
    """Files that are evidence of a component."""

    component: str
    kinds: tuple[str, ...]
    paths: AnyCase
    unless_path: AnyCase | None
    does: re.Pattern[str] | None
    speaks: AnyCase | None
    reads: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    examples: dict[str, list[tuple[str, str | None]]]

    @property
    def is_of_code(self) -> bool:
        """Whether the text of a file has a say."""
        return self.speaks is not None

    def place(self, path: str, text: str | None) -> re.Match[str] | bool:
        """Where a file shows the role; True where its name alone does; False where neither."""
        if text is None or not self.is_of_code:
            return bool(self.paths.search(path)) and not self._is_aside(path)
        if self._is_aside(path):
            return False
        if len(text.strip()) < MIN_CODE_BYTES or (self.unless and self.unless.search(text)):
            return False
        if self.does and (not self.reads or self.reads.search(path)) and (match := self.does.search(text)):
            return match
        return bool(self.paths.search(path)) and bool(self.speaks and self.speaks.search(text))

    def _is_aside(self, path: str) -> bool:
        return bool(self.unless_path and self.unless_path.search(path))


@dataclass(frozen=True, slots=True)
class Found:
    """Evidence of a component in a listing."""

    component: str
    evidence: tuple[Evidence, ...]
    num_files: int
    snapshot: str


@lru_cache
def roles() -> tuple[Role, ...]:
    """All of them, from the rules' files."""
    return tuple(_role(entry) for story in ("code", "files") for entry in file_of(story)["roles"])


@lru_cache(maxsize=64)
def search_listing(snapshot: Snapshot) -> tuple[Found, ...]:
    """Every role against every file of a snapshot, in one pass."""
    entries = [e for e in snapshot.entries if not ASIDE.search(e.path) and not TEST_FILE.search(e.path)]
    entries.sort(key=lambda entry: (entry.path.count("/"), entry.path))
    wanted = [role for role in roles() if snapshot.kind in role.kinds]
    places: dict[str, list[tuple[Entry, str, re.Match[str] | bool]]] = {role.component: [] for role in wanted}
    texts = _texts(snapshot, entries)
    for entry in entries:
        text = texts.get(entry.path, _nothing(entry))
        for role in wanted:
            shown = len(places[role.component]) < MAX_EVIDENCE  # what is not shown counts by its name
            if place := role.place(entry.path, text if shown else _nothing(entry)):
                places[role.component].append((entry, text or "", place))
    return tuple(_found(snapshot, component, hits) for component, hits in places.items() if hits)


def _found(snapshot: Snapshot, component: str, hits: list[tuple[Entry, str, re.Match[str] | bool]]) -> Found:
    shown = tuple(_evidence(snapshot, component, *hit) for hit in hits[:MAX_EVIDENCE])
    return Found(component, shown, len(hits), snapshot.name)


def _nothing(entry: Entry) -> str | None:
    """The text of a file that is known by its size alone: nothing, where it is too small to be anything."""
    return "" if entry.size_bytes is not None and entry.size_bytes < MIN_CODE_BYTES else None


def _texts(snapshot: Snapshot, entries: Iterable[Entry]) -> dict[str, str]:
    """The texts of code and of settings that are at hand, each from its beginning."""
    if snapshot.root is None:
        return {}
    texts: dict[str, str] = {}
    left = MAX_TOTAL_BYTES
    for entry in entries:
        if len(texts) >= MAX_CODE_FILES or left <= 0:
            break
        if not READ_FOR_ITS_ROLE.search(entry.path):
            continue
        try:
            with opened(entry.path, below=snapshot.root) as file:
                data = file.read(MAX_CODE_BYTES)
            texts[entry.path] = data.decode("utf-8", errors="replace")
            left -= len(data)
        except NotRead:  # listed, and not at hand
            continue
    return texts


def _evidence(snapshot: Snapshot, component: str, entry: Entry, text: str, place: re.Match[str] | bool) -> Evidence:
    rule = f"file.{component}"
    if place is True or not isinstance(place, re.Match) or not place.group():
        return listing_evidence(snapshot, entry, rule)
    first = text.count("\n", 0, place.start()) + 1
    last = first + place.group().rstrip("\n").count("\n")
    return Evidence(file=f"{snapshot.name}/{entry.path}", lines=(first, last), quote=shorten(place.group()), rule=rule)


def listing_evidence(snapshot: Snapshot, entry: Entry, rule: str) -> Evidence:
    """A file being there, as evidence: the line of the listing, or the file itself."""
    if entry.line is None:
        return Evidence(file=f"{snapshot.name}/{entry.path}", lines=None, quote=entry.path, rule=rule)
    return Evidence(file=snapshot.listing_file(), lines=(entry.line, entry.line), quote=entry.path, rule=rule)


def first_source_file(snapshot: Snapshot) -> Entry | None:
    """A file of source code, the first in order; None if the snapshot holds none."""
    return next((e for e in snapshot.entries if SOURCE.search(e.path) and not ASIDE.search(e.path)), None)


def _role(entry: dict[str, Any]) -> Role:
    return Role(
        component=entry["component"],
        kinds=tuple(entry.get("kinds", KINDS)),
        paths=AnyCase("|".join(entry["paths"])),
        unless_path=_any_case(entry.get("unless_path")),
        does=_pattern(entry.get("does"), re.MULTILINE),
        speaks=_any_case(entry.get("speaks")),
        reads=re.compile(entry["reads"], re.IGNORECASE) if "reads" in entry else None,
        unless=_pattern(entry.get("unless")),
        examples={kind: [_example(*of_one) for of_one in entry["examples"][kind]] for kind in ("match", "not")},
    )


def _example(path: str, text: str | None = None) -> tuple[str, str | None]:
    """A file, and its text where that is to be at hand."""
    return path, text


def _any_case(patterns: list[str] | None) -> AnyCase | None:
    return AnyCase("|".join(patterns)) if patterns else None


def _pattern(patterns: list[str] | None, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str] | None:
    return re.compile("|".join(patterns), flags) if patterns else None
