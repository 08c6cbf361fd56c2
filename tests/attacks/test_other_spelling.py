"""The same record in another spelling: a space."""

from pathlib import Path

from tests.attacks.forging import refused, relist


def forge(release: Path) -> None:
    path = release / "tokens" / "map.json"
    path.write_bytes(path.read_bytes().replace(b":", b": ", 1))
    relist(release)


def test_other_spelling(release: Path) -> None:
    forge(release)
    refused(release, step="tokens", evidence=r"^tokens/map\.json: not in canonical form")
