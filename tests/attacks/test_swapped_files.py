"""Two files have changed names."""

from pathlib import Path

from tests.attacks.forging import refused


def forge(release: Path) -> None:
    first, second = release / "model" / "config.json", release / "model" / "generation_config.json"
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)


def test_swapped_files(release: Path) -> None:
    forge(release)
    refused(
        release,
        step="bytes",
        evidence=r"^model/config\.json: \d+ bytes are listed, \d+ found\nmodel/generation_config\.json",
    )
