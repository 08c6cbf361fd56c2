"""A state's root is not that of its tensors; every other root fits."""

from pathlib import Path

from tests.attacks.forging import change_lines, events, refused, reroot


def forge(release: Path) -> None:
    change_lines(release / "transcript.jsonl", lambda lines: events(lines, "state")[1].update(root="0" * 64))
    reroot(release)


def test_state_with_another_root(release: Path) -> None:
    forge(release)
    refused(release, step="states", evidence=r"state after step 2: recorded sha256 000000000000")
