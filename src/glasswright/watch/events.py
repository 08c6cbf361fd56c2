"""TensorBoard's event file, by hand: a few records of a format that has not changed since 2015.

    record   length (8 bytes, little-endian), its masked CRC-32C, the data, its masked CRC-32C
    data     a protobuf Event: wall_time = 1, step = 2, file_version = 3, summary = 5
    summary  values = 1, each tag = 1, simple_value = 2

Source:  tensorflow/core/util/event.proto, framework/summary.proto, lib/io/record_writer.cc.
"""

import struct
from collections.abc import Mapping

VERSION = "brain.Event:2"
CASTAGNOLI = 0x82F63B78
MASK = 0xA282EAD8


def version_record(at: float) -> bytes:
    """The first record of a file."""
    return _record(b"\x09" + struct.pack("<d", at) + _bytes(3, VERSION.encode()))


def step_record(step: int, at: float, values: Mapping[str, float]) -> bytes:
    """What was measured after a step; `at` is in seconds since 1970."""
    summary = b"".join(_bytes(1, _bytes(1, tag.encode()) + b"\x15" + struct.pack("<f", v)) for tag, v in values.items())
    return _record(b"\x09" + struct.pack("<d", at) + b"\x10" + _varint(step) + _bytes(5, summary))


def _record(data: bytes) -> bytes:
    length = struct.pack("<Q", len(data))
    return length + _masked(length) + data + _masked(data)


def _bytes(field: int, data: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _varint(number: int) -> bytes:
    digits = bytearray()
    while number > 127:
        digits.append(number & 127 | 128)
        number >>= 7
    return bytes([*digits, number])


def _masked(data: bytes) -> bytes:
    crc = _crc32c(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + MASK) & 0xFFFFFFFF)


def _crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 255]
    return crc ^ 0xFFFFFFFF


def _table() -> list[int]:
    table = []
    for entry in range(256):
        for _ in range(8):
            entry = entry >> 1 ^ (CASTAGNOLI if entry & 1 else 0)
        table.append(entry)
    return table


TABLE = _table()
