"""A document held back for validation is declared training data; every root fits."""

from pathlib import Path
from typing import Any

from tests.attacks.forging import change, refused, reroot


def forge(release: Path) -> None:
    def edit(token_map: Any) -> None:
        next(d for d in token_map["documents"] if d["split"] == "validation")["split"] = "train"

    change(release / "tokens" / "map.json", edit)
    reroot(release)


def test_document_moved_to_training(release: Path) -> None:
    forge(release)
    refused(release, step="tokens", evidence=r"^tokens/map\.json: document [0-9a-f]{12}: expected .*split='validation'")
