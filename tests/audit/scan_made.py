"""Files of the formats that models come in, written byte by byte: honest ones, and ones that no library would write."""

import io
import json
import pickle
import struct
import tarfile
import zipfile
from collections.abc import Callable
from typing import Any

Files = dict[str, str | bytes]


class Call:
    """Calls something when it is unpickled."""

    def __init__(self, called: Callable[..., Any], *arguments: Any):
        self.reduced = (called, arguments)

    def __reduce__(self) -> tuple[Any, Any]:
        return self.reduced


def calls(module: str, name: str, *arguments: str) -> bytes:
    """A pickle that calls `module.name` with texts, whether or not it is installed here."""
    texts = b"".join(b"\x8c" + bytes([len(text)]) + text.encode() for text in (module, name))
    given = b"".join(b"\x8c" + bytes([len(text)]) + text.encode() for text in arguments)
    return b"\x80\x04" + texts + b"\x93(" + given + b"tR."


def zipped(members: dict[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, compression)  # of one date, for one seed gives one tree
    return file.getvalue()


def tarred(members: dict[str, bytes], mode: str = "w") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return file.getvalue()


def torch_zip(data: bytes, **members: bytes) -> bytes:
    """As `torch.save` writes."""
    named = {f"archive/{name.replace('__', '/')}": content for name, content in members.items()}
    return zipped({"archive/data.pkl": data, "archive/version": b"3\n", **named}, zipfile.ZIP_STORED)


def npy(descr: str, data: bytes, shape: tuple[int, ...] = (1,)) -> bytes:
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (63 - (10 + len(header)) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + data


# Protocol buffers


def varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def message(*fields: tuple[int, int | str | bytes]) -> bytes:
    """A message of numbered fields: an integer, or bytes."""
    out = b""
    for number, value in fields:
        if isinstance(value, int):
            out += varint(number << 3) + varint(value)
        else:
            data = value.encode() if isinstance(value, str) else value
            out += varint(number << 3 | 2) + varint(len(data)) + data
    return out


def onnx(*, location: str | None = None, operator: str = "MatMul", domain: str = "", attribute: bytes = b"") -> bytes:
    """A graph of one operator and one tensor, whose bytes may lie elsewhere."""
    tensor: list[tuple[int, int | str | bytes]] = [(1, 4), (2, 1), (8, "W")]
    if location is None:
        tensor.append((9, bytes(16)))
    else:
        tensor += [(13, message((1, "location"), (2, location))), (14, 1)]
    node = message((1, "X"), (2, "Y"), (4, operator), (7, domain), *([(5, attribute)] if attribute else []))
    graph = message((1, node), (2, "g"), (5, message(*tensor)))
    return message((1, 8), (2, "made"), (7, graph), (8, message((1, ""), (2, 17))))


def saved_model(*operators: str, in_function: bool = False) -> bytes:
    """A SavedModel of TensorFlow with one node an operator."""
    nodes = [message((1, f"n{index}"), (2, name)) for index, name in enumerate(operators)]
    first = message((1, "first"), (2, "Const"))
    if in_function:
        graph = message((1, first), (2, message((1, message(*((3, node) for node in nodes))))))
    else:
        graph = message((1, first), *((1, node) for node in nodes))
    return message((1, 1), (2, message((1, message((1, "serve"))), (2, graph))))


def sentencepiece(*pieces: str) -> bytes:
    return message(*((1, message((1, piece), (3, 2))) for piece in pieces), (2, message((3, 1))))


# GGUF


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def gguf(
    keys: dict[str, str | int | list[str]] | None = None,
    *,
    tensors: list[tuple[str, tuple[int, ...], int, int]] | None = None,  # name, shape, type, offset
    data: bytes = b"",
    num_tensors: int | None = None,
    num_keys: int | None = None,
) -> bytes:
    keys, tensors = {"general.architecture": "llama", **(keys or {})}, tensors or []
    out = b"GGUF" + struct.pack(
        "<IQQ",
        3,
        len(tensors) if num_tensors is None else num_tensors,
        len(keys) if num_keys is None else num_keys,
    )
    for key, value in keys.items():
        out += text(key)
        if isinstance(value, str):
            out += struct.pack("<I", 8) + text(value)
        elif isinstance(value, int):
            out += struct.pack("<II", 4, value)
        else:
            out += struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(text, value))
    for name, shape, kind, offset in tensors:
        out += text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, offset)
    return out + bytes(-len(out) % 32) + data


# JSON of loaders


def keras(*layers: dict[str, Any], **more: bytes) -> bytes:
    """A `.keras` file."""
    config = {
        "class_name": "Sequential",
        "module": "keras",
        "config": {"layers": list(layers)},
        "registered_name": None,
    }
    return zipped({"metadata.json": '{"keras_version": "3.9.0"}', "config.json": json.dumps(config), **more})


def dense(**changed: Any) -> dict[str, Any]:
    config = {"units": 2, "activation": "relu"}
    return {"class_name": "Dense", "module": "keras.layers", "config": config, "registered_name": None, **changed}


def notebook(*cells: dict[str, Any]) -> str:
    return json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def code(source: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "execution_count": 1, "source": [source], "outputs": list(outputs)}


def words(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": [source]}


def template(source: str) -> str:
    return json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "chat_template": source})


PLAIN = "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}{% endfor %}"
SAFE = pickle.dumps({"a": [1, 2.0, "b"]})
EVIL = calls("os", "getcwd")
