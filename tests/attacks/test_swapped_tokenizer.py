"""Another tokenizer is put in the model's folder."""

from pathlib import Path

from tests.attacks.forging import refused, relist


def forge(release: Path) -> None:
    (release / "model" / "tokenizer.json").write_text("{}")
    relist(release)


def test_swapped_tokenizer(release: Path) -> None:
    forge(release)
    refused(release, step="tokens", evidence=r"^model/tokenizer\.json: recorded sha256")
