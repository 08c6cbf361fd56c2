"""Where a subject comes from: a folder, a hub repository, a git repository, or several of them as one subject.

    path/to/folder            a folder of snapshots, or a snapshot, or a Glasswright release
    hf:org/name               a model on the Hugging Face hub
    hf:datasets/org/name      a dataset there
    github:org/name           a repository on GitHub

Only listings and texts are fetched, never weights. A place that cannot be reached is unreachable, which is said; what
lies there is unknown, not missing.
"""

import errno
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from glasswright.audit.github import read_github
from glasswright.audit.reading import MAX_DOCUMENT_BYTES, read_text
from glasswright.audit.subject import (
    MAX_DOCUMENTS,
    Document,
    Entry,
    Snapshot,
    SnapshotKind,
    Subject,
    is_document,
    load_folder,
    take,
)
from glasswright.errors import Misuse, Unknown

SPEC = re.compile(r"(?P<host>hf|github):(?P<dataset>datasets/)?(?P<repo>[\w.-]+/[\w.-]+)(?:@(?P<revision>[\w./-]+))?$")
# What this machine says, and no hub.
OURS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.EACCES)
HUB_SECONDS = 30


class Hub(Protocol):
    """What is needed of a hub: the listing of a repository, and one file of it."""

    def repo_info(
        self, repo_id: str, *, repo_type: str, revision: str | None, files_metadata: bool, timeout: float
    ) -> Any:
        """Commit and files."""

    def hf_hub_download(
        self, repo_id: str, filename: str, *, repo_type: str, revision: str | None, local_dir: str
    ) -> str:
        """A file, saved on this machine."""


def load_subject(
    specs: Sequence[str], *, hub: Callable[[], Hub] | None = None, git_base: str = "https://github.com"
) -> Subject:
    """Read every place named and make one subject of them.

    Raises:  Misuse for a name that is none; Unknown if a place cannot be reached.
    """
    if not specs:
        raise Misuse("no subject given", hint="give a folder, hf:org/name, hf:datasets/org/name or github:org/name")
    parts = [_load(spec, hub or _default_hub, git_base) for spec in specs]
    name = " + ".join(part.name for part in parts)
    return Subject(name, tuple(snapshot for part in parts for snapshot in part.snapshots))


def _load(spec: str, hub: Callable[[], Hub], git_base: str) -> Subject:
    if not spec.startswith(("hf:", "github:")):
        return load_folder(Path(spec))
    match = SPEC.match(spec)
    if match is None or (match["dataset"] and match["host"] == "github"):
        raise Misuse(f"{spec}: expected hf:org/name, hf:datasets/org/name or github:org/name")
    if match["host"] == "github":
        snapshot = read_github(match["repo"], match["revision"], git_base)
    else:
        snapshot = _hub(match["repo"], "dataset" if match["dataset"] else "model", match["revision"], hub())
    return Subject(match["repo"], (snapshot,))


def _default_hub() -> Hub:
    try:
        from huggingface_hub import HfApi
    except ModuleNotFoundError as error:
        raise Misuse("hf: subjects need the package huggingface_hub", hint='pip install "glasswright[hub]"') from error
    api: Hub = HfApi()
    return api


def _hub(repo: str, kind: str, revision: str | None, hub: Hub) -> Snapshot:
    """Listing and texts of a hub repository. A gated one shows its listing and hands out nothing."""
    with _reached(f"hf:{repo}"):
        info = hub.repo_info(repo, repo_type=kind, revision=revision, files_metadata=True, timeout=HUB_SECONDS)
    name = repo.replace("/", "__")
    entries = tuple(Entry(file.rfilename, getattr(file, "size", None), None) for file in info.siblings or ())
    gated = bool(getattr(info, "gated", False))
    documents: list[Document] = []
    problems: list[str] = []
    wanted = [e.path for e in entries if is_document(e.path) and (e.size_bytes or 0) <= MAX_DOCUMENT_BYTES]
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(wanted, key=lambda p: (p.count("/"), p))[:MAX_DOCUMENTS]:
            try:
                with _reached(f"hf:{repo}/{path}"):
                    local = hub.hf_hub_download(repo, path, repo_type=kind, revision=info.sha, local_dir=folder)
            except Unknown as error:
                problems.append(f"{name}/{path} is unreachable: {error}")
                continue
            take(read_text(os.path.relpath(local, folder), Path(folder)), name, path, documents, problems)
    snapshot_kind: SnapshotKind = "dataset" if kind == "dataset" else "model"
    return Snapshot(name, repo, info.sha, snapshot_kind, entries, tuple(documents), tuple(problems), None, gated)


@contextmanager
def _reached(what: str) -> Iterator[None]:
    """Turn what a hub client raises into one answer: unreachable, with the reason and what to do."""
    try:
        yield
    except Misuse:
        raise
    except OSError as error:
        if error.errno in OURS:
            raise
        raise Unknown(f"{what}: {_why(error)}", hint=_what_to_do(error)) from error
    except Exception as error:  # the client's exceptions differ from version to version; its names do not
        raise Unknown(f"{what}: {_why(error)}", hint=_what_to_do(error)) from error


def _why(error: Exception) -> str:
    status = getattr(getattr(error, "response", None), "status_code", None)
    kind = type(error).__name__
    if "Gated" in kind or status == 403:
        return "access has to be asked for: the repository is gated"
    if "RepositoryNotFound" in kind or status in (401, 404, 410):
        return "there is no such public repository: deleted, renamed or private"
    if status == 429:
        return "the hub refuses more requests for now (rate limit)"
    if (
        "LocalEntryNotFound" in kind
        or "Connect" in kind
        or "Timeout" in kind
        or "Offline" in kind
        or isinstance(error, OSError | TimeoutError)
    ):
        return "no connection to the hub"
    return f"the hub answered with {kind}"


def _what_to_do(error: Exception) -> str:
    why = _why(error)
    if "gated" in why:
        return "accept the terms on the hub and log in with `hf auth login`; the listing is read in any case"
    if "rate limit" in why:
        return "wait some minutes, or log in for a higher limit"
    if "no such" in why:
        return "check the spelling; a private repository needs `hf auth login`"
    return "check the network, or give a folder with a copy"
