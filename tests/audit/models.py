"""Derived models, written for tests: a card, a config, weights."""

import json
import struct
from collections.abc import Sequence
from pathlib import Path

from tests.audit.builder import safetensors, write

from glasswright.audit import Report, audit_subject
from glasswright.audit.record import Fact
from glasswright.audit.subject import load_folder

BODY = "\n\nA language model, released with its weights.\n"


def card(
    title: str, *, license: str = "apache-2.0", bases: Sequence[str] = (), relation: str = "", body: str = BODY
) -> str:
    """A hub card."""
    head = [f"license: {license}", "pipeline_tag: text-generation"]
    head += ["base_model:", *(f"- {base}" for base in bases)] if bases else []
    head += [f"base_model_relation: {relation}"] if relation else []
    return "---\n" + "\n".join(head) + f"\n---\n\n# {title}{body}"


def model(root: Path, name: str, text: str, **files: str | bytes) -> Path:
    """A model folder `owner__name` in a subject of its own; `files` are by name, with `__` for `.`."""
    extra = {path.replace("__", "."): content for path, content in files.items()}
    all_files: dict[str, str | bytes] = {"README.md": text, "model.safetensors": safetensors((64,))}
    return write(root, {f"{name}/{path}": content for path, content in (all_files | extra).items()})


def report(folder: Path) -> Report:
    """The report of a folder."""
    return audit_subject(load_folder(folder))


def fact(folder: Path, fact_id: str) -> Fact:
    """One fact of a folder."""
    return report(folder).facts[fact_id]


def config(**values: object) -> str:
    """A config.json."""
    return json.dumps(values)


def gguf(metadata: dict[str, str], shapes: Sequence[tuple[int, ...]] = ()) -> bytes:
    """A GGUF file with text metadata and tensors without their numbers."""

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value.encode())) + value.encode()

    keys = b"".join(text(key) + struct.pack("<I", 8) + text(value) for key, value in metadata.items())
    tensors = b"".join(
        text(f"t{i}") + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, 0) for i, shape in enumerate(shapes)
    )
    return b"GGUF" + struct.pack("<IQQ", 3, len(shapes), len(metadata)) + keys + tensors
