"""Subjects from hubs and git: what is read, and one clear answer where a place cannot be reached."""

import builtins
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.audit.builder import OPEN_README, open_subject, write

from glasswright.audit import audit_subject, load_subject
from glasswright.errors import Misuse, Unknown

CARD = "---\nlicense: mit\npipeline_tag: text-generation\n---\n\n# Glade\n\nWe open-source Glade.\n"


class FakeHub:
    """A hub with one repository, or one that answers with an error."""

    def __init__(
        self,
        files: dict[str, str] | None = None,
        *,
        error: Exception | None = None,
        gated: object = False,
        closed: bool = False,
    ):
        self.files, self.error, self.gated, self.closed = files or {}, error, gated, closed
        self.asked: list[str] = []

    def repo_info(self, repo_id: str, **_: Any) -> Any:
        if self.error:
            raise self.error
        siblings = [SimpleNamespace(rfilename=name, size=len(text)) for name, text in self.files.items()]
        siblings.append(SimpleNamespace(rfilename="model.safetensors", size=10**10))
        return SimpleNamespace(sha="c" * 40, siblings=siblings, gated=self.gated, id=repo_id)

    def hf_hub_download(self, repo_id: str, filename: str, *, local_dir: str, **_: Any) -> str:  # noqa: ARG002
        self.asked.append(filename)
        if self.closed:
            raise answered(403)
        path = Path(local_dir) / filename.replace("/", "_")
        path.write_text(self.files[filename])
        return str(path)


def answered(status: int, name: str = "HfHubHTTPError") -> Exception:
    """An error as a hub client raises it."""
    error = type(name, (Exception,), {})("no")
    error.response = SimpleNamespace(status_code=status)  # type: ignore[attr-defined]
    return error


def test_a_hub_model_is_listed_and_its_texts_are_read_and_no_weights():
    hub = FakeHub({"README.md": CARD, "config.json": "{}"})
    report = audit_subject(load_subject(["hf:meadow/glade"], hub=lambda: hub))
    assert report.subject.snapshots[0].commit == "c" * 40
    assert report.facts["license.weights"].value == "MIT"
    assert report.facts["final_parameters.present"].value == "in the listing"
    assert set(hub.asked) == {"README.md", "config.json"}


def test_a_gated_model_is_known_by_its_listing_and_its_texts_are_unreachable():
    hub = FakeHub({"README.md": CARD}, gated="manual", closed=True)
    report = audit_subject(load_subject(["hf:meadow/glade"], hub=lambda: hub))
    assert report.facts["final_parameters.access"].value == "gated"
    assert "gated" in report.not_read[0]
    assert report.facts["license.weights"].status == "unknown"
    assert report.osaid.status != "proved"


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (answered(404, "RepositoryNotFoundError"), "deleted, renamed or private"),
        (answered(401), "deleted, renamed or private"),
        (answered(429), "rate limit"),
        (answered(403, "GatedRepoError"), "asked for"),
        (ConnectionError("no route"), "no connection"),
        (type("LocalEntryNotFoundError", (Exception,), {})("offline"), "no connection"),
        (answered(500), "answered with"),
    ],
)
def test_a_hub_that_does_not_answer_is_unknown_with_a_reason(error: Exception, says: str):
    with pytest.raises(Unknown, match=says) as raised:
        load_subject(["hf:meadow/glade"], hub=lambda: FakeHub(error=error))
    assert raised.value.exit_code == 3
    assert raised.value.hint


def test_without_the_hub_package_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch):
    real = builtins.__import__

    def missing(name: str, *rest: Any, **more: Any) -> Any:
        if name == "huggingface_hub":
            raise ModuleNotFoundError("No module named 'huggingface_hub'", name=name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(Misuse) as raised:
        load_subject(["hf:meadow/glade"])
    assert "glasswright[hub]" in str(raised.value.hint)


@pytest.mark.parametrize("spec", ["hf:glade", "github:datasets/meadow/glade", "hf:meadow/glade/more", "github:"])
def test_a_name_that_is_none_is_misuse(spec: str):
    with pytest.raises(Misuse, match="expected hf:org/name"):
        load_subject([spec], hub=FakeHub)


def test_nothing_given_is_misuse():
    with pytest.raises(Misuse, match="no subject"):
        load_subject([])


def git(folder: Path, *arguments: str) -> None:
    """Run git in a folder, as nobody in particular."""
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A folder that stands for a git host, with meadow/glade on it."""
    source = open_subject(tmp_path / "made") / "meadow__glade"
    git(source, "init")
    git(source, "add", ".")
    git(source, "commit", "-m", "x")
    host = tmp_path / "host"
    (host / "meadow").mkdir(parents=True)
    subprocess.run(["git", "clone", "--quiet", "--bare", str(source), str(host / "meadow/glade.git")], check=True)
    return host


def test_a_git_repository_is_listed_and_read(repository: Path):
    report = audit_subject(load_subject(["github:meadow/glade"], git_base=f"file://{repository}"))
    assert report.osaid.status == "proved"
    assert len(report.subject.snapshots[0].commit or "") == 40


def test_a_git_repository_that_is_not_there_is_unknown(tmp_path: Path):
    with pytest.raises(Unknown, match="deleted, renamed or private"):
        load_subject(["github:meadow/none"], git_base=f"file://{tmp_path}")


def test_several_places_are_one_subject(tmp_path: Path):
    hub = FakeHub({"README.md": CARD})
    write(tmp_path / "code", {"README.md": OPEN_README, "train.py": ""})
    subject = load_subject([str(tmp_path / "code"), "hf:meadow/glade"], hub=lambda: hub)
    assert subject.name == "code + meadow/glade"
    assert [s.kind for s in subject.snapshots] == ["code", "model"]


def test_sizes_of_a_repository_are_those_of_the_files_that_came_along(repository: Path):
    (snapshot,) = load_subject(["github:meadow/glade"], git_base=f"file://{repository}").snapshots
    sizes = {entry.path: entry.size_bytes for entry in snapshot.entries}
    assert sizes["README.md"] == len(OPEN_README.encode())
