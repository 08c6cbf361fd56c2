"""A key is there twice: one reader sees the first, another the last."""

from pathlib import Path

from tests.attacks.forging import refused


def forge(release: Path) -> None:
    path = release / "release.json"
    path.write_bytes(path.read_bytes().replace(b'{"manifest"', b'{"name":"other","manifest"', 1))


def test_duplicate_key(release: Path) -> None:
    forge(release)
    refused(release, step="root", evidence=r"^release\.json: not a canonical record: duplicate key 'name'")
