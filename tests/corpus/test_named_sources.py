"""`build --documents PLACE` and `corpus build --source PLACE` read every PLACE alike."""

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from tests.corpus import test_debian as debian
from tests.corpus import test_warc as warc
from tests.corpus.hub_server import DATASET, REVISION, serving

from glasswright.cli.app import run
from glasswright.corpus import collect
from glasswright.records.recipe import Recipe
from glasswright.store.documents import read_documents
from glasswright.store.ledger import read_ledger

ROW = {"text": "An essay about rivers, and nothing but rivers.", "license": "CC-BY-4.0"}
LINE = json.dumps(ROW).encode() + b"\n"


def parquet() -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([ROW]), sink)
    return sink.getvalue()


FILES: dict[str, Callable[[], bytes]] = {
    "rows.jsonl": lambda: LINE,
    "rows.json.gz": lambda: gzip.compress(LINE),
    "rows.jsonl.zst": lambda: zstandard.compress(LINE),
    "rows.ndjson": lambda: LINE,
    "rows.parquet": parquet,
    "rows.json": lambda: b"[" + LINE + b"]",
    "rows.csv": lambda: b"text\nAn essay about rivers.\n",
    "essay.tex": lambda: b"An essay about rivers.",
    "crawl.warc": lambda: warc.GOOD,
    "crawl.warc.gz": lambda: warc.archive(warc.GOOD),
    "tool_1.0_all.deb": debian.package,
}


class Built:
    """What `glasswright build` would build, taken as far as its corpus."""

    recipe: Recipe

    def __call__(self, recipe: Recipe, *, setting: Any, out: Path) -> None:
        self.recipe = recipe
        collect(recipe, base=setting.base, out=out / "corpus", locations=setting.locations)


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Built:
    monkeypatch.chdir(tmp_path)
    building = Built()
    monkeypatch.setattr("glasswright.pipeline.build", building)
    monkeypatch.setattr("glasswright.cli.build.show_built", lambda release, **_: None)  # noqa: ARG005
    return building


def seen(folder: Path) -> list[tuple[str | None, ...]]:
    texts = dict(read_documents(folder / "documents"))
    rows = read_ledger(folder / "ledger.parquet")
    return sorted((row.path, row.reason, row.license, row.sha256, texts.get(row.document_id)) for row in rows)


def both(place: str) -> list[tuple[str | None, ...]]:
    """What both commands see; they agree."""
    assert run(["corpus", "build", "--source", place, "--license", "MIT", "--out", "corpus"]) == 0
    assert run(["build", "--documents", place, "--license", "MIT", "--out", "release"]) == 0
    found = seen(Path("corpus"))
    assert seen(Path("release/corpus")) == found
    return found


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_alike(built: Built, name: str):
    Path(name).write_bytes(FILES[name]())
    assert any(reason == "kept" for _, reason, *_ in both(name))
    (source,) = built.recipe.sources
    assert (source.path, source.license) == (name, "MIT")


def test_a_folder_is_read_alike(built: Built):
    Path("My Notes").mkdir()
    Path("My Notes/a.rst").write_text("A note.")
    assert [(path, reason) for path, reason, *_ in both("My Notes")] == [("a.rst", "kept")]
    assert (built.recipe.name, built.recipe.sources[0].path) == ("my-notes", "My Notes")


def test_a_dataset_of_the_hub_is_read_alike(built: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    constants = pytest.importorskip("huggingface_hub.constants", reason="did not run: huggingface_hub is not installed")
    with serving({"README.md": b"A card.", "data/rows.jsonl": LINE}) as hub:
        monkeypatch.setattr(constants, "ENDPOINT", hub.endpoint)
        monkeypatch.setattr(
            constants, "HUGGINGFACE_CO_URL_TEMPLATE", hub.endpoint + "/{repo_id}/resolve/{revision}/{filename}"
        )
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        found = both(f"hf:{DATASET}@{REVISION}")
    assert [(path, license) for path, _, license, *_ in found] == [("data/rows.jsonl#1", "CC-BY-4.0")]
    assert (built.recipe.name, built.recipe.sources[0].kind) == ("essays", "hf")


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("place", ["none.jsonl", "picture.png", "hf:org/name@main"])
def test_what_is_read_by_neither_is_refused_alike(place: str, capsys: pytest.CaptureFixture[str]):
    Path("picture.png").write_bytes(b"x")
    assert run(["corpus", "build", "--source", place, "--license", "MIT", "--out", "corpus"]) == 2
    first = capsys.readouterr().err
    assert run(["build", "--documents", place, "--license", "MIT", "--out", "release"]) == 2
    assert capsys.readouterr().err == first
    assert "hint: " in first
