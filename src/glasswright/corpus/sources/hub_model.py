"""A model of the Hugging Face hub at one commit, fetched into a folder of its own, so that it can be a parent.

    WORK/parents/ORG--NAME@COMMIT/         what lies at its top: weights in safetensors, tokenizer, card, license texts
    WORK/parents/ORG--NAME@COMMIT.json     each of these files with its size and sha256, once all are the commit's

What was fetched in part is gone on with; what is on record, and has not changed since, needs no network any more.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from glasswright.corpus.sources.hub_client import HUB, Client, Listed, Repository, require_listed
from glasswright.errors import GlasswrightError, Misuse
from glasswright.foreign import opened, size_of
from glasswright.records.canonical import canonical_bytes, parse
from glasswright.records.progress import Progress, Report, silent
from glasswright.store.atomic import remove, write_atomic

NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
COMMIT = re.compile("[0-9a-f]{40}")
SUFFIXES = ("", ".json", ".jinja", ".md", ".txt", ".rst", ".model", ".safetensors")


@dataclass(frozen=True, slots=True)
class HubModel:
    """Where a model of the hub lies on this machine, and what it is there."""

    folder: Path
    name: str
    revision: str


def fetched_model(said: str, *, work: Path, report: Report = silent) -> HubModel:
    """The model that hf:ORG/NAME@COMMIT names, on this machine.

    Raises:  Misuse if it names none, or no commit (the hint has the one to pin); Unknown if it cannot be had;
             DigestMismatch if a file is not the commit's.
    """
    name, _, revision = said.removeprefix(HUB).partition("@")
    if not NAME.fullmatch(name):
        raise Misuse(f"{said}: expected hf:ORG/NAME@COMMIT", hint="e.g. hf:HuggingFaceTB/SmolLM2-135M-Instruct@...")
    if not COMMIT.fullmatch(revision):
        raise _no_commit(said, name)
    folder = work / "parents" / f"{name.replace('/', '--')}@{revision}"
    record = folder.with_name(f"{folder.name}.json")
    if not _is_on_record(folder, record):
        _fetch(Repository("model", name, revision), folder, record, report)
    return HubModel(folder, name, revision)


def _no_commit(said: str, name: str) -> Misuse:
    """A branch moves, so a recipe that named one would not say from what it trains."""
    told = f"{said}: expected hf:ORG/NAME@COMMIT, with all 40 digits of the commit"
    try:
        newest = Client(Repository("model", name, "main")).newest()
    except GlasswrightError:
        newest = None
    if newest is not None:
        return Misuse(told, hint=f"its main branch is at {HUB}{name}@{newest}")
    return Misuse(told, hint=f"`git ls-remote https://huggingface.co/{name}` prints the commits of its branches")


def _fetch(repository: Repository, folder: Path, record: Path, report: Report) -> None:
    client = Client(repository)
    listed = [file for file in client.files() if _is_wanted(file.path)]
    if not any(file.path.endswith(".safetensors") for file in listed):
        raise Misuse(f"{repository}: no weights in safetensors lie at its top", hint="name a model that has them")
    total = sum(file.num_bytes for file in listed)
    report(Progress(what="fetch", done=0, total=total, unit="bytes", note=str(repository)))
    folder.mkdir(parents=True, exist_ok=True)
    client.fetch([file.path for file in listed], into=folder)
    write_atomic(record, canonical_bytes([_held(folder, file) for file in listed]))
    remove(folder / ".cache")  # by which the client goes on with what it has in part
    report(Progress(what="fetch", done=total, total=total, unit="bytes", note=str(repository)))


def _is_wanted(path: str) -> bool:
    """Not what lies deeper, pickles and other formats of the weights, or weights under another name than a model's."""
    place = PurePosixPath(path)
    is_other = place.suffix == ".safetensors" and not place.name.startswith("model")
    return len(place.parts) == 1 and not path.startswith(".") and place.suffix in SUFFIXES and not is_other


def _held(folder: Path, listed: Listed) -> list[str | int]:
    """A file's entry on record, held to what its commit lists."""
    with opened(listed.path, below=folder) as file:
        size = size_of(file)
        require_listed(listed.path, folder / listed.path, file, size, listed)
    return _entry(folder, listed.path)


def _entry(folder: Path, path: str) -> list[str | int]:
    with opened(path, below=folder) as file:
        return [path, size_of(file), hashlib.file_digest(file, "sha256").hexdigest()]  # type: ignore[arg-type]


def _is_on_record(folder: Path, record: Path) -> bool:
    """Whether all of a model's files are here, as they were when they were fetched."""
    try:
        entries: Sequence[list[str | int]] = parse(record.read_bytes(), str(record))
        return all(_entry(folder, str(entry[0])) == entry for entry in entries)
    except (OSError, GlasswrightError, LookupError, TypeError):
        return False
