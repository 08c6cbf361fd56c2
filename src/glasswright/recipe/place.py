"""A source named in a word, as on a command line: a folder, a file, or hf:ORG/NAME@COMMIT."""

import re
from pathlib import Path

from glasswright.errors import Misuse
from glasswright.records.recipe import HubOrigin, Source
from glasswright.records.sources import DOCUMENT_SUFFIXES, FILE_SUFFIXES, Material, is_document, kind_of_file

HUB = "hf:"
SUFFIXES = sorted({*FILE_SUFFIXES, *DOCUMENT_SUFFIXES})
EXPECTED = f"expected a folder, hf:ORG/NAME@COMMIT, or a file with a name that ends in {', '.join(SUFFIXES)}"


def named_source(said: str, *, license: str | None, name: str | None = None) -> tuple[Source, Path | None]:
    """The source that a word names, and where it lies on this machine; None: it is fetched.

    It is called by the last name of its place alone, so that nothing depends on where it lies.

    license:  holds for documents that state none
    name:     of the source, if not after its place

    Raises:  Misuse if nothing is there, or it is of no kind that is read.
    """
    if said.startswith(HUB):
        origin = _dataset(said)
        return Source(name=name or _slug(origin.dataset), kind="hf", hf=origin, license=license), None
    place = Path(said)
    if not place.exists():
        raise Misuse(f"{said}: no such file or folder", hint=EXPECTED)
    kind = "documents" if place.is_dir() or is_document(place.name) else kind_of_file(place.name)
    if kind is None:
        raise Misuse(f"{said}: files of its kind are not read", hint=EXPECTED)
    called = place.resolve().name
    return Source(name=name or _slug(called), kind=kind, path=_written(called), license=license), place


def named_material(said: str, material: Material, *, license: str) -> tuple[Source, Path | None]:
    """`named_source` of what a model learns from; conversations and preferences are a file of rows.

    Raises:  Misuse as `named_source` does.
    """
    if material == "texts":
        return named_source(said, license=license)
    place = Path(said)
    if not place.exists():
        raise Misuse(
            f"{said}: no such file or folder", hint=f"expected a JSONL file of {material}, or a folder of some"
        )
    called = place.resolve().name
    return Source(name=_slug(called), kind=material, path=_written(called), license=license), place


def _dataset(said: str) -> HubOrigin:
    dataset, _, revision = said.removeprefix(HUB).partition("@")
    try:
        return HubOrigin(dataset=dataset, revision=revision)
    except ValueError as error:
        raise Misuse(
            f"{said}: expected hf:ORG/NAME@COMMIT, with all 40 digits of the commit",
            hint=f"`git ls-remote https://huggingface.co/datasets/{dataset}` prints the commits of its branches",
        ) from error


def _slug(name: str) -> str:
    """The name of a source or a model after that of a place."""
    first = name.rpartition("/")[2].split(".")[0].lower()
    return re.sub("[^a-z0-9._-]+", "-", first).strip("-._") or "documents"


def _written(name: str) -> str:
    """A name that is not UTF-8 as text: it stands in the recipe, and the files are found by their place."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
