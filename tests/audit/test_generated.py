"""Ten thousand repositories that nobody would make: the audit ends, and says something of each."""

import json
import shutil
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest
from tests.audit.generated import write_repository

from glasswright.audit import audit_subject
from glasswright.audit.page import report_page
from glasswright.audit.subject import load_folder
from glasswright.audit.text import report_text
from glasswright.errors import Misuse, Unknown

FEW, MANY = range(60), range(60, 10_000)


def test_sixty_repositories_that_nobody_would_make_are_audited_to_the_end(tmp_path: Path):
    audit_all(FEW, tmp_path)


@pytest.mark.slow
def test_ten_thousand_repositories_that_nobody_would_make_are_audited_to_the_end(tmp_path: Path):
    audit_all(MANY, tmp_path)


def audit_all(numbers: Iterable[int], root: Path) -> None:
    """Audit each and show it in every form; a failure names the number that repeats it."""
    for number in numbers:
        folder = root / str(number)
        folder.mkdir()
        try:
            report = audit_subject(load_folder(write_repository(folder, number)))
            shown = json.dumps(report.as_record()) + report_text(report) + report_page(report, date(2026, 1, 1))
        except (Misuse, Unknown):  # nothing in it is read
            continue
        except BaseException as error:
            error.add_note(f"repository number {number}")
            raise
        assert "\x1b" not in shown, number
        shutil.rmtree(folder)
