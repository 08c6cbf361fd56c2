"""The documentation that comes with Python is a corpus on every machine."""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from glasswright.corpus import collect
from glasswright.corpus.sources import python_docs
from glasswright.errors import Misuse
from glasswright.records.recipe import Recipe
from glasswright.store.documents import read_documents
from glasswright.store.ledger import read_ledger

SOURCE = {"name": "python", "kind": "python-docs"}
RUN = """
import sys
from pathlib import Path
from glasswright.corpus import collect
from glasswright.records.recipe import Recipe
collect(Recipe(name="t", sources=[dict(name="python", kind="python-docs")]), base=Path("."), out=Path(sys.argv[1]))
"""


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("python") / "out"
    collect(Recipe(name="t", sources=[SOURCE]), base=folder, out=folder)  # type: ignore[list-item]
    return folder


def test_topics_and_modules_are_documents_with_the_interpreters_license(out: Path):
    rows = read_ledger(out / "ledger.parquet")
    paths = {row.path for row in rows}
    assert {"topics/lambda", "modules/argparse", "modules/asyncio.queues"} <= paths
    assert 500 < len(rows) < 800
    assert {row.license for row in rows} == {"PSF-2.0"}
    assert all(f"Python {platform.python_version()}, sha256" in (row.license_evidence or "") for row in rows)


def test_the_version_is_recorded(out: Path):
    (source,) = json.loads((out / "sources.json").read_bytes())["sources"]
    assert source["determined"]["revision"] == f"Python {platform.python_version()}"
    assert Path(source["observed"]["license_file"]).is_file()


def test_a_docstring_stands_under_its_signature(out: Path):
    paths = {row.document_id: row.path for row in read_ledger(out / "ledger.parquet")}
    texts = {paths[name]: text for name, text in read_documents(out / "documents")}
    assert texts["modules/shlex"].startswith("shlex\n\nA lexical analyzer class")
    assert "quote(s)\n\nReturn a shell-escaped version of the string" in texts["modules/shlex"]


def test_another_process_in_another_place_finds_the_same(out: Path, tmp_path: Path):
    environment = {**os.environ, "LC_ALL": "C", "PYTHONHASHSEED": "5", "TZ": "Asia/Tokyo"}
    subprocess.run([sys.executable, "-c", RUN, str(tmp_path / "o")], check=True, env=environment, cwd=tmp_path)
    assert read_ledger(tmp_path / "o" / "ledger.parquet") == read_ledger(out / "ledger.parquet")
    name = "documents/00000.jsonl"
    assert (tmp_path / "o" / name).read_bytes() == (out / name).read_bytes()


def test_it_lies_nowhere_else(tmp_path: Path):
    recipe = Recipe(name="t", sources=[SOURCE])  # type: ignore[list-item]
    with pytest.raises(Misuse, match="comes with Python"):
        collect(recipe, base=tmp_path, out=tmp_path / "out", locations={"python": tmp_path})


def test_a_python_without_its_license_is_an_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(python_docs, "LICENSE_WORDS", "words that are in no license")
    with pytest.raises(Misuse, match="has no license text"):
        python_docs.open_docs()
