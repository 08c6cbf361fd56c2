"""A repository at one commit: from git, or from a copy that is taken at its word, and says so."""

import json
import subprocess
from pathlib import Path

import pytest

from glasswright.corpus import collect
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
    assert "checks every object" in _sources(out)["observed"]["how"]
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


def _git(place: Path, *arguments: str) -> str:
    author = ["-c", "user.name=Test", "-c", "user.email=test@example.invalid"]
    done = subprocess.run(["git", *author, "-C", str(place), *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()
