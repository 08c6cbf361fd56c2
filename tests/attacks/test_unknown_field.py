"""A record with a field that this format does not have."""

from pathlib import Path

from tests.attacks.forging import change_lines, events, refused, relist


def forge(release: Path) -> None:
    change_lines(release / "transcript.jsonl", lambda lines: events(lines, "step")[0].update(note="trust me"))
    relist(release)


def test_unknown_field(release: Path) -> None:
    forge(release)
    refused(release, step="transcript", evidence=r"^transcript\.jsonl:3: 'note' is not a field of a StepRecord")
