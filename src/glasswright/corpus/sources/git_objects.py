"""The objects of a git repository: a commit, its trees, its files, each held to the name that leads to it.

    commit -> tree -> tree ... -> blob        a name is the sha1 of `KIND SIZE\\0` and the object's bytes

So what is read follows from the commit's name alone. No file is checked out: no attribute, filter, line end,
replacement, graft or setting of any user, machine or repository has a say in it.
"""

import hashlib
import os
import stat
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, BinaryIO

from glasswright.corpus.sources.limits import MAX_PATH_BYTES, Growth
from glasswright.errors import Misuse

NAME_BYTES = 20
MAX_LISTING_BYTES = 64 * 2**20  # of one tree, or of a commit
MAX_ENTRIES = 2**20  # of a commit, folders too: trees of trees may name any number
CHUNK_BYTES = 2**20
SUBMODULE = 0o160000
DAMAGED, UNUSABLE = "the repository is damaged", "such a commit is not read"


@dataclass(frozen=True, slots=True)
class Listed:
    """A file or a link of a commit."""

    path: bytes
    mode: int
    name: str  # of its blob

    @property
    def is_link(self) -> bool:
        return stat.S_ISLNK(self.mode)


class Objects:
    """The objects that one `git cat-file --batch` hands out."""

    def __init__(self, what: str, requests: int, answers: IO[bytes]):
        self._what, self._requests, self._answers = what, requests, answers

    def files(self, commit: str) -> Iterator[Listed]:
        """The files and links of a commit, in no particular order. A submodule is none: it is another repository's.

        Raises:  Misuse if an object is not the one that its name says, or the commit lists too much, or no tree.
        """
        first = self._bytes(commit, "commit").split(b"\n", 1)[0]
        folders = [(b"", first.removeprefix(b"tree ").decode("ascii", "replace"))]
        num_listed = 0
        while folders:
            prefix, tree = folders.pop()
            for mode, inner, name in self._listing(tree):
                path = prefix + inner
                num_listed += 1
                if num_listed > MAX_ENTRIES or len(path) > MAX_PATH_BYTES:
                    limit = f"more than {MAX_ENTRIES} files" if num_listed > MAX_ENTRIES else "a path that is too long"
                    raise Misuse(f"{self._what}: the commit has {limit}", hint=UNUSABLE)
                if stat.S_ISDIR(mode):
                    folders.append((path + b"/", name))
                elif mode != SUBMODULE:
                    yield Listed(path, mode, name)

    def copy(self, name: str, out: BinaryIO, growth: Growth) -> None:
        """Write a blob's bytes.

        Raises:  Misuse if they are not what the name says, or `growth` is out of proportion.
        """
        size = self._ask(name, "blob")
        growth.add(size)
        for data in self._contents(name, "blob", size):
            out.write(data)

    def _bytes(self, name: str, kind: str) -> bytes:
        size = self._ask(name, kind)
        if size > MAX_LISTING_BYTES:
            raise Misuse(f"{self._what}: {kind} {name} is larger than {MAX_LISTING_BYTES} bytes", hint=UNUSABLE)
        return b"".join(self._contents(name, kind, size))

    def _listing(self, tree: str) -> Iterator[tuple[int, bytes, str]]:
        """(mode, name in its folder, name of the object) of each entry: `MODE NAME\\0` and the 20 bytes of a name."""
        data, place, met = self._bytes(tree, "tree"), 0, set[bytes]()
        while place < len(data):
            end = data.find(b"\0", place)
            mode, _, inner = data[place:end].partition(b" ")
            place = end + 1 + NAME_BYTES
            is_whole = end > 0 and place <= len(data) and 0 < len(mode) < 8 and not mode.strip(b"01234567")
            if not is_whole or inner in met or inner in (b"", b".", b"..") or b"/" in inner:
                raise Misuse(f"{self._what}: tree {tree} is not well formed", hint=UNUSABLE)
            met.add(inner)
            yield int(mode, 8), inner, data[end + 1 : place].hex()

    def _contents(self, name: str, kind: str, size: int) -> Iterator[bytes]:
        hasher = hashlib.sha1(f"{kind} {size}\0".encode(), usedforsecurity=False)
        left = size
        while left and (data := self._answers.read(min(left, CHUNK_BYTES))):
            hasher.update(data)
            left -= len(data)
            yield data
        if left or self._answers.read(1) != b"\n" or hasher.hexdigest() != name:
            raise Misuse(f"{self._what}: object {name} has other bytes than its name says", hint=DAMAGED)

    def _ask(self, name: str, kind: str) -> int:
        """Size of an object, whose bytes come next."""
        with suppress(BrokenPipeError):  # git stopped: then it does not answer
            os.write(self._requests, name.encode() + b"\n")
        answer = self._answers.readline(1024).split()
        if len(answer) != 3 or answer[1].decode("ascii", "replace") != kind or not answer[2].isdigit():
            told = b" ".join(answer).decode("utf-8", "replace") or "it stopped"
            raise Misuse(f"{self._what}: git has no {kind} {name}: {told}", hint=DAMAGED)
        return int(answer[2])


@contextmanager
def opened(what: str, git: Sequence[str], environment: Mapping[str, str]) -> Iterator[Objects]:
    """The objects of a repository.

    what:  how errors call it
    git:   the command, with all it is told before its own command
    """
    command = [*git, "cat-file", "--batch"]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Objects(what, process.stdin.fileno(), process.stdout)
        finally:
            process.kill()
