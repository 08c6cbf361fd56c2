"""A repository at one commit: from git, or from a copy that is taken at its word, and says so."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from glasswright.corpus import collect
from glasswright.corpus.sources import git_objects
from glasswright.corpus.sources.limits import Growth
from glasswright.errors import Misuse
from glasswright.records.recipe import Recipe
from glasswright.store.ledger import read_ledger


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository whose newest commit says `new`, and whose first said `old`."""
    place = tmp_path / "origin" / "owner" / "name"
    place.mkdir(parents=True)
    _git(place, "init", "--quiet")
    for words in ("old words", "new words"):
        (place / "a.txt").write_text(words)
        _git(place, "add", "a.txt")
        _git(place, "commit", "--quiet", "-m", words)
    return place


def test_the_pinned_commit_is_read_and_not_the_newest(repository: Path, tmp_path: Path):
    commit = _git(repository, "rev-parse", "HEAD~1")
    out = tmp_path / "out"
    collect(_recipe(repository.as_uri(), commit), base=tmp_path, out=out)
    assert _document(out) == "old words"
    assert "was checked against the commit" in _sources(out)["observed"]["how"]
    assert _sources(out)["determined"]["revision"] == commit


def test_a_mirror_with_history_is_held_to_the_commit(repository: Path, tmp_path: Path):
    commit = _git(repository, "rev-parse", "HEAD~1")
    out = tmp_path / "out"
    recipe = _recipe("https://example.invalid/owner/name.git", commit)
    collect(recipe, base=tmp_path, out=out, mirror=tmp_path / "origin")
    assert _document(out) == "old words"


def test_a_copy_without_history_is_taken_as_stated_and_says_so(repository: Path, tmp_path: Path):
    commit = _git(repository, "rev-parse", "HEAD")
    copy = tmp_path / "mirror" / "owner" / "name"
    copy.mkdir(parents=True)
    (copy / "a.txt").write_bytes((repository / "a.txt").read_bytes())
    recipe = _recipe("https://example.invalid/owner/name", commit)
    collect(recipe, base=tmp_path, out=tmp_path / "from-copy", mirror=tmp_path / "mirror")
    assert "not checked" in _sources(tmp_path / "from-copy")["observed"]["how"]
    collect(recipe, base=tmp_path, out=tmp_path / "from-git", locations={"book": repository})
    ledgers = [read_ledger(tmp_path / name / "ledger.parquet") for name in ("from-copy", "from-git")]
    assert ledgers[0] == ledgers[1]


def test_a_commit_that_is_not_there_is_an_error(repository: Path, tmp_path: Path):
    with pytest.raises(Misuse, match="git fetch failed"):
        collect(_recipe(repository.as_uri(), "0" * 40), base=tmp_path, out=tmp_path / "out")


def test_a_repository_that_is_not_there_is_an_error(tmp_path: Path):
    with pytest.raises(Misuse, match="git fetch failed"):
        collect(_recipe((tmp_path / "no" / "where").as_uri(), "1" * 40), base=tmp_path, out=tmp_path / "out")


def test_a_mirror_without_the_repository_is_an_error(tmp_path: Path):
    with pytest.raises(Misuse, match="no folder"):
        collect(_recipe("https://example.invalid/a/b", "1" * 40), base=tmp_path, out=tmp_path / "out", mirror=tmp_path)


@pytest.mark.parametrize("url", ["ext::sh -c touch% pwned", "--upload-pack=touch pwned", "relative/owner/name"])
def test_an_address_that_could_run_something_is_refused(url: str, tmp_path: Path):
    with pytest.raises(Misuse, match="not a repository"):
        collect(_recipe(url, "1" * 40), base=tmp_path, out=tmp_path / "out")


FILES = {
    "a.txt": b"unix\nends\n",
    "b.txt": b"dos\r\nends\r\n",
    "c.txt": b"$Id$ and $Format:%H$\n",
    "d.txt": "Käse\n".encode(),
}


def commit_of(place: Path, files: dict[str, bytes], attributes: str = "") -> str:
    """A commit whose blobs are these bytes, whatever its attributes say."""
    place.mkdir(parents=True, exist_ok=True)
    _git(place, "init", "--quiet")
    for path, data in files.items():
        blob = _git(place, "hash-object", "-w", "--stdin", "--no-filters", stdin=data)
        _git(place, "update-index", "--add", "--cacheinfo", f"100644,{blob},{path}")
    if attributes:
        blob = _git(place, "hash-object", "-w", "--stdin", "--no-filters", stdin=attributes.encode())
        _git(place, "update-index", "--add", "--cacheinfo", f"100644,{blob},.gitattributes")
    return _git(place, "commit-tree", "-m", "words", _git(place, "write-tree"))


def raw(out: Path) -> dict[str, str]:
    """Of each file, the digest of the bytes that were read: what the source's digest is over."""
    return {row.path: row.sha256 for row in read_ledger(out / "ledger.parquet")}


REWRITES = "* text eol=crlf\n* ident\nd.txt working-tree-encoding=UTF-16LE\n* filter=shout\n* export-subst\n"
CONFIG = """
[core]
    autocrlf = true
    eol = crlf
    attributesFile = {home}/attributes
    hooksPath = {home}/hooks
    fsmonitor = {home}/hooks/post-checkout
[filter "shout"]
    smudge = tr a-z A-Z
    required = true
[url "file://{home}/other/"]
    insteadOf = file://
[protocol]
    allow = never
"""


@dataclass(frozen=True)
class Surrounded:
    """A repository, and what lies around it."""

    home: Path
    patch: pytest.MonkeyPatch
    place: Path


def user_attributes(here: Surrounded) -> None:
    (here.home / ".config" / "git").mkdir(parents=True)
    (here.home / ".config" / "git" / "attributes").write_text(REWRITES)


def user_attributes_elsewhere(here: Surrounded) -> None:
    here.patch.setenv("XDG_CONFIG_HOME", str(here.home / "xdg"))
    (here.home / "xdg" / "git").mkdir(parents=True)
    (here.home / "xdg" / "git" / "attributes").write_text(REWRITES)


def user_settings(here: Surrounded) -> None:
    (here.home / "attributes").write_text(REWRITES)
    (here.home / ".gitconfig").write_text(CONFIG.format(home=here.home))


def environment(here: Surrounded) -> None:
    user_settings(here)
    here.patch.setenv("GIT_CONFIG_GLOBAL", str(here.home / ".gitconfig"))
    here.patch.setenv("GIT_CONFIG_SYSTEM", str(here.home / ".gitconfig"))
    here.patch.setenv("GIT_CONFIG_COUNT", "1")
    here.patch.setenv("GIT_CONFIG_KEY_0", "core.attributesFile")
    here.patch.setenv("GIT_CONFIG_VALUE_0", str(here.home / "attributes"))
    here.patch.setenv("GIT_DIR", str(here.home / "nowhere"))
    here.patch.setenv("GIT_OBJECT_DIRECTORY", str(here.home / "nowhere"))
    here.patch.setenv("GIT_INDEX_FILE", str(here.home / "nowhere"))
    here.patch.setenv("GIT_DEFAULT_HASH", "sha256")


def settings_of_the_repository(here: Surrounded) -> None:
    (here.home / "attributes").write_text(REWRITES)
    with (here.place / ".git" / "config").open("a") as file:
        file.write(CONFIG.format(home=here.home))
    (here.place / ".git" / "info").mkdir(exist_ok=True)
    (here.place / ".git" / "info" / "attributes").write_text(REWRITES)


def hooks_of_the_repository(here: Surrounded) -> None:
    (here.place / ".git" / "hooks").mkdir(exist_ok=True)
    for name in ("post-checkout", "post-upload-pack", "reference-transaction"):
        hook = here.place / ".git" / "hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch {here.home}/pwned\n")
        hook.chmod(0o755)


def replacements(here: Surrounded) -> None:
    blob = _git(here.place, "hash-object", "--stdin", "--no-filters", stdin=FILES["a.txt"])
    other = _git(here.place, "hash-object", "-w", "--stdin", stdin=b"another")
    _git(here.place, "replace", blob, other)


def grafts(here: Surrounded) -> None:
    commit = _git(here.place, "rev-parse", "here")
    (here.place / ".git" / "info").mkdir(exist_ok=True)
    (here.place / ".git" / "info" / "grafts").write_text(f"{commit} {commit_of(here.place, {'z.txt': b'z'})}\n")


def alternates(here: Surrounded) -> None:
    shutil.move(here.place / ".git" / "objects", here.home / "objects")
    (here.place / ".git" / "objects" / "info").mkdir(parents=True)
    (here.place / ".git" / "objects" / "info" / "alternates").write_text(f"{here.home}/objects\n")


ELSEWHERE = [
    user_attributes,
    user_attributes_elsewhere,
    user_settings,
    environment,
    settings_of_the_repository,
    hooks_of_the_repository,
    replacements,
    grafts,
    alternates,
]


@pytest.mark.parametrize("configure", ELSEWHERE)
def test_no_setting_of_a_user_a_machine_or_a_repository_changes_the_bytes(
    configure: Callable[[Surrounded], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    place, home = tmp_path / "owner" / "name", tmp_path / "home"
    commit = commit_of(place, FILES)
    _git(place, "update-ref", "refs/heads/here", commit)
    home.mkdir()
    collect(_recipe(place.as_uri(), commit), base=tmp_path, out=tmp_path / "plain")
    with monkeypatch.context() as patch:
        patch.setenv("HOME", str(home))
        configure(Surrounded(home, patch, place))
        collect(_recipe(place.as_uri(), commit), base=tmp_path, out=tmp_path / "set")
    assert _sources(tmp_path / "set")["determined"] == _sources(tmp_path / "plain")["determined"]
    assert raw(tmp_path / "set") == raw(tmp_path / "plain")
    assert not (home / "pwned").exists()


def test_the_attributes_of_a_commit_change_no_byte_of_it(tmp_path: Path):
    plain = commit_of(tmp_path / "o" / "plain", FILES)
    rewritten = commit_of(tmp_path / "o" / "rewritten", FILES, REWRITES)
    collect(_recipe((tmp_path / "o" / "plain").as_uri(), plain), base=tmp_path, out=tmp_path / "a")
    collect(_recipe((tmp_path / "o" / "rewritten").as_uri(), rewritten), base=tmp_path, out=tmp_path / "b")
    found = raw(tmp_path / "b")
    assert found.pop(".gitattributes")
    assert found == raw(tmp_path / "a")


def test_links_submodules_and_sly_names_of_a_commit_lead_nowhere(tmp_path: Path):
    place = tmp_path / "o" / "n"
    kept = commit_of(place, {"deep/a.txt": b"kept", ".svn/b.txt": b"of another tool"})
    for path, target in {"in.txt": b"deep/a.txt", "deep/out.txt": b"../../secret", "top.txt": b"/etc/passwd"}.items():
        blob = _git(place, "hash-object", "-w", "--stdin", "--no-filters", stdin=target)
        _git(place, "update-index", "--add", "--cacheinfo", f"120000,{blob},{path}")
    _git(place, "update-index", "--add", "--cacheinfo", f"160000,{kept},module")
    commit = _git(place, "commit-tree", "-m", "words", _git(place, "write-tree"))
    collect(_recipe(place.as_uri(), commit), base=tmp_path, out=tmp_path / "out")
    reasons = {row.path: row.reason for row in read_ledger(tmp_path / "out" / "ledger.parquet")}
    assert reasons == {
        "deep/a.txt": "kept",
        "in.txt": "link_not_followed",
        "deep/out.txt": "link_leaves_source",
        "top.txt": "link_leaves_source",
    }


@pytest.mark.parametrize("name", [b"..", b".", b"", b"a/b", b"a.txt"])
def test_a_tree_with_a_name_that_is_none_is_refused(tmp_path: Path, name: bytes):
    place = tmp_path / "o" / "n"
    blob = bytes.fromhex(_git_of(place, "hash-object", "-w", "--stdin", stdin=b"words"))
    tree = b"".join(b"100644 " + each + b"\0" + blob for each in (b"a.txt", name))
    listed = _git(place, "hash-object", "-w", "-t", "tree", "--literally", "--stdin", stdin=tree)
    with pytest.raises(Misuse, match=r"is not well formed|git fetch failed"):
        collect(_recipe(place.as_uri(), _commit(place, listed)), base=tmp_path, out=tmp_path / "out")


def test_trees_of_trees_that_name_any_number_of_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(git_objects, "MAX_ENTRIES", 10_000)
    place = tmp_path / "o" / "n"
    listed, mode = _git_of(place, "hash-object", "-w", "--stdin", stdin=b"words"), b"100644"
    for _ in range(12):
        tree = b"".join(b"%s %d\0" % (mode, number) + bytes.fromhex(listed) for number in range(10))
        listed, mode = _git(place, "hash-object", "-w", "-t", "tree", "--stdin", stdin=tree), b"40000"
    with pytest.raises(Misuse, match="more than 10000 files"):
        collect(_recipe(place.as_uri(), _commit(place, listed)), base=tmp_path, out=tmp_path / "out")


def test_a_path_deeper_than_a_file_system_takes_is_refused_and_any_other_is_read(tmp_path: Path):
    place = tmp_path / "o" / "n"
    listed, mode, commits = _git_of(place, "hash-object", "-w", "--stdin", stdin=b"words"), b"100644 a.txt", []
    for _ in range(2100):
        tree = mode + b"\0" + bytes.fromhex(listed)
        listed, mode = _hash_tree(place, tree), b"40000 d"
        commits.append(listed)
    collect(_recipe(place.as_uri(), _commit(place, commits[1500])), base=tmp_path, out=tmp_path / "out")
    assert _document(tmp_path / "out") == "words"
    with pytest.raises(Misuse, match="path that is too long"):
        collect(_recipe(place.as_uri(), _commit(place, commits[-1])), base=tmp_path, out=tmp_path / "no")


def test_files_out_of_all_proportion_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("glasswright.corpus.sources.git.FREE_BYTES", 2**20)
    place = tmp_path / "o" / "n"
    commit = commit_of(place, {"a.txt": bytes(2**24)})
    with pytest.raises(Misuse, match="out of all proportion"):
        collect(_recipe(place.as_uri(), commit), base=tmp_path, out=tmp_path / "out")


LIAR = """
name = input()
print(name, "blob", 5)
print("WORDS")
"""


@pytest.mark.parametrize(("words", "error"), [("hello", None), ("hullo", "other bytes"), ("hell", "other bytes")])
def test_an_object_is_held_to_its_name_whatever_git_answers(tmp_path: Path, words: str, error: str | None):
    liar = tmp_path / "liar.py"
    liar.write_text(LIAR.replace("WORDS", words))
    out = io.BytesIO()
    with git_objects.opened("here", [sys.executable, str(liar)], dict(os.environ)) as objects:
        if error is None:
            objects.copy("b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0", out, Growth("here", 0))
            assert out.getvalue() == b"hello"
        else:
            with pytest.raises(Misuse, match=error):
                objects.copy("b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0", out, Growth("here", 0))


def test_an_object_that_git_lacks_or_has_no_more_is_an_error_and_not_a_wait(tmp_path: Path):
    for command in (["git", f"--git-dir={tmp_path}"], [sys.executable, "-c", "1"]):
        with (
            git_objects.opened("here", command, dict(os.environ)) as objects,
            pytest.raises(Misuse, match="git has no blob"),
        ):
            objects.copy("b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0", io.BytesIO(), Growth("here", 0))


def _git_of(place: Path, *arguments: str, stdin: bytes) -> str:
    """The same in a new repository."""
    place.mkdir(parents=True)
    _git(place, "init", "--quiet")
    return _git(place, *arguments, stdin=stdin)


def _hash_tree(place: Path, tree: bytes) -> str:
    """Write a loose object: faster than git two thousand times."""
    data = b"tree %d\0" % len(tree) + tree
    name = hashlib.sha1(data).hexdigest()
    folder = place / ".git" / "objects" / name[:2]
    folder.mkdir(exist_ok=True)
    (folder / name[2:]).write_bytes(zlib.compress(data))
    return name


def _commit(place: Path, tree: str) -> str:
    text = f"tree {tree}\nauthor A <a@example.invalid> 0 +0000\ncommitter A <a@example.invalid> 0 +0000\n\nwords\n"
    return _git(place, "hash-object", "-w", "-t", "commit", "--stdin", "--literally", stdin=text.encode())


def _recipe(url: str, commit: str) -> Recipe:
    source = {"name": "book", "kind": "git", "git": {"url": url, "commit": commit}, "license": "CC0-1.0"}
    return Recipe(name="t", sources=[source])  # type: ignore[list-item]


def _document(out: Path) -> str:
    text = json.loads((out / "documents" / "00000.jsonl").read_bytes())["text"]
    assert isinstance(text, str)
    return text


def _sources(out: Path) -> dict[str, dict[str, str]]:
    (source,) = json.loads((out / "sources.json").read_bytes())["sources"]
    assert isinstance(source, dict)
    return source


def _git(place: Path, *arguments: str, stdin: bytes = b"") -> str:
    author = ["-c", "user.name=Test", "-c", "user.email=test@example.invalid"]
    done = subprocess.run(["git", *author, "-C", str(place), *arguments], input=stdin, check=True, capture_output=True)
    return done.stdout.decode().strip()
