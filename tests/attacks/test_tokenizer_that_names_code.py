"""tokenizer_config.json asks the loader to run code."""

import json
from pathlib import Path

from tests.attacks.forging import read, refused, relist


def forge(release: Path) -> None:
    path = release / "model" / "tokenizer_config.json"
    settings = {**read(path), "auto_map": {"AutoTokenizer": ["evil.Tokenizer", None]}}
    path.write_text(json.dumps(settings, indent=2, sort_keys=True) + "\n")
    relist(release)


def test_tokenizer_that_names_code(release: Path) -> None:
    forge(release)
    refused(release, step="model", evidence=r"^model/tokenizer_config\.json: auto_map: has no place in this file")
