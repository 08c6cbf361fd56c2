"""Find a source on this machine and get it ready to be read: one way for each kind."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from glasswright.corpus.found import Opened
from glasswright.corpus.sources import debian, folder, git, hub, python_docs, table, talks, warc
from glasswright.errors import Misuse
from glasswright.records.recipe import Source
from glasswright.records.sources import KINDS, SourceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a source lies on this machine."""

    root: Path  # of a kind that needs a path: the file or folder, which is there
    location: Path | None  # what was given in place of what the recipe says
    mirror: Path | None
    holder: ExitStack


def open_source(source: Source, *, base: Path, location: Path | None, mirror: Path | None, holder: ExitStack) -> Opened:
    """The documents of one source of a recipe.

    base:      the recipe's folder, where relative paths start
    location:  where the source lies on this machine, if not where the recipe says
    mirror:    a folder OWNER/NAME/... that holds copies of git repositories
    holder:    keeps what must live while the documents are read (what was fetched)
    """
    root = location if location is not None else base / (source.path or "")
    if KINDS[source.kind].needs == "path" and not root.exists():
        raise Misuse(
            f"source {source.name}: {root} does not exist",
            hint=f"put it there, or say where it lies: --source {source.name}=PATH",
        )
    return OPEN[source.kind](source, Place(root=root, location=location, mirror=mirror, holder=holder))


def _python_docs(source: Source, place: Place) -> Opened:
    if place.location is not None:
        raise Misuse(
            f"source {source.name}: the documentation of Python comes with Python and lies nowhere else",
            hint=f"leave out --source {source.name}=...",
        )
    return python_docs.open_docs()


def _folder(source: Source, place: Place) -> Opened:
    if not place.root.is_dir():
        raise Misuse(f"source {source.name}: {place.root} is no folder", hint="a source of kind folder is one")
    return folder.open_folder(place.root, uri=_uri(source), include=source.include)


def _documents(source: Source, place: Place) -> Opened:
    return folder.open_documents(place.root, uri=_uri(source), include=source.include)


def _tables(source: Source, place: Place) -> Opened:
    return table.open_tables(
        place.root,
        kind=source.kind,
        uri=_uri(source),
        include=source.include,
        column=source.text or table.TEXT,
    )


def _talks(source: Source, place: Place) -> Opened:
    return talks.open_talks(place.root, kind=source.kind, uri=_uri(source), include=source.include)


def _uri(source: Source) -> str:
    assert source.path is not None
    return source.path


OPEN: Mapping[SourceKind, Callable[[Source, Place], Opened]] = {
    "python-docs": _python_docs,
    "folder": _folder,
    "documents": _documents,
    "jsonl": _tables,
    "parquet": _tables,
    "warc": lambda source, place: warc.open_warc(place.root, uri=_uri(source), include=source.include),
    "debian": lambda source, place: debian.open_debian(place.root, uri=_uri(source), include=source.include),
    "git": lambda source, place: git.open_git(
        source, location=place.location, mirror=place.mirror, holder=place.holder
    ),
    "hf": lambda source, place: hub.open_hub(source, location=place.location),
    "conversations": _talks,
    "preferences": _talks,
}
