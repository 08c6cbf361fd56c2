"""Words hidden in the header's metadata; the list of files fits."""

import json
from pathlib import Path

from tests.attacks.forging import header_of, refused, relist, write_header


def forge(release: Path) -> None:
    path = release / "model" / "model.safetensors"
    header, data = header_of(path)
    header["__metadata__"]["note"] = "hidden"
    write_header(path, json.dumps(header, separators=(",", ":")), data)
    relist(release)


def test_message_in_the_header(release: Path) -> None:
    forge(release)
    refused(release, step="bytes", evidence=r"header: expected tensors and the metadata")
