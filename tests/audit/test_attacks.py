"""Repositories of which a careful reader says "not open": none is proved open; and open ones, which stay so.

Each round was written before its author saw what the audit says of it; docs/audits/attacks.md has what it said.
"""

import json
import re
import struct
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.audit.builder import write
from tests.licenses.license_texts import APACHE, MIT

from glasswright.audit import audit_subject
from glasswright.audit.subject import load_folder

TEXTS = {"MIT": MIT, "Apache-2.0": APACHE}
ROUNDS = {path.stem: YAML(typ="safe").load(path) for path in sorted(Path(__file__).parent.glob("attacks/*.yaml"))}
WORDINGS = YAML(typ="safe").load(Path(__file__).with_name("wordings.yaml"))
WEIGHTS = (".gguf", ".safetensors", ".jsonl")


def repositories(kind: str) -> list[Any]:
    return [pytest.param(it, id=f"{name}-{it['name']}") for name, of in ROUNDS.items() for it in of[kind]]


def content(told: str) -> str | bytes:
    """A file as it is told: text, or what the word behind @ makes of it."""
    if told.startswith("@safetensors "):
        tensor = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
        header = json.dumps({"__metadata__": json.loads(told[13:]), "t": tensor}).encode()
        return struct.pack("<Q", len(header)) + header + bytes(8)
    if told.startswith("@gguf "):
        metadata = json.loads(told[6:])
        entries = (_text(key) + struct.pack("<I", 8) + _text(value) for key, value in metadata.items())
        return b"GGUF" + struct.pack("<IQQ", 3, 0, len(metadata)) + b"".join(entries)
    if told.startswith("@pdf "):
        return b"%PDF-1.4\n" + told[5:].encode()
    if encoded := re.match(r"@(utf-16|cp1252) ", told):
        return _with_licenses(told[encoded.end() :]).encode(encoded[1])
    return _with_licenses(told)


def _text(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def _with_licenses(told: str) -> str:
    if changed := re.fullmatch(r"@(\S+) s/(.*)/(.*)/", told, re.DOTALL):
        assert changed[2] in TEXTS[changed[1]]
        return TEXTS[changed[1]].replace(changed[2], changed[3])
    return re.sub(r"@(MIT|Apache-2\.0)(?: \+\+\+)?(?=\n|$)", lambda named: TEXTS[named[1]], told)


def openness(folder: Path, repository: dict[str, Any]) -> str:
    files = {path: content(told) for path, told in repository["files"].items()}
    if repository["of"] != "code" and not any(path.endswith(WEIGHTS) for path in files):
        files["model.safetensors"] = content("@safetensors {}")
    if repository["of"] == "weights":
        files.setdefault("config.json", '{"model_type": "llama"}')
    facts = {fact.id: fact for fact in audit_subject(load_folder(write(folder / "own__model", files))).facts}
    return facts[f"license_open.{repository['of']}"].status


@pytest.mark.parametrize("repository", repositories("closed"))
def test_what_a_careful_reader_does_not_call_open_is_not_proved_open(tmp_path: Path, repository: dict[str, Any]):
    assert openness(tmp_path, repository) != "proved"


@pytest.mark.parametrize("repository", repositories("open"))
def test_what_a_careful_reader_calls_open_is_proved_open(tmp_path: Path, repository: dict[str, Any]):
    assert openness(tmp_path, repository) == "proved"


@pytest.mark.parametrize("said", [said for wordings in WORDINGS.values() for said in wordings])
@pytest.mark.parametrize("before", ["", "## License\n\nMIT.\n\n"], ids=["anywhere", "under a heading"])
def test_a_restriction_beside_an_open_license_is_seen_in_six_languages(tmp_path: Path, before: str, said: str):
    files = {"README.md": f"# Fell\n\nFell.\n\n{before}{said}\n", "LICENSE": "@MIT"}
    assert openness(tmp_path, {"of": "weights", "files": files}) != "proved"
