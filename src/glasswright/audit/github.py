"""A repository on GitHub by its listing and its texts: a shallow clone that checks nothing out.

Its objects are read by their names, so that no path, link, attribute or hook of the repository has a say.
"""

import os
import re
import subprocess
import tempfile
import threading
from dataclasses import replace

from glasswright.audit.reading import MAX_DOCUMENT_BYTES, decode
from glasswright.audit.subject import MAX_DOCUMENTS, Document, Entry, Snapshot, is_document, take
from glasswright.errors import GlasswrightError, Misuse, Unknown

SECONDS = 300  # for one command of git
MAX_LISTING_BYTES = 64_000_000
MAX_COMPLAINT_BYTES = 65_536
PLAIN = ("100644", "100755")  # modes of a plain file; a link and a repository within have others
COPY = "check the network, or give a folder with a copy"
QUIET = {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "true", "GIT_LFS_SKIP_SMUDGE": "1", "LC_ALL": "C"}


def read_github(repo: str, revision: str | None, base: str) -> Snapshot:
    """The repository `repo` below `base` at a branch or tag, or at its head. Blobs above 500 kB stay behind.

    Raises:  Misuse without git; Unknown if the repository cannot be reached.
    """
    name = repo.replace("/", "__")
    with tempfile.TemporaryDirectory() as folder:
        place = [*(["--branch", revision] if revision else []), f"{base}/{repo}.git", folder]
        _git(repo, ["clone", "--quiet", "--depth", "1", "--no-checkout", "--filter=blob:limit=500k", *place])
        commit = _git(repo, ["-C", folder, "rev-parse", "HEAD"]).decode().strip()
        listing = _git(repo, ["-C", folder, "ls-tree", "-r", "-z", "HEAD"])
        is_whole = len(listing) <= MAX_LISTING_BYTES
        rows = [row.partition("\t") for row in os.fsdecode(listing[:MAX_LISTING_BYTES]).split("\0")[:-1]]
        files = {path: head.split() for head, _, path in rows}
        documents: list[Document] = []
        problems = [] if is_whole else [f"{name}: only the first {len(files)} files were listed"]
        for path in sorted(filter(is_document, files), key=lambda p: (p.count("/"), p))[:MAX_DOCUMENTS]:
            mode, _, blob = files[path]
            if mode not in PLAIN:
                problems.append(f"{name}/{path} was not read: it is no plain file")
                continue
            data = _git(repo, ["-C", folder, "cat-file", "blob", blob], max_bytes=MAX_DOCUMENT_BYTES)
            reading = decode(data[:MAX_DOCUMENT_BYTES])
            if len(data) > MAX_DOCUMENT_BYTES and not reading.problem:
                reading = replace(reading, problem=f"only the first {MAX_DOCUMENT_BYTES} bytes were read")
            take(reading, name, path, documents, problems)
        sizes = _sizes(repo, folder)
    entries = tuple(
        Entry(path, sizes.get(blob) if mode in PLAIN else None, None) for path, (mode, _, blob) in files.items()
    )
    return Snapshot(name, repo, commit, "code", entries, tuple(documents), tuple(problems), is_listed_whole=is_whole)


def _sizes(repo: str, folder: str) -> dict[str, int]:
    """The sizes of the blobs that came along, by name. To ask for others would fetch them."""
    asked = ["cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objectname) %(objectsize)"]
    lines = _git(repo, ["-C", folder, *asked]).decode("ascii", "replace").splitlines()
    pairs = [line.split() for line in lines[: MAX_LISTING_BYTES // 42]]
    return {name: int(size) for name, size in (pair for pair in pairs if len(pair) == 2)}


def _git(repo: str, arguments: list[str], *, max_bytes: int = MAX_LISTING_BYTES) -> bytes:
    """What git prints; where that is more than `max_bytes`, these and one more."""
    with tempfile.TemporaryFile() as complaints:
        try:
            process = subprocess.Popen(
                ["git", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=complaints,
                env={**os.environ, **QUIET},
            )
        except FileNotFoundError as error:
            raise Misuse("github: subjects need git", hint="install git, or give a folder with a copy") from error
        data, is_late = _printed(process, max_bytes)
        complaints.seek(0)
        said = complaints.read(MAX_COMPLAINT_BYTES).decode("utf-8", "replace")
    if is_late:
        raise Unknown(f"github:{repo}: git did not answer within {SECONDS} s", hint=COPY)
    if process.returncode == 0 or len(data) > max_bytes:
        return data
    raise _failed(repo, said)


def _printed(process: subprocess.Popen[bytes], max_bytes: int) -> tuple[bytes, bool]:
    """The first bytes that a process prints, and whether it was ended for its time."""
    ended: list[bool] = []

    def end() -> None:
        ended.append(True)
        process.kill()

    timer = threading.Timer(SECONDS, end)
    timer.start()
    with process:
        assert process.stdout is not None
        try:
            data = process.stdout.read(max_bytes + 1)
            if len(data) > max_bytes:
                process.kill()
            process.wait()
        finally:
            timer.cancel()
            process.kill()
    return data, bool(ended)


def _failed(repo: str, said: str) -> GlasswrightError:
    """What git's complaint means."""
    last = (said.strip().splitlines() or ["git failed"])[-1]
    gone = (
        r"(?i)not found|does not exist|could not read Username|Authentication failed|does not appear to be a git repo"
    )
    if re.search(gone, said):
        told = "there is no such public repository: deleted, renamed or private"
        return Unknown(f"github:{repo}: {told}", hint="check the spelling")
    if re.search(r"(?i)could not resolve|unable to access|connection|timed out", said):
        return Unknown(f"github:{repo}: no connection: {last}", hint=COPY)
    return Unknown(f"github:{repo}: {last}", hint="run the git command by hand to see more")
