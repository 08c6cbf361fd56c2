"""A tensor's name is in the header twice."""

import json
from pathlib import Path

from tests.attacks.forging import header_of, list_sizes, refused, write_header


def forge(release: Path) -> None:
    path = release / "model" / "model.safetensors"
    header, data = header_of(path)
    text = json.dumps(header, separators=(",", ":"))
    twice = json.dumps({"model.norm.weight": header["model.norm.weight"]}, separators=(",", ":"))
    write_header(path, text[:-1] + "," + twice[1:], data)
    list_sizes(release)


def test_tensor_twice(release: Path) -> None:
    forge(release)
    refused(release, step="bytes", evidence=r"header: not a canonical record: duplicate key 'model\.norm\.weight'")
