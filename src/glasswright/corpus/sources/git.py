"""A public git repository at one commit.

Fetched by `git` into a folder of its own and read object by object, each held to its name, from the commit down.
Nothing is checked out. A copy without its history (DIR/OWNER/NAME/...) is taken as what it is stated to be, and
`sources.json` says so.
"""

import os
import pickle
import posixpath
import re
import subprocess
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from glasswright.corpus.found import Opened
from glasswright.corpus.sources import git_objects
from glasswright.corpus.sources.files import VERSION_CONTROL, Entry, file_entry, included, spelled, walk
from glasswright.corpus.sources.folder import FolderReader
from glasswright.corpus.sources.git_objects import Listed, Objects
from glasswright.corpus.sources.limits import MAX_PATH_BYTES, Growth
from glasswright.corpus.sources.surroundings import Surroundings
from glasswright.errors import Misuse
from glasswright.records.recipe import GitOrigin, Source

SCHEMES = ("https", "ssh", "git", "file")
COMMIT_IS_CHECKED = "fetched with git; every object that was read was checked against the commit"
COMMIT_IS_STATED = "read from a copy without history; that it is this commit is stated by the recipe and not checked"
FREE_BYTES = 2**32  # that a repository may take on disk, however well it is packed
MAX_OBJECT = "1g"  # that git may hold in memory
STREAMED = "core.bigFileThreshold=32m"  # larger files are not held in memory


def open_git(source: Source, *, location: Path | None, mirror: Path | None, holder: ExitStack) -> Opened:
    """The documents of a repository, from a local copy if one is given, else fetched."""
    assert source.git is not None
    copy = _local_copy(source.name, source.git, location, mirror)
    if copy is not None and not _has_history(copy):
        found, surroundings, how = walk(copy), Surroundings.below(copy), COMMIT_IS_STATED
    else:
        folder = Path(holder.enter_context(tempfile.TemporaryDirectory(prefix="glasswright-git-")))
        found = _fetched(source.git, str(copy.resolve()) if copy else source.git.url, folder)
        surroundings, how = Surroundings(partial(_noted, _note(found, folder))), COMMIT_IS_CHECKED
    return Opened(
        uri=source.git.url,
        revision=source.git.commit,
        files=included(found, source.include),
        read=FolderReader(surroundings),
        observed={"how": how},
    )


def _local_copy(name: str, origin: GitOrigin, location: Path | None, mirror: Path | None) -> Path | None:
    place = location
    if place is None and mirror is not None:
        owner, repository = _owner_and_name(origin.url)
        place = mirror / owner / repository
    if place is not None and not place.is_dir():
        raise Misuse(
            f"source {name}: no folder {place}",
            hint=f"expected there a copy of {origin.url}; without it, it is fetched",
        )
    return place


def _owner_and_name(url: str) -> tuple[str, str]:
    parts = [part for part in re.split(r"[/:]", url.removesuffix("/").removesuffix(".git")) if part]
    if len(parts) < 2 or ".." in parts[-2:]:
        raise Misuse(f"{url}: has no owner and name", hint="expected a URL such as https://example.org/OWNER/NAME")
    return parts[-2], parts[-1]


def _has_history(copy: Path) -> bool:
    return (copy / ".git").exists() or (copy / "objects").is_dir()


def _fetched(origin: GitOrigin, url: str, folder: Path) -> list[Entry]:
    """Fetch one commit; its files lie in `folder` by the names of their blobs, so no path in it leads anywhere."""
    scheme = urlsplit(url).scheme
    if scheme not in SCHEMES and not Path(url).is_absolute():
        raise Misuse(f"{url}: not a repository", hint=f"expected a URL that begins with {', '.join(SCHEMES)}")
    repository, blobs = folder / "repository", folder / "blobs"
    blobs.mkdir()
    _git(["git"], url, "init", "--quiet", "--bare", "--template=", str(repository))
    _git(_command(repository), url, "fetch", "--quiet", "--depth=1", "--no-tags", "--", url, origin.commit)
    packed = sum(path.stat().st_size for path in (repository / "objects").rglob("*") if path.is_file())
    with git_objects.opened(url, _command(repository), _environment()) as objects:
        listed = sorted(objects.files(origin.commit), key=lambda file: file.path)
        growth = Growth(url, packed, free=FREE_BYTES)
        found = [_entry(objects, file, blobs, growth) for file in listed if not _is_of_version_control(file)]
    return sorted(found, key=lambda entry: entry.path.encode())


def _entry(objects: Objects, file: Listed, blobs: Path, growth: Growth) -> Entry:
    place = blobs / file.name
    if not place.exists():
        with place.open("xb") as out:
            objects.copy(file.name, out, growth)
    entry = file_entry(place, spelled(file.path))
    return _link(entry, file.path) if file.is_link else entry


def _link(entry: Entry, path: bytes) -> Entry:
    with entry.place.open("rb") as file:
        target = file.read(MAX_PATH_BYTES)
    leads_to = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
    leaves = leads_to.startswith((b"/", b"../")) or leads_to == b".."
    return Entry(
        path=entry.path,
        place=entry.place,
        target=target,
        reason="link_leaves_source" if leaves else "link_not_followed",
    )


def _is_of_version_control(file: Listed) -> bool:
    folders = spelled(file.path).split("/")[:-1]
    return not VERSION_CONTROL.isdisjoint(folders)


def _note(found: list[Entry], folder: Path) -> Path:
    """The list of files, where other processes find it."""
    place = folder / "entries"
    place.write_bytes(pickle.dumps(found))
    return place


def _noted(place: Path) -> list[Entry]:
    found: list[Entry] = pickle.loads(place.read_bytes())
    return found


def _command(repository: Path) -> list[str]:
    return ["git", f"--git-dir={repository}", "-c", "core.hooksPath=/dev/null", "-c", STREAMED]


def _environment() -> dict[str, str]:
    """Without what would make git look, fetch or ask elsewhere: settings, rewritten addresses, other protocols."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "GIT_ALLOC_LIMIT": MAX_OBJECT,
        "GIT_ALLOW_PROTOCOL": ":".join(SCHEMES),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }


def _git(git: list[str], url: str, *arguments: str) -> None:
    command = [*git, *arguments]
    try:
        subprocess.run(command, env=_environment(), capture_output=True, text=True, errors="replace", check=True)
    except FileNotFoundError as error:
        raise Misuse("git is not installed", hint="install git, or give a local copy with --mirror DIR") from error
    except subprocess.CalledProcessError as error:
        raise Misuse(
            f"{url}: git {arguments[0]} failed: {error.stderr.strip()}",
            hint="check the address and the commit, or give a local copy with --mirror DIR",
        ) from error
