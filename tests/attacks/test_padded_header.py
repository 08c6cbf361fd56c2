"""Eight more spaces at the end of the header; the list of files fits."""

import json
from pathlib import Path

from tests.attacks.forging import header_of, refused, relist, write_header


def forge(release: Path) -> None:
    path = release / "model" / "model.safetensors"
    header, data = header_of(path)
    write_header(path, json.dumps(header, separators=(",", ":")) + " " * 16, data)
    relist(release)


def test_padded_header(release: Path) -> None:
    forge(release)
    refused(release, step="bytes", evidence=r"header: not in its one spelling")
