"""A key is there twice in a step record; the list of files fits."""

from pathlib import Path

from tests.attacks.forging import refused, relist


def forge(release: Path) -> None:
    path = release / "transcript.jsonl"
    path.write_bytes(path.read_bytes().replace(b'{"clip"', b'{"loss_nats":"0x00000000","clip"', 1))
    relist(release)


def test_duplicate_key_in_a_step(release: Path) -> None:
    forge(release)
    refused(
        release,
        step="transcript",
        evidence=r"^transcript\.jsonl:3: not a canonical record: duplicate key 'loss_nats'",
    )
