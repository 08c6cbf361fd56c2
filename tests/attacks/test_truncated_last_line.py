"""The last line of the transcript has no end; the list of files fits."""

from pathlib import Path

from tests.attacks.forging import refused, relist


def forge(release: Path) -> None:
    path = release / "transcript.jsonl"
    path.write_bytes(path.read_bytes()[:-1])
    relist(release)


def test_truncated_last_line(release: Path) -> None:
    forge(release)
    refused(release, step="transcript", evidence=r"^transcript\.jsonl:10: the last line has no end")
