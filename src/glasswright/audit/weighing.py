"""How much there is, and how much is said to be there: parameters in files and in words, checkpoints that are equal.

    held     what the weights files of a subject can hold at most, by header and by size, whichever is less
    claims   what name, title and prose say of the number of parameters
    shaped   between which numbers the sizes in a config put it

Everything is counted in favour of the claim: every file, every format, one bit a parameter where types are not known.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glasswright.audit.listing_rules import listing_evidence
from glasswright.audit.record import Evidence, shorten
from glasswright.audit.scale_rules import UNITS
from glasswright.audit.subject import WEIGHT_FILE, Document, Entry, Snapshot, Subject
from glasswright.audit.tensor_headers import Header, IsPointer, headers
from glasswright.audit.voices import prose, root_voices
from glasswright.foreign import NotRead, opened, size_of

MAX_WEIGHED = 2_000  # files of weights
MAX_TITLE_LINES = 60
POINTER_BYTES = 1024  # less may stand for a file elsewhere: what git lists where Git LFS is in use
PIECE_BYTES = 2**20  # compared of each end of a checkpoint, and of its middle
CHECKPOINT = re.compile(r"(?i)(?:^|/)(?:checkpoints?|ckpts?)/([^/]+)")
PART = re.compile(r"^(?P<head>.*)-(?P<number>\d{5})-of-(?P<total>\d{5})(?P<tail>\.\w+)$")
SIZE_IN_NAME = re.compile(r"(?i)(?<![a-z0-9.])(?:\d+x)?(\d+(?:\.\d+)?)([BM])(?![a-z0-9])")
SIZE_IN_PROSE = re.compile(
    r"(?i)(?<![\w.])(\d+(?:\.\d+)?)[\s-]*(trillion|billion|million|B|M)[\s-]+(?:trainable |total )?param(?:eter)?s?\b"
)
TITLE = re.compile(r"^#\s+(.{1,200})$")
WIDTH, LAYERS, WORDS, INNER = (
    ("hidden_size", "n_embd", "d_model", "dim"),
    ("num_hidden_layers", "n_layer", "n_layers", "num_layers"),
    ("vocab_size",),
    ("intermediate_size", "n_inner", "d_ff", "ffn_dim"),
)
NOT_DENSE = re.compile(r"experts|groups|text_config|num_moe|shared")  # keys of a shape that is not computed here


@dataclass(frozen=True, slots=True)
class Held:
    """What weights files hold."""

    num_files: int
    num_empty: int
    num_pointers: int
    most_parameters: int | None  # None where the size of a file is not known
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """A number of parameters that is said."""

    num_parameters: float
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Shape:
    """Between which numbers of parameters the sizes in a config put a model."""

    least: float
    most: float
    evidence: Evidence


def held(subject: Subject) -> Held:
    """What the files of final weights hold; those in folders of checkpoints count only if there are no others."""
    files = [(s, e) for s in subject.snapshots for e in s.entries if WEIGHT_FILE.search(e.path)]
    files = [(s, e) for s, e in files if not CHECKPOINT.search(e.path)] or files
    num_empty, num_pointers, most = 0, 0, 0
    is_known = len(files) <= MAX_WEIGHED
    for snapshot, entry in files[:MAX_WEIGHED]:
        try:
            holds = _parameters(snapshot, entry)
        except IsPointer:
            num_pointers += 1
            continue
        num_empty += entry.size_bytes == 0
        is_known &= holds is not None
        most += holds or 0
    evidence = tuple(listing_evidence(snapshot, entry, "content.weights") for snapshot, entry in files[:3])
    return Held(len(files), num_empty, num_pointers, most if is_known and not num_pointers else None, evidence)


def _parameters(snapshot: Snapshot, entry: Entry) -> int | None:
    """At most so many parameters: no file holds more than one a bit, whatever its header says. None: not known.

    Raises:  IsPointer.
    """
    bits = None if entry.size_bytes is None else 8 * entry.size_bytes
    header = headers(snapshot).get(entry.path)
    if isinstance(header, IsPointer):
        raise IsPointer(str(header))
    if isinstance(header, Header):
        return header.num_parameters if bits is None else min(header.num_parameters, bits)
    may_be_pointer = header is None and entry.size_bytes is not None and 0 < entry.size_bytes < POINTER_BYTES
    return None if may_be_pointer else bits


def missing_parts(subject: Subject) -> list[str]:
    """The parts of weights, by their own numbering, that a whole listing does not have."""
    missing = []
    for snapshot in subject.snapshots:
        paths = {entry.path for entry in snapshot.entries if WEIGHT_FILE.search(entry.path)}
        for path in sorted(paths) if snapshot.is_listed_whole else ():
            found = PART.match(path)
            if found and int(found["total"]) <= MAX_WEIGHED:
                number, total = int(found["number"]) % int(found["total"] or 1) + 1, found["total"]
                following = f"{found['head']}-{number:05}-of-{total}{found['tail']}"
                missing += [] if following in paths else [following]
    return missing


def claims(subject: Subject) -> list[Claim]:
    """Every number of parameters that names, titles and prose give, the least first."""
    found = [*_named_sizes(subject), *_said_sizes(subject)]
    return sorted(found, key=lambda claim: claim.num_parameters)


def _named_sizes(subject: Subject) -> Iterator[Claim]:
    for snapshot in subject.snapshots:
        for match in SIZE_IN_NAME.finditer(snapshot.repo if snapshot.kind in ("model", "release") else ""):
            yield Claim(
                _number(match), Evidence(file=snapshot.name, lines=None, quote=snapshot.repo, rule="content.name")
            )
    for document in root_voices(subject):
        for number, line in enumerate(document.lines[:MAX_TITLE_LINES], 1):
            title = TITLE.match(line)
            for match in SIZE_IN_NAME.finditer(title[1] if title else ""):
                evidence = Evidence(file=document.where, lines=(number, number), quote=line, rule="content.title")
                yield Claim(_number(match), evidence)


def _said_sizes(subject: Subject) -> Iterator[Claim]:
    for passage in prose(root_voices(subject)):
        for match in SIZE_IN_PROSE.finditer(passage.text):
            yield Claim(_number(match), passage.evidence(match, "content.said"))


def _number(match: re.Match[str]) -> float:
    return float(match[1]) * UNITS[match[2].lower()]


def shaped(subject: Subject) -> Shape | None:
    """What a dense model of a config's sizes has; None without such a config."""
    for document in subject.documents:
        sizes = _sizes(document) if document.name == "config.json" and document.depth <= 1 else None
        if sizes is not None:
            width, layers, words, inner = sizes
            least = 2 * layers * width**2
            most = 2 * (layers * (4 * width**2 + 3 * width * inner) + 2 * words * width)
            place = (1, len(document.lines))
            quote = shorten(document.text)
            return Shape(least, most, Evidence(file=document.where, lines=place, quote=quote, rule="content.config"))
    return None


def _sizes(document: Document) -> tuple[int, int, int, int] | None:
    try:
        config = json.loads(document.text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(config, dict) or any(NOT_DENSE.search(key) for key in config):
        return None
    width, layers, words, inner = (_size(config, keys) for keys in (WIDTH, LAYERS, WORDS, INNER))
    if width is None or layers is None or words is None:
        return None
    return width, layers, words, inner or 8 * width


def _size(config: dict[str, Any], keys: tuple[str, ...]) -> int | None:
    return next((config[k] for k in keys if type(config.get(k)) is int and 0 < config[k] < 2**31), None)


def equal_checkpoints(snapshot: Snapshot) -> list[Entry]:
    """A file of each checkpoint from during training, where there are several and all are equal; else none."""
    groups: dict[str, list[Entry]] = {}
    for entry in snapshot.entries:
        if (step := CHECKPOINT.search(entry.path)) and WEIGHT_FILE.search(entry.path):
            groups.setdefault(step[1], []).append(entry)
    if len(groups) < 2 or snapshot.root is None or sum(map(len, groups.values())) > MAX_WEIGHED:
        return []
    root = snapshot.root
    try:
        digests = {frozenset(_digest(entry.path, root) for entry in files) for files in groups.values()}
    except NotRead:
        return []
    return [files[0] for files in groups.values()] if len(digests) == 1 else []


def _digest(path: str, root: Path) -> str:
    """The digest of a file's length, ends and middle: all of it, if it is short."""
    with opened(path, below=root) as file:
        size = size_of(file)
        found = hashlib.sha256(str(size).encode())
        for start in sorted({0, max(0, size // 2 - PIECE_BYTES // 2), max(0, size - PIECE_BYTES)}):
            file.seek(start)
            found.update(file.read(PIECE_BYTES))
    return found.hexdigest()
