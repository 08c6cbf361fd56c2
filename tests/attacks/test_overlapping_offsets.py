"""Two tensors share bytes."""

import json
from pathlib import Path

from tests.attacks.forging import header_of, list_sizes, refused, write_header


def forge(release: Path) -> None:
    path = release / "model" / "model.safetensors"
    header, data = header_of(path)
    second = header[list(header)[2]]
    second["data_offsets"] = [offset - 4 for offset in second["data_offsets"]]
    write_header(path, json.dumps(header, separators=(",", ":")), data)
    list_sizes(release)


def test_overlapping_offsets(release: Path) -> None:
    forge(release)
    refused(
        release,
        step="bytes",
        evidence=r"^model/model\.safetensors: tensor \S+: overlaps the tensor before it by 4 bytes",
    )
