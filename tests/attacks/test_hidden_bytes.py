"""Bytes between two tensors that belong to neither."""

import json
from pathlib import Path

from tests.attacks.forging import header_of, list_sizes, refused, write_header


def forge(release: Path) -> None:
    path = release / "model" / "model.safetensors"
    header, data = header_of(path)
    last = header[list(header)[-1]]
    last["data_offsets"] = [offset + 64 for offset in last["data_offsets"]]
    begin = last["data_offsets"][0] - 64
    write_header(path, json.dumps(header, separators=(",", ":")), data[:begin] + bytes(64) + data[begin:])
    list_sizes(release)


def test_hidden_bytes(release: Path) -> None:
    forge(release)
    refused(release, step="bytes", evidence=r"tensor \S+: 64 bytes before it belong to no tensor")
