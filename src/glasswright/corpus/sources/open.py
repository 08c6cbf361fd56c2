"""Find a source on this machine and get it ready to be read."""

from contextlib import ExitStack
from pathlib import Path

from glasswright.corpus.found import Opened
from glasswright.corpus.sources import debian, folder, git, hub, python_docs, table, warc
from glasswright.errors import Misuse
from glasswright.records.recipe import Source


def open_source(source: Source, *, base: Path, location: Path | None, mirror: Path | None, holder: ExitStack) -> Opened:
    """The documents of one source of a recipe.

    base:      the recipe's folder, where relative paths start
    location:  where the source lies on this machine, if not where the recipe says
    mirror:    a folder OWNER/NAME/... that holds copies of git repositories
    holder:    keeps what must live while the documents are read (a checkout)
    """
    if source.kind == "python-docs":
        if location is not None:
            raise Misuse(
                f"source {source.name}: the documentation of Python comes with Python and lies nowhere else",
                hint=f"leave out --source {source.name}=...",
            )
        return python_docs.open_docs()
    if source.kind == "git":
        return git.open_git(source, location=location, mirror=mirror, holder=holder)
    if source.kind == "hf":
        return hub.open_hub(source, location=location)
    assert source.path is not None
    root = location if location is not None else base / source.path
    if not root.exists():
        raise Misuse(
            f"source {source.name}: {root} does not exist",
            hint=f"put it there, or say where it lies: --source {source.name}=PATH",
        )
    if source.kind == "folder":
        if not root.is_dir():
            raise Misuse(f"source {source.name}: {root} is a file", hint="a source of kind folder is a folder")
        return folder.open_folder(root, uri=source.path, include=source.include)
    if source.kind == "debian":
        return debian.open_debian(root, uri=source.path, include=source.include)
    if source.kind == "warc":
        return warc.open_warc(root, uri=source.path, include=source.include)
    column = source.text or table.TEXT
    return table.open_tables(root, kind=source.kind, uri=source.path, include=source.include, column=column)
