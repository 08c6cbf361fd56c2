"""The last steps are missing from the transcript; every root fits."""

from pathlib import Path

from tests.attacks.forging import change_lines, refused, reroot


def forge(release: Path) -> None:
    change_lines(release / "transcript.jsonl", lambda lines: lines.pop(-2))
    reroot(release)


def test_steps_left_out(release: Path) -> None:
    forge(release)
    refused(release, step="transcript", evidence=r"expected step 5, found state 5")
