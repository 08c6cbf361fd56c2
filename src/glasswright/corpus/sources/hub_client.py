"""The Hugging Face hub, asked by its own client: what a dataset holds at a commit, and its files in the client's cache.

The address comes from HF_ENDPOINT, the token from HF_TOKEN or from `hf auth login`. Nothing but files is asked for: no
script of a dataset is run, and no telemetry is sent.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from glob import escape
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from glasswright.errors import GlasswrightError, Misuse, Unknown
from glasswright.records.recipe import HubOrigin

if TYPE_CHECKING:
    from huggingface_hub import HfApi
    from huggingface_hub.hf_api import RepoFile

SECONDS = 30  # to wait for the first answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A file as a commit lists it."""

    path: str
    num_bytes: int
    sha256: str | None  # of a file in large file storage
    git_sha1: str  # of the git blob; for a file in large file storage, of the pointer to it


class Client:
    """One dataset of the hub at one commit.

    Raises:  Misuse if the client is not installed.
    """

    def __init__(self, origin: HubOrigin):
        self._origin = origin
        self._api = _api()

    @property
    def endpoint(self) -> str:
        return self._api.endpoint

    def files(self) -> list[Listed]:
        """Every file of the dataset, by path.

        Raises:  Misuse if there is no such dataset or commit; Unknown if that cannot be found out.
        """
        from huggingface_hub.hf_api import RepoFile

        dataset, revision = self._origin.dataset, self._origin.revision
        with _reached(self._origin):
            self._api.dataset_info(dataset, revision=revision, timeout=SECONDS)  # answers at once, and is not retried
            tree = self._api.list_repo_tree(dataset, repo_type="dataset", revision=revision, recursive=True)
            found = [_listed(file) for file in tree if isinstance(file, RepoFile)]
        for file in found:
            if ".." in PurePosixPath(file.path).parts or file.path.startswith("/"):
                raise Misuse(f"{named(self._origin)}: the hub lists {file.path!r}, which is no path within a dataset")
        return sorted(found, key=lambda file: file.path.encode())

    def fetch(self, paths: Sequence[str]) -> dict[str, Path]:
        """Where files lie on this machine: in the client's cache, from which they are not fetched again.

        Raises:  Unknown if one cannot be had.
        """
        with _reached(self._origin):
            folder = self._api.snapshot_download(
                self._origin.dataset,
                repo_type="dataset",
                revision=self._origin.revision,
                allow_patterns=[escape(path) for path in paths],
            )
        places = {path: (Path(folder) / path).resolve() for path in paths}
        for path, place in places.items():
            if not place.is_file():
                raise Unknown(f"{named(self._origin)}: {path} was not fetched", hint="check the network; try again")
        return places


def named(origin: HubOrigin) -> str:
    return f"hf:{origin.dataset}@{origin.revision[:12]}"


def _api() -> "HfApi":
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"  # read when the client is imported
    try:
        from huggingface_hub import HfApi
    except ModuleNotFoundError as error:
        raise Misuse(
            "sources of kind hf need the package huggingface_hub",
            hint='pip install "glasswright[hub]", or give a copy of the files: --source NAME=DIR',
        ) from error
    return HfApi(library_name="glasswright")


def _listed(file: "RepoFile") -> Listed:
    sha256 = file.lfs.sha256 if file.lfs is not None else None
    return Listed(path=file.path, num_bytes=file.size, sha256=sha256, git_sha1=file.blob_id)


@contextmanager
def _reached(origin: HubOrigin) -> Iterator[None]:
    """Turn what the client raises into one answer: wrong input, or could not be found out."""
    try:
        yield
    except (AttributeError, NameError, TypeError):
        raise  # a defect, and no answer of the hub
    except Exception as error:  # the errors of the network are those of another package in each version of the client
        raise _answer(named(origin), origin, error) from error


def _answer(what: str, origin: HubOrigin, error: Exception) -> GlasswrightError:
    from huggingface_hub import errors

    status = getattr(getattr(error, "response", None), "status_code", None)
    page = f"https://huggingface.co/datasets/{origin.dataset}"
    if isinstance(error, errors.GatedRepoError):
        return Unknown(
            f"{what}: access has to be asked for: the dataset is gated",
            hint=f"accept its terms at {page}, then set HF_TOKEN or run `hf auth login`",
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return Misuse(f"{what}: the dataset has no such commit", hint=f"its commits are at {page}/commits/main")
    if isinstance(error, errors.RepositoryNotFoundError) and status == 404:
        return Misuse(f"{what}: there is no such dataset", hint="check the spelling: hf:ORG/NAME")
    if status in (401, 403):
        return Unknown(
            f"{what}: the hub refuses access ({status}): there is no such dataset, or it is private",
            hint="check the spelling; for a private dataset set HF_TOKEN or run `hf auth login`",
        )
    if status is not None:
        return Unknown(f"{what}: the hub answered {status}", hint="wait some minutes and try again")
    told = str(error).split("\n")[0]
    return Unknown(
        f"{what}: could not be fetched: {told}",
        hint="check the network, or give a copy of the files: --source NAME=DIR",
    )
