"""A forgery to be caught: a copy of a release in which one bit of one weight is another."""

import json
import shutil
import struct
from pathlib import Path


def forged_copy(release: Path, forged: Path, tensor: str) -> str:
    """Copy a release, flip the lowest bit in the middle of a tensor of its model, and say what was done."""
    shutil.copytree(release, forged)
    path = forged / "model" / "model.safetensors"
    with path.open("r+b") as file:
        header_size = int.from_bytes(file.read(8), "little")
        begin, end = json.loads(file.read(header_size))[tensor]["data_offsets"]
        index = (end - begin) // 8  # the middle one of the tensor's 4-byte weights
        place = 8 + header_size + begin + 4 * index
        file.seek(place)
        before = file.read(4)
        after = bytes([before[0] ^ 1]) + before[1:]
        file.seek(place)
        file.write(after)
    old, new = (struct.unpack("<f", data)[0] for data in (before, after))
    return f"weight {index} of {tensor}: {old:.9g} became {new:.9g}"
