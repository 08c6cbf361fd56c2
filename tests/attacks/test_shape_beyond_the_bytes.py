"""A shape that takes more bytes than the tensor has."""

import json
from pathlib import Path

from tests.attacks.forging import header_of, list_sizes, refused, write_header


def forge(release: Path) -> None:
    path = release / "model" / "model.safetensors"
    header, data = header_of(path)
    header[list(header)[-1]]["shape"] = [2**40]
    write_header(path, json.dumps(header, separators=(",", ":")), data)
    list_sizes(release)


def test_shape_beyond_the_bytes(release: Path) -> None:
    forge(release)
    refused(release, step="bytes", evidence=r"tensor \S+: F32 of shape \[1099511627776\] takes 4398046511104 bytes")
