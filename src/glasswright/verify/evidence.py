"""What a release says, read part by part. Each part is read once; whoever needs it next gets the same.

A part that cannot be read is said once, by the step that first needs it. A later step that needs it too can then find
out nothing, and says that.
"""

import os
import stat
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

from glasswright.errors import ClaimFalse, Misuse, Unknown
from glasswright.records.canonical import canonical_bytes
from glasswright.records.progress import Report
from glasswright.records.recipe import Recipe
from glasswright.records.release import RELEASE_SCHEMA, FileEntry, Manifest, Release, Roots
from glasswright.records.tokens import TokenMap
from glasswright.records.transcript import Schedule, StateRecord, StepRecord
from glasswright.verify.decode import EDITED, decode, read_determined, read_record
from glasswright.verify.folder import REPLACE, Folder
from glasswright.verify.hashing import Hashed, Outcome, hash_files
from glasswright.verify.ledger import Ledger, read_ledger
from glasswright.verify.recipe import ReadRecipe, read_recipe

T = TypeVar("T")


def part(name: str) -> Callable[[Callable[["Evidence"], T]], Callable[["Evidence"], T]]:
    """A part of the evidence, by its name, that is read once."""

    def decorate(read: Callable[["Evidence"], T]) -> Callable[["Evidence"], T]:
        @wraps(read)
        def once(self: "Evidence") -> T:
            if name in self.unread:
                raise Unknown(f"rests on {name}, which could not be read: see above")
            if name not in self.parts:
                try:
                    self.parts[name] = read(self)
                except (ClaimFalse, Unknown, OSError):
                    self.unread.add(name)
                    raise
            value: T = self.parts[name]
            return value

        return once

    return decorate


class Evidence:
    """A release folder under examination."""

    def __init__(self, root: Path, num_threads: int, report: Report):
        require_release(root)
        self.folder = Folder(root)
        self.num_threads, self.report = num_threads, report
        self.parts: dict[str, Any] = {}
        self.unread: set[str] = set()

    @part("release.json")
    def release(self) -> Release:
        """release.json, well-formed; its root is checked by a step."""
        return _release(self.release_record())

    @part("release.json as written")
    def release_record(self) -> dict[str, Any]:
        record = read_record(self.folder, "release.json")
        schema = record.get("schema") if isinstance(record, dict) else None
        if schema != RELEASE_SCHEMA and isinstance(schema, str) and schema.startswith("glasswright/release/"):
            raise Unknown(f"release.json: schema {schema}: this version checks {RELEASE_SCHEMA}", hint="upgrade")
        if schema != RELEASE_SCHEMA:
            raise ClaimFalse(f"release.json: schema: expected {RELEASE_SCHEMA!r}, found {schema!r}", hint=EDITED)
        return dict(record)

    @part("manifest.json")
    def manifest(self) -> dict[str, FileEntry]:
        """The files that manifest.json lists, by path."""
        record = read_record(self.folder, "manifest.json")
        entries = {entry.path: entry for entry in decode(Manifest, record, "manifest.json").files}
        self.folder.sizes.update({path: entry.size_bytes for path, entry in entries.items()})
        return entries

    @part("the files' digests")
    def hashed(self) -> dict[str, Outcome]:
        """What the bytes of every listed file hash to."""
        return hash_files(self.folder, self.manifest().values(), self.num_threads, self.report)

    def recipe(self) -> Recipe:
        return self.read_recipe().recipe

    @part("recipe.yaml")
    def read_recipe(self) -> ReadRecipe:
        return read_recipe(self.folder.read("recipe.yaml"), "recipe.yaml")

    @part("the ledger")
    def ledger(self) -> Ledger:
        self.folder.open("corpus/ledger.parquet").close()  # no links, a plain file
        return read_ledger(self.folder.root / "corpus" / "ledger.parquet", "corpus/ledger.parquet")

    @part("the token map")
    def token_map(self) -> TokenMap:
        return decode(TokenMap, read_record(self.folder, "tokens/map.json"), "tokens/map.json")

    @part("the schedule")
    def schedule(self) -> Schedule:
        return decode(Schedule, read_record(self.folder, "transcript/schedule.json"), "transcript/schedule.json")

    @part("the state records")
    def states(self) -> tuple[StateRecord, ...]:
        return tuple(state for state, _ in read_determined(self.folder, "transcript/states.jsonl", StateRecord))

    def steps(self) -> Iterator[StepRecord]:
        """The step records one at a time; there may be many."""
        return (step for step, _ in read_determined(self.folder, "transcript/steps.jsonl", StepRecord))

    def transcript_leaves(self) -> Iterator[bytes]:
        """The leaves of the transcript's tree, each a record's canonical bytes."""
        yield canonical_bytes(self.schedule().record())
        for name, kind in (("steps", StepRecord), ("states", StateRecord)):
            yield from (leaf for _, leaf in read_determined(self.folder, f"transcript/{name}.jsonl", kind))

    def hashed_file(self, path: str) -> Hashed:
        """What one file hashes to.

        Raises:  ClaimFalse or OSError if it could not be hashed; ClaimFalse if the manifest does not list it.
        """
        outcome = self.hashed().get(path)
        if outcome is None:
            raise ClaimFalse(f"{path}: missing from manifest.json", hint=REPLACE)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def listed(self, prefix: str) -> list[str]:
        """The paths below `prefix` that the manifest lists, in order."""
        return sorted(path for path in self.manifest() if path.startswith(prefix))


def require_release(root: Path) -> None:
    """Raises:  Misuse if the folder is no release; OSError if that cannot be found out."""
    hint = "give the folder that holds release.json"
    try:
        mode = root.stat().st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Misuse(f"{root}: no such folder", hint=hint) from error
    if not stat.S_ISDIR(mode):
        raise Misuse(f"{root}: not a folder", hint=hint)
    if not os.path.lexists(root / "release.json"):
        raise Misuse(f"{root}: not a release: it holds no release.json", hint=hint)


def _release(record: dict[str, Any]) -> Release:
    keys = {"schema", "name", "root", "determined", "manifest", "observed"}
    if record.keys() != keys:
        raise ClaimFalse(f"release.json: expected the keys {sorted(keys)}, found {sorted(record)}", hint=EDITED)
    return Release(
        name=decode(str, record["name"], "release.json: name"),
        roots=decode(Roots, record["determined"], "release.json: determined"),
        manifest=decode(str, record["manifest"], "release.json: manifest"),
        observed=decode(dict, record["observed"], "release.json: observed"),
    )
