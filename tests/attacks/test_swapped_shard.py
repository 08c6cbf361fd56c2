"""A shard's first two tokens have changed places, and the list of files is made to fit."""

from pathlib import Path

from tests.attacks.forging import refused, relist


def forge(release: Path) -> None:
    path = release / "tokens" / "shards" / "00000.bin"
    data = path.read_bytes()
    path.write_bytes(data[2:4] + data[:2] + data[4:])
    relist(release)


def test_swapped_shard(release: Path) -> None:
    forge(release)
    refused(release, step="tokens", evidence=r"^tokens/shards/00000\.bin: recorded sha256")
