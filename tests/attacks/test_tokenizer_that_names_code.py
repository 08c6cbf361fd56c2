"""tokenizer_config.json asks the loader to run code."""

from pathlib import Path

from tests.attacks.forging import refused, relist


def forge(release: Path) -> None:
    (release / "model" / "tokenizer_config.json").write_text(
        '{"auto_map": {"AutoTokenizer": ["evil.Tokenizer", null]}}'
    )
    relist(release)


def test_tokenizer_that_names_code(release: Path) -> None:
    forge(release)
    refused(release, step="model", evidence=r"^model/tokenizer_config\.json: auto_map names code to run")
