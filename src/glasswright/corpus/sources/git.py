"""A public git repository at one commit.

Fetched by `git` itself, which checks every object against the commit. A copy without its history (DIR/OWNER/NAME/...)
is taken as what it is stated to be, and `sources.json` says so.
"""

import os
import re
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from glasswright.corpus.found import Opened
from glasswright.corpus.sources.files import entries
from glasswright.corpus.sources.folder import FolderReader
from glasswright.errors import Misuse
from glasswright.records.recipe import GitOrigin, Source

SCHEMES = ("https", "ssh", "git", "file")
COMMIT_IS_CHECKED = "fetched with git, which checks every object against the commit"
COMMIT_IS_STATED = "read from a copy without history; that it is this commit is stated by the recipe and not checked"


def open_git(source: Source, *, location: Path | None, mirror: Path | None, holder: ExitStack) -> Opened:
    """The documents of a repository, from a local copy if one is given, else fetched."""
    assert source.git is not None
    copy = _local_copy(source.name, source.git, location, mirror)
    if copy is not None and not _has_history(copy):
        tree, how = copy, COMMIT_IS_STATED
    else:
        tree = Path(holder.enter_context(tempfile.TemporaryDirectory(prefix="glasswright-git-")))
        _checkout(source.git, url=str(copy.resolve()) if copy else source.git.url, tree=tree)
        how = COMMIT_IS_CHECKED
    return Opened(
        uri=source.git.url,
        revision=source.git.commit,
        files=entries(tree, source.include),
        read=FolderReader(tree),
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


def _checkout(origin: GitOrigin, *, url: str, tree: Path) -> None:
    """Fetch one commit and write its files to `tree`, with no configuration, hook or filter of this machine."""
    scheme = urlsplit(url).scheme
    if scheme not in SCHEMES and not Path(url).is_absolute():
        raise Misuse(f"{url}: not a repository", hint=f"expected a URL that begins with {', '.join(SCHEMES)}")
    _git(tree, url, "init", "--quiet", "--template=")
    _git(tree, url, "fetch", "--quiet", "--depth=1", "--no-tags", "--", url, origin.commit)
    _git(tree, url, "-c", "advice.detachedHead=false", "checkout", "--quiet", origin.commit)
    found = _git(tree, url, "rev-parse", "HEAD").strip()
    assert found == origin.commit, f"git checked out {found}"


def _git(tree: Path, url: str, *arguments: str) -> str:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "GIT_ALLOW_PROTOCOL": ":".join(SCHEMES),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }
    command = ["git", "-c", "core.hooksPath=/dev/null", "-c", "core.autocrlf=false", "-C", str(tree), *arguments]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    except FileNotFoundError as error:
        raise Misuse("git is not installed", hint="install git, or give a local copy with --mirror DIR") from error
    except subprocess.CalledProcessError as error:
        raise Misuse(
            f"{url}: git {arguments[0] if arguments[0] != '-c' else arguments[2]} failed: {error.stderr.strip()}",
            hint="check the address and the commit, or give a local copy with --mirror DIR",
        ) from error
    return done.stdout
