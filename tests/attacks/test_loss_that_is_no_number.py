"""A step records a loss that is NaN; every root fits."""

from pathlib import Path

from tests.attacks.forging import change_lines, events, refused, reroot


def forge(release: Path) -> None:
    change_lines(
        release / "transcript.jsonl",
        lambda lines: events(lines, "step")[1].update(gradient_norm="0x7fc00000"),
    )
    reroot(release)


def test_loss_that_is_no_number(release: Path) -> None:
    forge(release)
    refused(release, step="steps", evidence=r"step 2: gradient_norm: .*finite binary32.*, found '0x7fc00000'")
