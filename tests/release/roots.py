"""What a release states of itself, as it stands in release.json."""

import json
from pathlib import Path
from typing import Any


def parts_of(release: Path) -> dict[str, str]:
    """The root of every part, by name."""
    return dict(_top(release)["parts"])


def root_of(release: Path) -> str:
    """The release root."""
    return str(_top(release)["root"])


def _top(release: Path) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((release / "release.json").read_bytes())
    return record
