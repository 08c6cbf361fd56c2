"""The end of a file is cut off."""

from pathlib import Path

from tests.attacks.forging import refused


def forge(release: Path) -> None:
    path = release / "transcript.jsonl"
    path.write_bytes(path.read_bytes()[:-20])


def test_truncated_file(release: Path) -> None:
    forge(release)
    refused(release, step="files", evidence=r"^transcript\.jsonl: \d+ bytes are listed, \d+ found")
