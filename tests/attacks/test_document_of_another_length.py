"""The token map says that a document has one byte more, which bits per byte are counted by; every root fits."""

from pathlib import Path
from typing import Any

from tests.attacks.forging import change, refused, reroot


def forge(release: Path) -> None:
    def edit(token_map: Any) -> None:
        token_map["documents"][2]["num_bytes"] += 1

    change(release / "tokens" / "map.json", edit)
    reroot(release)


def test_document_of_another_length(release: Path) -> None:
    forge(release)
    refused(release, step="tokens", evidence=r"^tokens/map\.json: document [0-9a-f]{12}: expected .*num_bytes")
