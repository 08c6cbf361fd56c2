"""A pipe among the files, at which a careless reader would wait for ever."""

import os
from pathlib import Path

from tests.attacks.forging import refused


def forge(release: Path) -> None:
    path = release / "model" / "README.md"
    path.unlink()
    os.mkfifo(path)


def test_pipe(release: Path) -> None:
    forge(release)
    refused(release, step="files", evidence=r"^model/README\.md: a pipe")
