"""A document as its source gives it, before anything is decided about it."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Protocol

from glasswright.corpus.sources.files import Entry


class Nearness(IntEnum):
    """How close to the document a license is stated; the lowest speaks."""

    OVERRIDE = 0  # a REUSE.toml that says that it holds whatever the file says
    IDENTIFIER = 1  # SPDX-License-Identifier in the text
    DOCUMENT = 2  # the document itself, or a list with a row for it
    METADATA = 3  # the record that came with it
    TREE = 4  # a license file or README up the tree
    PACKAGE = 5  # a package's copyright file, by pattern
    RECIPE = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A license that somebody states, and where."""

    license: str  # as an expression where it could be read as one, else as it is written there
    evidence: str
    nearness: Nearness


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One document, or one file in which no document could be read (then `reason` says why)."""

    path: str  # place within the source; `#n` follows where a file holds several documents, counted from 1
    media_type: str
    text: str | None
    raw_sha256: str  # of the bytes it was read from
    num_raw_bytes: int
    num_replaced: int = 0  # characters that were not UTF-8 and became U+FFFD
    title: str | None = None
    author: str | None = None
    language: str | None = None
    statements: tuple[Statement, ...] = ()  # what is said of its license, by whom
    reason: str | None = None  # why the source itself sets it aside


@dataclass(slots=True, kw_only=True)
class Inventory:
    """What was read, file by file: filled while the documents are taken."""

    files: dict[str, tuple[str, int]] = field(default_factory=dict)  # path -> (sha256, bytes)
    num_bytes: int = 0  # read so far

    def put(self, path: str, sha256: str, num_bytes: int) -> None:
        """A file that was read as a stream."""
        self.files[path] = (sha256, num_bytes)
        self.num_bytes += num_bytes

    def add(self, path: str, data: bytes) -> None:
        """A file that was read whole."""
        self.put(path, hashlib.sha256(data).hexdigest(), len(data))


class Reader(Protocol):
    """Reads files of one source. It may be sent to other processes."""

    def __call__(self, files: Sequence[Entry], inventory: Inventory) -> Iterator[Found]:
        """The documents in some of the source's files; `inventory` is told of each file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A source that is ready to be read."""

    uri: str
    revision: str | None
    files: Sequence[Entry]  # in order; each may be read anywhere, with any others
    read: Reader
    observed: dict[str, Any]  # how it was obtained here
    readers: Mapping[str, str | None] | None = None  # packages that its files are read with; None: it is not recorded
