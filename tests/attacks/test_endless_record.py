"""The top record goes on for a terabyte, before any list of files could say how long it is."""

import os
from pathlib import Path

from tests.attacks.forging import refused


def forge(release: Path) -> None:
    os.truncate(release / "release.json", 2**40)


def test_endless_record(release: Path) -> None:
    forge(release)
    refused(release, step="root", evidence=r"^release\.json: more than 2147483648 bytes")
