"""A state in the middle is missing, so that its segment cannot be replayed; every root fits."""

from pathlib import Path

from tests.attacks.forging import change_lines, refused, reroot


def forge(release: Path) -> None:
    change_lines(release / "transcript.jsonl", lambda lines: lines.pop(4))
    (release / "checkpoints" / "state-00000002.safetensors").unlink()
    reroot(release)


def test_state_left_out(release: Path) -> None:
    forge(release)
    refused(release, step="states", evidence=r"expected 4 states, found 3")
