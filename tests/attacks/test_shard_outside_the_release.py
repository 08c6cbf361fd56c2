"""The token map names a shard outside the release."""

from pathlib import Path
from typing import Any

from tests.attacks.forging import change, refused, relist


def forge(release: Path) -> None:
    def edit(token_map: Any) -> None:
        token_map["shards"][0]["path"] = "../../../../etc/passwd"

    change(release / "tokens" / "map.json", edit)
    relist(release)


def test_shard_outside_the_release(release: Path) -> None:
    forge(release)
    refused(release, step="tokens", evidence=r"recorded sha256|missing from manifest")
