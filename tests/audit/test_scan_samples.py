"""Nothing unsafe is PROVED, and hardly anything clean is left UNKNOWN: the cases, a hundred samples, the clean folders.

What is said of the samples is printed by `python -m benchmarks.scan`.
"""

from pathlib import Path

import pytest
from tests.audit import scan_bad, scan_blind
from tests.audit.builder import write
from tests.audit.scan_clean import CLEAN, Writer
from tests.audit.scan_made import EVIL, Files

from glasswright.audit.scan.scanning import scan_path
from glasswright.records.verdict import Answer

SAMPLES = {**scan_bad.BAD, **scan_blind.BAD}
# Kinds that are code or somebody's agreement: nothing in the file says that it is unsafe, or that it is not.
UNKNOWN_CASES = {"12l-persid", "21d-zip-bomb-300MB", "22-py-file-setup", "22d-torchscript"}


def test_there_are_a_hundred_samples_half_of_them_blind():
    assert (len(SAMPLES), len(scan_blind.BAD)) == (100, 50)


@pytest.mark.parametrize("files", SAMPLES.values(), ids=SAMPLES)
def test_an_unsafe_folder_is_never_proved(files: Files, tmp_path: Path):
    assert scan_path(write(tmp_path, files)).answer is not Answer.PROVED


@pytest.mark.parametrize("writer", CLEAN.values(), ids=CLEAN)
def test_a_clean_folder_is_proved(writer: Writer, tmp_path: Path):
    writer(tmp_path)
    verdict = scan_path(tmp_path)
    assert [finding for finding in verdict.findings if finding.answer is not Answer.PROVED] == []


def test_a_clean_folder_with_one_unsafe_file_is_refuted(tmp_path: Path):
    for writer in CLEAN.values():
        writer(tmp_path)
    write(tmp_path, {"deep/below/weights": EVIL})
    (finding,) = [finding for finding in scan_path(tmp_path).findings if finding.answer is Answer.REFUTED]
    assert finding.claim.startswith("deep/below/weights: ")


def test_the_shared_cases_are_refuted_or_unknown(shared_data: Path):
    cases = sorted(path for path in (shared_data / "cases" / "scan").iterdir() if path.is_dir())
    said = {path.name: scan_path(path).answer for path in cases}
    assert {name for name, answer in said.items() if answer is Answer.UNKNOWN} == UNKNOWN_CASES
    assert Answer.PROVED not in said.values()
