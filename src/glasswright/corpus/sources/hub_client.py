"""The Hugging Face hub, asked by its own client: what a dataset or a model holds at a commit, and its files.

The address comes from HF_ENDPOINT, the token from HF_TOKEN or from `hf auth login`. Nothing but files is asked for: no
script of a repository is run, and no telemetry is sent.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from glob import escape
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, Literal

from glasswright.errors import DigestMismatch, GlasswrightError, Misuse, Unknown

if TYPE_CHECKING:
    from huggingface_hub import HfApi
    from huggingface_hub.hf_api import RepoFile

SECONDS = 30  # to wait for the first answer
HUB = "hf:"


@dataclass(frozen=True, slots=True)
class Repository:
    """A dataset or a model of the hub at a commit."""

    kind: Literal["dataset", "model"]
    name: str
    revision: str

    def __str__(self) -> str:
        return f"{HUB}{self.name}@{self.revision[:12]}"

    @property
    def page(self) -> str:
        """Where people look at it."""
        return f"https://huggingface.co/{'datasets/' if self.kind == 'dataset' else ''}{self.name}"

    @property
    def copy(self) -> str:
        """How files on this machine take its place."""
        return "--source NAME=DIR" if self.kind == "dataset" else "the folder in the place of its name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A file as a commit lists it."""

    path: str
    num_bytes: int
    sha256: str | None  # of a file in large file storage
    git_sha1: str  # of the git blob; for a file in large file storage, of the pointer to it


class Client:
    """One repository of the hub.

    Raises:  Misuse if the client is not installed.
    """

    def __init__(self, repository: Repository):
        self._repository = repository
        self._api = _api(repository)

    @property
    def endpoint(self) -> str:
        return self._api.endpoint

    def newest(self) -> str | None:
        """The commit that its main branch is at now; None if the hub does not say.

        Raises:  Misuse if there is no such repository; Unknown if that cannot be found out.
        """
        one = self._repository
        with _reached(one):
            return self._api.repo_info(one.name, repo_type=one.kind, timeout=SECONDS).sha

    def files(self) -> list[Listed]:
        """Every file of the repository, by path.

        Raises:  Misuse if there is no such repository or commit; Unknown if that cannot be found out.
        """
        from huggingface_hub.hf_api import RepoFile

        one = self._repository
        with _reached(one):
            # Answers at once, and is not retried.
            self._api.repo_info(one.name, repo_type=one.kind, revision=one.revision, timeout=SECONDS)
            tree = self._api.list_repo_tree(one.name, repo_type=one.kind, revision=one.revision, recursive=True)
            found = [_listed(file) for file in tree if isinstance(file, RepoFile)]
        for file in found:
            if ".." in PurePosixPath(file.path).parts or file.path.startswith("/"):
                raise Misuse(f"{one}: the hub lists {file.path!r}, which is no path within a {one.kind}")
        return sorted(found, key=lambda file: file.path.encode())

    def fetch(self, paths: Sequence[str], *, into: Path | None = None) -> dict[str, Path]:
        """Where files lie on this machine: in the client's cache, from which they are not fetched again.

        into:  a folder to lie in instead, under their paths

        Raises:  Unknown if one cannot be had.
        """
        one = self._repository
        with _reached(one):
            folder = self._api.snapshot_download(
                one.name,
                repo_type=one.kind,
                revision=one.revision,
                allow_patterns=[escape(path) for path in paths],
                local_dir=into,
            )
        places = {path: (Path(folder) / path).resolve() for path in paths}
        for path, place in places.items():
            if not place.is_file():
                raise Unknown(f"{one}: {path} was not fetched", hint="check the network; try again")
        return places


def require_listed(path: str, place: Path, file: BinaryIO, num_bytes: int, listed: Listed) -> None:
    """Hold a file that was fetched to what its commit lists.

    Raises:  DigestMismatch if it is another.
    """
    if listed.sha256 is not None:
        algorithm, recorded = "sha256", listed.sha256
        hasher = hashlib.sha256()
    else:
        algorithm, recorded = "git blob", listed.git_sha1
        hasher = hashlib.sha1(f"blob {num_bytes}\0".encode(), usedforsecurity=False)
    while data := file.read(2**20):
        hasher.update(data)
    if hasher.hexdigest() != recorded:
        raise DigestMismatch(
            path,
            recorded=recorded,
            found=hasher.hexdigest(),
            algorithm=algorithm,
            hint=f"remove {place} and fetch it again; if it differs still, the hub serves what it does not list",
        )


def _api(repository: Repository) -> "HfApi":
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"  # read when the client is imported
    try:
        from huggingface_hub import HfApi
    except ModuleNotFoundError as error:
        raise Misuse(
            f"{HUB} needs the package huggingface_hub",
            hint=f'pip install "glasswright[hub]", or give a copy of the files: {repository.copy}',
        ) from error
    return HfApi(library_name="glasswright")


def _listed(file: "RepoFile") -> Listed:
    sha256 = file.lfs.sha256 if file.lfs is not None else None
    return Listed(path=file.path, num_bytes=file.size, sha256=sha256, git_sha1=file.blob_id)


@contextmanager
def _reached(repository: Repository) -> Iterator[None]:
    """Turn what the client raises into one answer: wrong input, or could not be found out."""
    try:
        yield
    except (AttributeError, NameError, TypeError):
        raise  # a defect, and no answer of the hub
    except Exception as error:  # the errors of the network are those of another package in each version of the client
        raise _answer(repository, error) from error


def _answer(what: Repository, error: Exception) -> GlasswrightError:
    from huggingface_hub import errors

    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(error, errors.GatedRepoError):
        return Unknown(
            f"{what}: access has to be asked for: the {what.kind} is gated",
            hint=f"accept its terms at {what.page}, then set HF_TOKEN or run `hf auth login`",
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return Misuse(
            f"{what}: the {what.kind} has no such commit", hint=f"its commits are at {what.page}/commits/main"
        )
    if isinstance(error, errors.RepositoryNotFoundError) and status == 404:
        return Misuse(f"{what}: there is no such {what.kind}", hint="check the spelling: hf:ORG/NAME")
    if status in (401, 403):
        return Unknown(
            f"{what}: the hub refuses access ({status}): there is no such {what.kind}, or it is private",
            hint=f"check the spelling; for a private {what.kind} set HF_TOKEN or run `hf auth login`",
        )
    if status is not None:
        return Unknown(f"{what}: the hub answered {status}", hint="wait some minutes and try again")
    told = str(error).split("\n")[0]
    return Unknown(
        f"{what}: could not be fetched: {told}",
        hint=f"check the network, or give a copy of the files: {what.copy}",
    )
