"""Documents that run something in their reader, and pickles that stand in words: never proved; words alone are."""

import base64
import io
import json
import pickle
import zipfile
import zlib
from pathlib import Path

import pytest

from glasswright.audit.scan.scanning import scan_path
from glasswright.records.verdict import Answer


class Calls:
    def __reduce__(self):
        return print, ("called",)


CALLS = {protocol: pickle.dumps(Calls(), protocol) for protocol in (0, 2, 4)}
WORDS = base64.b64encode(CALLS[4]).decode()
HEAD = b"%PDF-1.4\n"
ACTION = b"<</S/JavaScript/JS(app.alert(1))>>"


def zipped(*, comment: bytes = b"", of_member: bytes = b"", extra: bytes = b"") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        member = zipfile.ZipInfo("a.txt")
        member.comment = of_member
        member.extra = b"\x99\x99" + len(extra).to_bytes(2, "little") + extra if extra else b""
        archive.writestr(member, "words")
        archive.comment = comment
    return file.getvalue()


def objects(data: bytes) -> bytes:
    return HEAD + b"1 0 obj<</Type/ObjStm/Filter/FlateDecode>>stream\n" + zlib.compress(data) + b"\nendstream"


HEADER = json.dumps({"__metadata__": {"x": WORDS}}).encode()
HIDES = {
    "in words": ("a.txt", WORDS.encode()),
    "of protocol 0": ("a.txt", base64.b64encode(CALLS[0])),
    "of protocol 2": ("a.md", b"# Fell\n\n" + base64.b64encode(CALLS[2])),
    "for addresses": ("a.txt", base64.urlsafe_b64encode(CALLS[4])),
    "in settings": ("config.json", json.dumps({"model_type": "llama", "x": WORDS}).encode()),
    "in YAML": ("a.yaml", f"a: {WORDS}\n".encode()),
    "in metadata": ("m.safetensors", len(HEADER).to_bytes(8, "little") + HEADER),
    "a comment": ("a.zip", zipped(comment=CALLS[4])),
    "a comment in base64": ("a.zip", zipped(comment=WORDS.encode())),
    "a member's comment": ("a.zip", zipped(of_member=CALLS[4])),
    "a member's field": ("a.zip", zipped(extra=CALLS[4])),
    "an action": ("a.pdf", HEAD + b"1 0 obj<</OpenAction" + ACTION + b">>endobj\n%%EOF\n"),
    "an action by numbers": ("a.pdf", HEAD + b"1 0 obj<</S/J#61vaScript>>endobj\n%%EOF\n"),
    "an action that is packed": ("a.pdf", objects(b"<</OpenAction" + ACTION + b">>")),
    "objects by another name": ("a.pdf", objects(b"<</OpenAction" + ACTION + b">>").replace(b"/ObjStm", b"/Obj#53tm")),
    "objects that are not packed": ("a.pdf", HEAD + b"1 0 obj<</Type/ObjStm/Filter/LZW>>stream\n\x80\x0b\nendstream"),
    "objects without end": ("a.pdf", objects(b" " * 2**21)),
    "an encrypted document": ("a.pdf", HEAD + b"trailer<</Encrypt 2 0 R>>\n%%EOF\n"),
}
HIDES_NOTHING = {
    "a digest": ("a.txt", b"sha256-" + base64.b64encode(bytes(range(32)))),
    "other bytes that begin alike": ("a.txt", b"gAE" + b"A" * 40),
    "a picture in a page": ("a.md", b"![](data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n" * 9) + b")"),
    "a comment of words": ("a.zip", zipped(comment=b"made by hand", of_member="für dich".encode())),
    "a document": ("a.pdf", HEAD + b"1 0 obj<</OpenAction[2 0 R/Fit]/JS 1>>endobj\n%%EOF\n"),
    "a document that is packed": ("a.pdf", objects(b"<</Type/Catalog>>")),
}


@pytest.mark.parametrize("name", HIDES)
def test_what_hides_in_words_is_not_proved(name: str, tmp_path: Path):
    assert answer(tmp_path, *HIDES[name]) == Answer.UNKNOWN


@pytest.mark.parametrize("name", HIDES_NOTHING)
def test_what_hides_nothing_is_proved(name: str, tmp_path: Path):
    assert answer(tmp_path, *HIDES_NOTHING[name]) == Answer.PROVED


def answer(folder: Path, name: str, data: bytes) -> Answer:
    (folder / name).write_bytes(data)
    return scan_path(folder).answer
