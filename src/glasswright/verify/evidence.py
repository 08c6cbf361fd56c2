"""What a release says, read part by part. Each part is read once; whoever needs it next gets the same.

A part that cannot be read is said once, by the step that first needs it. A later step that needs it too can then find
out nothing, and says that.
"""

import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

from glasswright.attest.parts import release_root
from glasswright.attest.salted import blinded, is_salt
from glasswright.chat import CONFIG, TEMPLATE, special_tokens, template_of
from glasswright.errors import ClaimFalse, DigestMismatch, Misuse, Unknown
from glasswright.records.first_schema import FirstRoots
from glasswright.records.parents import PARENTS, ParentModel, Parents
from glasswright.records.private import BLINDED, PRIVATE, SALT, SaltedLedger
from glasswright.records.progress import Report
from glasswright.records.recipe import Recipe
from glasswright.records.release import FIRST_SCHEMA, RELEASE_SCHEMA, FileEntry, Manifest, Release, Roots
from glasswright.records.tokens import TokenMap
from glasswright.records.transcript import StateRecord, StepRecord
from glasswright.verify.decode import EDITED, decode, read_record
from glasswright.verify.folder import REPLACE, Folder, Withheld
from glasswright.verify.hashing import Hashed, Outcome, hash_files
from glasswright.verify.ledger import Ledger, read_ledger
from glasswright.verify.recipe import read_recipe
from glasswright.verify.settings import parse_object
from glasswright.verify.tokenizer import TOKENIZER, check_tokenizer
from glasswright.verify.transcript import FirstTranscript, Transcript
from glasswright.verify.turns import Template
from glasswright.verify.vocabulary import Vocabulary, vocabulary_of

T = TypeVar("T")
MODEL = "model/"
LATER = re.compile(r"glasswright/release/[0-9]{1,4}")


def part(name: str) -> Callable[[Callable[["Evidence"], T]], Callable[["Evidence"], T]]:
    """A part of the evidence, by its name, that is read once."""

    def decorate(read: Callable[["Evidence"], T]) -> Callable[["Evidence"], T]:
        @wraps(read)
        def once(self: "Evidence") -> T:
            if isinstance(withheld := self.unread.get(name), Withheld):
                raise Withheld(f"rests on {name}; {withheld}", hint=withheld.hint)
            if name in self.unread:
                raise Unknown(f"rests on {name}, which could not be read: see above")
            if name not in self.parts:
                try:
                    self.parts[name] = read(self)
                except (ClaimFalse, Unknown, OSError) as error:
                    self.unread[name] = error
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
        self.unread: dict[str, Exception] = {}

    @part("release.json")
    def release(self) -> Release:
        """release.json, well-formed; that its root follows is for a step to say."""
        record = read_record(self.folder, "release.json", may_end_in_newline=self.is_of_first_schema())
        return read_first_release(record) if self.is_of_first_schema() else read_release(record)

    @part("the schema")
    def is_of_first_schema(self) -> bool:
        """Whether the release says that it is of schema 1."""
        return schema_of(read_record(self.folder, "release.json")) == FIRST_SCHEMA

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

    @part("recipe.yaml")
    def recipe(self) -> Recipe:
        """The recipe as it was written."""
        return read_recipe(self.folder.read("recipe.yaml"), "recipe.yaml")

    @part("the ledger")
    def ledger(self) -> Ledger:
        return read_ledger(self.folder)

    @part("the token map")
    def token_map(self) -> TokenMap:
        return decode(TokenMap, read_record(self.folder, "tokens/map.json"), "tokens/map.json")

    @part("parents.json")
    def parent(self) -> ParentModel | None:
        """What is on record of the model that training began from; None where it began from nothing."""
        if self.recipe().parent is None:
            return None
        parents = decode(Parents, read_record(self.folder, PARENTS), PARENTS).parents
        if len(parents) != 1:
            raise ClaimFalse(f"{PARENTS}: expected one parent, found {len(parents)}", hint=EDITED)
        return parents[0]

    def end_of_text(self) -> int:
        """The token that ends each document: the parent's, or the token map's."""
        parent = self.recipe().parent
        return self.token_map().end_of_text if parent is None else parent.ends_of_text[0]

    @part("the tokenizer")
    def token_bytes(self) -> list[bytes]:
        """The bytes that each token id stands for, by a tokenizer.json that is what it should be."""
        if self.recipe().parent is not None:
            return self.vocabulary().tokens
        return check_tokenizer(self.folder.read(TOKENIZER), self.recipe(), self.token_map())

    @part("the parent's tokenizer")
    def vocabulary(self) -> Vocabulary:
        """What the tokens of the parent's tokenizer stand for."""
        return vocabulary_of(self.folder.read(TOKENIZER), self.recipe(), self.token_map())

    @part("the chat template")
    def template(self) -> Template:
        """The parent's chat template.

        Raises:  ClaimFalse if there is none.
        """
        listed = self.manifest()
        config = parse_object(self.folder.read(MODEL + CONFIG), MODEL + CONFIG) if MODEL + CONFIG in listed else {}
        try:
            file = self.folder.read(MODEL + TEMPLATE).decode() if MODEL + TEMPLATE in listed else None
            template = template_of(config, file)
        except (UnicodeDecodeError, Misuse) as error:
            raise ClaimFalse(f"{MODEL}{TEMPLATE}: {error}", hint=EDITED) from error
        if template is None:
            raise ClaimFalse(f"{MODEL}{TEMPLATE}: missing, and conversations are learned", hint=EDITED)
        return Template(template, special_tokens(config))

    def transcript(self) -> Transcript:
        """The transcript's events and what the steps read, which are read anew whenever they are looked at."""
        return FirstTranscript(self.folder) if self.is_of_first_schema() else Transcript(self.folder)

    @part("the state records")
    def states(self) -> tuple[StateRecord, ...]:
        return tuple(self.transcript().states())

    def steps(self) -> Iterator[StepRecord]:
        """The step records one at a time; there may be many."""
        return self.transcript().steps()

    @part("private.json")
    def salted(self) -> SaltedLedger:
        """What strangers see of the ledger of a private release."""
        return decode(SaltedLedger, read_record(self.folder, PRIVATE, may_end_in_newline=False), PRIVATE)

    @part("private.salt")
    def salt(self) -> bytes:
        """The salt of a private release, which is the one that the recipe names.

        Raises:  Unknown where it is withheld; ClaimFalse for another.
        """
        private = self.recipe().private
        assert private is not None, "asked of private releases"
        data = self.folder.read(SALT)
        found = hashlib.sha256(data).hexdigest()
        if found != private.salt_sha256:
            raise DigestMismatch(SALT, recorded=private.salt_sha256, found=found, hint="it is another release's")
        if not is_salt(data):
            raise ClaimFalse(f"{SALT}: expected 64 hexadecimal digits and a line end", hint=EDITED)
        return data

    def require_part(self, name: str, found: str, what: str) -> None:
        """That the part's root stated in release.json is the one found, which a private release states salted.

        Raises:  DigestMismatch naming `what` if it has another; Unknown if the salt is withheld.
        """
        if name in BLINDED and self.recipe().private is not None:
            found = blinded(self.salt(), name, found)
        recorded = self.release().roots.parts.get(name, "none")
        if found != recorded:
            raise DigestMismatch(what, recorded=recorded, found=found, hint=EDITED)

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


def schema_of(record: Any) -> str:
    """The schema that release.json says it has.

    Raises:  ClaimFalse for one that is none of ours; Unknown for a later one.
    """
    schema = record.get("schema") if isinstance(record, dict) else None
    if schema in (FIRST_SCHEMA, RELEASE_SCHEMA):
        return str(schema)
    if isinstance(schema, str) and LATER.fullmatch(schema) and not _is_of_this_schema(record):
        raise Unknown(f"release.json: schema {schema}: this version checks {RELEASE_SCHEMA}", hint="upgrade")
    raise ClaimFalse(f"release.json: schema: expected {RELEASE_SCHEMA!r}, found {str(schema)[:80]!r}", hint=EDITED)


def read_release(record: dict[str, Any]) -> Release:
    """release.json of this schema, every field of its type."""
    _require_keys(record, {"schema", "name", "root", "numerics", "parts", "manifest"})
    parts = decode(dict, record["parts"], "release.json: parts")
    roots = {name: decode(str, root, f"release.json: parts: {name}") for name, root in parts.items()}
    return Release(
        name=decode(str, record["name"], "release.json: name"),
        root=decode(str, record["root"], "release.json: root"),
        roots=Roots(numerics=decode(int, record["numerics"], "release.json: numerics"), parts=roots),
        manifest=decode(str, record["manifest"], "release.json: manifest"),
    )


def read_first_release(record: dict[str, Any]) -> Release:
    """The same of a release of schema 1; what it says of when and where it was built is under no digest."""
    _require_keys(record, {"schema", "name", "root", "determined", "manifest", "observed"})
    decode(dict, record["observed"], "release.json: observed")
    first = asdict(decode(FirstRoots, record["determined"], "release.json: determined"))
    return Release(
        name=decode(str, record["name"], "release.json: name"),
        root=decode(str, record["root"], "release.json: root"),
        roots=Roots(numerics=first.pop("numerics"), parts=first),
        manifest=decode(str, record["manifest"], "release.json: manifest"),
    )


def _require_keys(record: dict[str, Any], keys: set[str]) -> None:
    if record.keys() != keys:
        raise ClaimFalse(f"release.json: expected the keys {sorted(keys)}, found {sorted(record)}"[:400], hint=EDITED)


def _is_of_this_schema(record: dict[str, Any]) -> bool:
    """Whether a record that names another schema has this one's root: then its schema was edited."""
    try:
        release = read_release(record)
    except ClaimFalse:
        return False
    return release_root(release.roots) == release.root
