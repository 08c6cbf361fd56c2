"""The license decision beside the human reading of the shared data, where it is at hand."""

import json
from pathlib import Path

import pytest
from benchmarks.corpus_licenses import normal

from glasswright.corpus.decide import decide
from glasswright.corpus.found import Inventory
from glasswright.corpus.policy import judge
from glasswright.corpus.sources.files import entries
from glasswright.corpus.sources.folder import FolderReader
from glasswright.corpus.sources.surroundings import Surroundings
from glasswright.records import recipe
from glasswright.records.ledger import LedgerRow

EVERY = 5  # of the documents is read in every run; all of them with --slow


def read(folder: Path, every: int = 1) -> list[tuple[LedgerRow, str]]:
    """The rows of body documents, each with the license that a person read, in one spelling."""
    labels = [json.loads(line) for line in (folder / "MANIFEST.jsonl").read_text().splitlines()]
    theirs = {label["path"]: normal(label.get("licence_hint")) for label in labels if label["role"] == "body"}
    here = recipe.Source(name="here", kind="folder", path=str(folder))
    rows = (
        decide(found, here, recipe.Corpus())
        for found in FolderReader(Surroundings.below(folder))(entries(folder, ())[::every], Inventory())
    )
    return [(row, theirs[path]) for row in rows if (path := row.path.split("#")[0]) in theirs]


@pytest.mark.parametrize(("name", "num_documents"), [("docs", 2920), ("tales", 1436)])
@pytest.mark.parametrize("every", [EVERY, pytest.param(1, marks=pytest.mark.slow)])
def test_every_license_is_what_a_person_read(shared_data: Path, name: str, num_documents: int, every: int):
    found = read(shared_data / "data" / name, every)
    num_read = len({row.path.split("#")[0] for row, _ in found})
    assert num_read == num_documents if every == 1 else num_read > num_documents / every / 2
    assert [(row.path, row.license, theirs) for row, theirs in found if normal(row.license) != theirs] == []
    wrong = [row.path for row, theirs in found if row.license_decision == "allow" and judge(theirs).decision != "allow"]
    assert wrong == []
