"""A file that goes on for a terabyte, so that the checker would read until tomorrow."""

import os
from pathlib import Path

from tests.attacks.forging import refused


def forge(release: Path) -> None:
    os.truncate(release / "model" / "README.md", 2**40)


def test_endless_file(release: Path) -> None:
    forge(release)
    refused(release, step="bytes", evidence=r"^model/README\.md: \d+ bytes are listed, 1099511627776 found")
