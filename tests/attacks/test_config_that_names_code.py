"""config.json asks the loader to run code."""

from pathlib import Path

from tests.attacks.forging import refused, relist


def forge(release: Path) -> None:
    path = release / "model" / "config.json"
    path.write_text(path.read_text().replace("{", '{"auto_map": {"AutoModel": "evil.Model"},', 1))
    relist(release)


def test_config_that_names_code(release: Path) -> None:
    forge(release)
    refused(release, step="model", evidence=r"^model/config\.json: auto_map: has no place in this file")
