"""A negative shape whose product is right."""

import json
from pathlib import Path

from tests.attacks.forging import header_of, list_sizes, refused, write_header


def forge(release: Path) -> None:
    path = release / "model" / "model.safetensors"
    header, data = header_of(path)
    header["model.norm.weight"]["shape"] = [-2, -4]
    write_header(path, json.dumps(header, separators=(",", ":")), data)
    list_sizes(release)


def test_negative_shape(release: Path) -> None:
    forge(release)
    refused(release, step="bytes", evidence=r"tensor model\.norm\.weight: shape \[-2, -4\] .* are not counts")
