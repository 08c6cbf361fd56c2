"""The license decision beside the human reading of the shared data, where it is at hand."""

from pathlib import Path

import pytest
from benchmarks.corpus_licenses import Read, may_be_used, normal, readings


def read(shared_data: Path, name: str) -> list[Read]:
    folder = shared_data / "data" / name
    return list(readings(folder, folder / "MANIFEST.jsonl"))


@pytest.mark.parametrize(("name", "num_documents"), [("docs", 2920), ("tales", 1436)])
def test_every_license_is_what_a_person_read(shared_data: Path, name: str, num_documents: int):
    found = read(shared_data, name)
    assert len({each.path for each in found}) == num_documents
    assert [each for each in found if not each.is_equal] == []
    assert [each for each in found if each.is_wrongly_allowed] == []


@pytest.mark.parametrize(
    ("ours", "theirs", "is_equal", "is_wrong"),
    [
        ("MIT OR Apache-2.0", "Apache-2.0 OR MIT", True, False),
        ("LicenseRef-CC-BY", "CC-BY", True, False),
        ("CC-BY-4.0", "CC-BY-3.0", False, False),
        ("CC-BY-4.0", "CC-BY-NC-4.0", False, True),
        ("CC-BY-4.0", "CC-BY-NC", False, True),
        ("CC-BY-4.0", None, False, True),
        ("OPUBL-1.0", "OPL/OPUBL", True, True),
    ],
)
def test_the_comparison_tells_different_licenses_apart(ours: str, theirs: str | None, is_equal: bool, is_wrong: bool):
    one = Read(path="a", ours=ours, theirs=theirs, is_allowed=True, evidence=None)
    assert (one.is_equal, one.is_wrongly_allowed) == (is_equal, is_wrong)
    assert normal(None) is None
    assert not may_be_used(None)
