"""A record nested so deep that a careless parser falls over."""

from pathlib import Path

from tests.attacks.forging import refused, relist


def forge(release: Path) -> None:
    (release / "tokens" / "map.json").write_bytes(b"[" * 200_000)
    relist(release)


def test_nested_without_end(release: Path) -> None:
    forge(release)
    refused(release, step="tokens", evidence=r"^tokens/map\.json: not a canonical record")
