"""A loss is made prettier, and the list of files made to fit."""

from pathlib import Path

from tests.attacks.forging import change_lines, events, refused, relist


def forge(release: Path) -> None:
    change_lines(
        release / "transcript.jsonl",
        lambda lines: events(lines, "step")[2].update(loss_nats="0x3e000000"),
    )
    relist(release)


def test_edited_loss(release: Path) -> None:
    forge(release)
    refused(release, step="transcript", evidence=r"^transcript: Merkle root: recorded")
