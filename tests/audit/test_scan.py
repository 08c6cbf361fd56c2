"""Unsafe files are found without being loaded; safe ones are not accused."""

import gzip
import json
import os
import pickle
import tarfile
import zipfile
from pathlib import Path

import pytest
from tests.audit.builder import safetensors, write

from glasswright.audit.scan.scanning import scan_path
from glasswright.errors import Misuse
from glasswright.records.verdict import Answer, Finding


class Call:
    """Calls something when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (os.system, ("touch owned",))


def findings(folder: Path) -> list[Finding]:
    """What the scan says of each file that needs saying."""
    return [finding for finding in scan_path(folder).findings if "run nothing" not in finding.claim]


def answer_of(folder: Path) -> Answer:
    """What the scan says of a folder."""
    return scan_path(folder).answer


def test_a_pickle_that_calls_something_is_refuted_and_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {"pytorch_model.bin": pickle.dumps(Call())})
    (finding,) = findings(tmp_path)
    assert finding.answer is Answer.REFUTED
    assert "system" in finding.evidence
    assert not (tmp_path / "owned").exists()


def test_a_pickle_of_plain_data_is_safe(tmp_path: Path):
    assert answer_of(write(tmp_path, {"x.pkl": pickle.dumps({"a": [1, 2.0, "b"]})})) is Answer.PROVED


def test_a_broken_pickle_is_unknown(tmp_path: Path):
    assert answer_of(write(tmp_path, {"x.pkl": pickle.dumps(Call())[:20]})) is not Answer.PROVED


def test_an_honest_safetensors_file_is_proved(tmp_path: Path):
    assert answer_of(write(tmp_path, {"m.safetensors": safetensors((2, 3))})) is Answer.PROVED


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("wrong size", safetensors((2,), offsets=(0, 4)), "4 bytes for shape"),
        ("gap", safetensors((2,), offsets=(8, 16)), "a gap"),
        ("trailing bytes", safetensors((2,), extra=b"more"), "12 are there"),
        ("unknown type", safetensors((2,), dtype="F7"), "unknown type"),
        ("header too long", (10**12).to_bytes(8, "little") + b"{}", "the header says"),
        ("no JSON", (3).to_bytes(8, "little") + b"{,}", "not the JSON"),
        ("twice the same key", (9).to_bytes(8, "little") + b'{"a":1,"a":2}'[:9], "not the JSON"),
        ("empty", b"", "the header says"),
        ("another encoding", (4).to_bytes(8, "little") + "{}".encode("utf-16-le"), "not the JSON"),
        ("a mark before it", (5).to_bytes(8, "little") + b"\xef\xbb\xbf{}", "not the JSON"),
        ("a line behind it", (3).to_bytes(8, "little") + b"{}\n", "not the JSON"),
        ("no number", (9).to_bytes(8, "little") + b'{"a":NaN}', "not the JSON"),
        ("a list", (2).to_bytes(8, "little") + b"[]", "not the JSON"),
    ],
)
def test_a_malformed_safetensors_file_is_refuted(name: str, data: bytes, says: str, tmp_path: Path):
    (finding,) = scan_path(write(tmp_path, {"m.safetensors": data})).findings
    assert finding.answer is Answer.REFUTED, name
    assert says in finding.evidence


@pytest.mark.parametrize("member", ["../evil", "/etc/evil", "a/../../evil", "C:\\evil"])
def test_a_zip_that_unpacks_outside_is_refuted(member: str, tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(member, "x")
    assert answer_of(tmp_path) is Answer.REFUTED


def test_a_tar_that_links_outside_is_refuted(tmp_path: Path):
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        link = tarfile.TarInfo("folder/link")
        link.type, link.linkname = tarfile.SYMTYPE, "../../outside"
        archive.addfile(link)
    assert answer_of(tmp_path) is Answer.REFUTED


def test_an_archive_that_stays_inside_is_proved(tmp_path: Path):
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        archive.addfile(tarfile.TarInfo("folder/file"))
        link = tarfile.TarInfo("folder/link")
        link.type, link.linkname = tarfile.SYMTYPE, "../file"
        archive.addfile(link)
    assert answer_of(tmp_path) is Answer.PROVED


def test_a_zip_that_is_none_is_unknown(tmp_path: Path):
    assert answer_of(write(tmp_path, {"a.zip": b"not a zip"})) is Answer.UNKNOWN


def test_a_config_that_asks_for_its_own_code_is_refuted(tmp_path: Path):
    config = {"auto_map": {"AutoModel": "modeling_x.Model"}}
    files: dict[str, str | bytes] = {"config.json": json.dumps(config), "modeling_x.py": "import torch"}
    config_says, code_says = findings(write(tmp_path, files))
    assert config_says.answer is Answer.REFUTED
    assert config_says.evidence == "auto_map names modeling_x.Model; here: modeling_x.py"
    assert (code_says.answer, code_says.evidence) == (Answer.UNKNOWN, "it is code")


def test_a_plain_config_is_proved_and_a_broken_one_unknown(tmp_path: Path):
    assert answer_of(write(tmp_path / "a", {"config.json": "{}"})) is Answer.PROVED
    assert answer_of(write(tmp_path / "b", {"config.json": "{"})) is Answer.UNKNOWN


BINARY = b"\x00\x01\x02\xff\xfe anything"


@pytest.mark.parametrize("name", ["weights", "lib.so", "m.ot", "m.exe", "README.md", "model.bin", "x.tflite"])
def test_a_kind_that_no_reader_knows_is_unknown_and_listed(name: str, tmp_path: Path):
    (finding,) = findings(write(tmp_path, {name: BINARY, "NOTICE": "# x"}))
    assert (finding.answer, finding.evidence) == (Answer.UNKNOWN, f"1 are not: {name}")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(f"x/{name}", BINARY)
    listed, unknown = findings(tmp_path)
    assert listed.answer is Answer.PROVED
    assert {f"a.zip/x/{name}", name} == set(unknown.evidence.removeprefix("2 are not: ").split(", "))


@pytest.mark.parametrize(
    "name",
    [
        "m.gguf",
        "m.onnx",
        "m.h5",
        "m.pb",
        "m.keras",
        "m.npy",
        "m.pkl",
        "m.7z",
        "m.rar",
        "m.pkl.gz",
        "run.sh",
        "setup.py",
    ],
)
def test_what_a_name_promises_and_the_bytes_do_not_hold_is_unknown(name: str, tmp_path: Path):
    (finding,) = findings(write(tmp_path, {name: "anything"}))
    assert finding.answer is Answer.UNKNOWN
    assert finding.claim.startswith(f"{name}: ")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("README", b"anything"),
        ("a/LICENSE-MIT", b"anything"),
        ("x.md", "Größe, 大小".encode()),
        ("latin", "Größe".encode("latin-1")),
        ("wide.txt", "Größe".encode("utf-16")),
        ("stray", b"words \x08" + b"words " * 1000),
        ("d.jsonl.gz", gzip.compress(b'{"a": 1}\n{"a": 2}\n', mtime=0)),
        ("p.parquet", b"PAR1\x00\x01"),
        ("i.png", b"\x89PNG\r\n\x1a\n\x00\x01"),
        ("weights", b"%PDF-1.7\x00\x01"),
        (".gitignore", b"*.bin"),
        ("t.tiktoken", b"IQ== 0\nIg== 1\n"),
    ],
)
def test_text_tables_and_pictures_need_no_finding(name: str, data: bytes, tmp_path: Path):
    assert findings(write(tmp_path, {name: data, "empty": ""})) == []
    assert answer_of(tmp_path) is Answer.PROVED


def test_a_kind_is_told_by_the_first_bytes_as_well(tmp_path: Path):
    (finding,) = findings(write(tmp_path, {"weights": pickle.dumps(Call())}))
    assert finding.answer is Answer.REFUTED
    with zipfile.ZipFile(tmp_path / "weights", "w") as archive:
        archive.writestr("data.pkl", pickle.dumps(Call()))
    assert answer_of(tmp_path) is Answer.REFUTED


def test_nothing_at_the_path_is_misuse(tmp_path: Path):
    with pytest.raises(Misuse, match="nothing is there"):
        scan_path(tmp_path / "none")


def test_what_a_scan_cannot_tell_is_said(tmp_path: Path):
    assert len(scan_path(tmp_path).not_checked) == 2


def test_of_an_empty_folder_nothing_is_proved(tmp_path: Path):
    assert scan_path(tmp_path).answer is Answer.UNKNOWN
