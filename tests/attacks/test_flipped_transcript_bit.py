"""One bit of the transcript, of a digit: the line is still a record."""

from pathlib import Path

from tests.attacks.forging import refused


def forge(release: Path) -> None:
    path = release / "transcript.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"num_tokens":64', b'"num_tokens":65', 1))


def test_flipped_transcript_bit(release: Path) -> None:
    forge(release)
    refused(release, step="bytes", evidence=r"^transcript\.jsonl: recorded sha256")
