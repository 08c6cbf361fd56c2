"""A header that claims to be longer than the file."""

from pathlib import Path

from tests.attacks.forging import refused


def forge(release: Path) -> None:
    path = release / "model" / "model.safetensors"
    path.write_bytes(b"\xff" * 8 + path.read_bytes()[8:])


def test_endless_header(release: Path) -> None:
    forge(release)
    refused(release, step="bytes", evidence=r"a header of 18446744073709551615 bytes does not fit")
