"""Files made to hold a scan, to fill its memory or to be overlooked: what was not looked into is never PROVED."""

import bz2
import gzip
import io
import json
import lzma
import os
import pickle
import socket
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from backports import zstd
from tests.audit.builder import safetensors, write

from glasswright.audit.scan import archives, configs, opcodes, pickles, scanning, tars
from glasswright.audit.scan.scanning import scan_path
from glasswright.foreign import NotPlain
from glasswright.records.verdict import Answer

pytestmark = pytest.mark.timeout(60)  # each is to end at once; without its bound none of them ends in an hour

SAFE = pickle.dumps({"a": [1, 2.0]})
ZEROS = bytes(2**20)


class Call:
    """Calls something when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (os.system, ("touch owned",))


EVIL = pickle.dumps(Call())


def tar(members: dict[str, bytes], mode: str = "w") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return file.getvalue()


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def found(folder: Path) -> dict[str, tuple[Answer, str]]:
    """What is said of each file: claim without its sentence -> answer and evidence. The worst of a file stands."""
    said: dict[str, tuple[Answer, str]] = {}
    order = [Answer.PROVED, Answer.UNKNOWN, Answer.REFUTED]
    for finding in scan_path(folder).findings:
        if "run nothing" in finding.claim:
            continue
        name = finding.claim.partition(": ")[0]
        if name not in said or order.index(finding.answer) > order.index(said[name][0]):
            said[name] = (finding.answer, finding.evidence)
    return said


# Things that are no files


def test_a_pipe_is_not_waited_for(tmp_path: Path):
    for name in ("model.bin", "a.zip", "config.json", "model.safetensors", "notes.txt"):
        os.mkfifo(tmp_path / name)
    assert {answer for answer, why in found(tmp_path).values() if why == "a pipe"} == {Answer.UNKNOWN}
    assert len(found(tmp_path)) == 5


def test_a_pipe_that_the_user_named_is_refused(tmp_path: Path):
    os.mkfifo(tmp_path / "model.bin")
    with pytest.raises(NotPlain, match="a pipe, where a plain file was expected"):
        scan_path(tmp_path / "model.bin")


def test_a_socket_and_a_link_are_said_and_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("model.bin")
    (tmp_path / "model.safetensors").symlink_to("/dev/zero")
    (tmp_path / "loop").symlink_to("..", target_is_directory=True)
    (tmp_path / "config.json").symlink_to("config.json")
    said = found(tmp_path)
    assert said["model.bin"] == (Answer.UNKNOWN, "a socket")
    assert {said[name] for name in ("model.safetensors", "loop", "config.json")} == {
        (Answer.UNKNOWN, "a symbolic link")
    }


def test_a_link_that_the_user_named_is_followed(tmp_path: Path):
    write(tmp_path, {"blob": EVIL})
    (tmp_path / "model.bin").symlink_to("blob")
    assert scan_path(tmp_path / "model.bin").answer is Answer.REFUTED


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("m.safetensors", Answer.REFUTED),
        ("config.json", Answer.UNKNOWN),
        *((name, Answer.UNKNOWN) for name in ("m.zip", "m.tar", "m.tar.gz")),
        *((name, Answer.UNKNOWN) for name in ("m.bin", "m.pkl", "m.pt", "m.npy", "m.gguf", "m.h5", "m.onnx", "m.gz")),
    ],
)
def test_terabytes_of_nothing_take_neither_memory_nor_time(tmp_path: Path, name: str, answer: Answer):
    with (tmp_path / name).open("wb") as file:
        file.truncate(2**43)
    tracemalloc.start()
    try:
        assert scan_path(tmp_path).answer is answer
        assert tracemalloc.get_traced_memory()[1] < 2**28
    finally:
        tracemalloc.stop()


def test_names_of_any_bytes_are_named(tmp_path: Path):
    for name in (b"\xff.pkl", b"\x1b[31m.pkl", b"a\nb.pkl"):
        (tmp_path / os.fsdecode(name)).write_bytes(EVIL)
    assert {name: answer for name, (answer, _) in found(tmp_path).items()} == {
        "\udcff.pkl": Answer.REFUTED,
        "\x1b[31m.pkl": Answer.REFUTED,
        "a\nb.pkl": Answer.REFUTED,
    }


def test_more_files_than_are_listed_are_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write(tmp_path, {f"{number}.txt": "" for number in range(4)})
    walk = scanning.walk
    monkeypatch.setattr(scanning, "walk", lambda root: walk(root, max_entries=3))
    assert scan_path(tmp_path).answer is Answer.UNKNOWN
    monkeypatch.setattr(scanning, "walk", lambda root: walk(root, max_entries=4))
    assert scan_path(tmp_path).answer is Answer.PROVED


@pytest.mark.parametrize("change", [lambda p: p.unlink(), lambda p: p.write_bytes(SAFE + b"x"), lambda p: swap(p)])
def test_a_file_that_changes_while_the_folder_is_scanned_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None]
):
    write(tmp_path, {"a.pkl": SAFE})
    walk = scanning.walk

    def changed(root: Path) -> list[object]:
        entries = list(walk(root))
        change(tmp_path / "a.pkl")
        return list(entries)

    monkeypatch.setattr(scanning, "walk", changed)
    assert found(tmp_path)["a.pkl"][0] is Answer.UNKNOWN


def swap(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


# Archives


@pytest.mark.parametrize(
    ("name", "pack"), [("b.tar.gz", gzip.compress), ("b.tar.bz2", bz2.compress), ("b.tar.xz", lzma.compress)]
)
def test_a_packed_tar_is_unpacked_up_to_a_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, pack: Callable[[bytes], bytes]
):
    write(tmp_path, {name: pack(tar({"a.txt": ZEROS, "b.txt": ZEROS}))})
    assert found(tmp_path)[name][0] is Answer.PROVED
    monkeypatch.setattr(scanning, "MAX_UNPACKED_BYTES", 2**20)
    assert found(tmp_path)[name] == (
        Answer.UNKNOWN,
        "not all of it was looked at: more than 1,048,576 bytes would have to be read",
    )


def test_the_bound_holds_for_all_files_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write(tmp_path, {f"{number}.tar.gz": gzip.compress(tar({"a.txt": ZEROS, "b.txt": ZEROS})) for number in range(3)})
    monkeypatch.setattr(scanning, "MAX_UNPACKED_IN_ALL_BYTES", 4 * 2**20)
    said = found(tmp_path)
    answers = [said[f"{number}.tar.gz"][0] for number in range(3)]
    assert answers == [Answer.PROVED, Answer.UNKNOWN, Answer.UNKNOWN]


def test_a_bomb_is_refuted_by_what_it_unpacks_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archives, "MIN_SUSPICIOUS_BYTES", 2**24)
    zeros = gzip.compress(bytes(2**24)) * 8  # gzip reads one behind the other
    header = tarfile.TarInfo("zeros")
    header.size = 8 * 2**24
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(header.tobuf()) + zeros)
    (tmp_path / "b.zip").write_bytes(
        zipped({"zeros": ZEROS}).replace(struct.pack("<L", 2**20), struct.pack("<L", 2**31))
    )
    said = found(tmp_path)
    assert said["a.tar.gz"][0] is Answer.REFUTED
    assert said["b.zip"][0] is Answer.REFUTED
    assert "unpack to more than 2147483648" in said["b.zip"][1]


def test_a_tar_whose_member_is_all_hole_is_refuted(tmp_path: Path):
    member = tarfile.TarInfo("x.bin")
    member.size = 512
    member.pax_headers = {"GNU.sparse.size": str(30 * 2**30), "GNU.sparse.map": "0,512", "GNU.sparse.name": "x.bin"}
    data = member.tobuf(tarfile.PAX_FORMAT) + bytes(512) + bytes(1024)
    (tmp_path / "a.tar").write_bytes(data)
    assert found(tmp_path)["a.tar"] == (Answer.REFUTED, f"{len(data)} bytes unpack to more than {30 * 2**30}")


def test_a_small_file_with_holes_is_named_as_not_looked_into(tmp_path: Path):
    member = tarfile.TarInfo("x.pkl")
    member.size = 512
    member.pax_headers = {"GNU.sparse.size": "1024", "GNU.sparse.map": "0,512", "GNU.sparse.name": "x.pkl"}
    (tmp_path / "a.tar").write_bytes(member.tobuf(tarfile.PAX_FORMAT) + EVIL.ljust(512, b"\0") + bytes(1024))
    assert found(tmp_path)["a.tar"] == (Answer.UNKNOWN, "1 of 1 members were not: x.pkl (a file with holes)")


def test_a_header_of_negative_size_does_not_go_round_for_ever(tmp_path: Path):
    header = bytearray(tarfile.TarInfo("a").tobuf())
    header[124:136] = b"\xff" * 10 + b"\xfe\x00"  # minus 512, in the base of 256: the next header is this one
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    (tmp_path / "a.tar").write_bytes(tar({"x": b""})[:512] + bytes(header) * 4 + bytes(1024))
    assert found(tmp_path)["a.tar"][0] is Answer.UNKNOWN


def test_a_long_header_is_not_searched(tmp_path: Path):
    member = tarfile.TarInfo("a")
    header = tarfile.TarInfo("././@PaxHeader")
    header.type, header.size = tarfile.XHDTYPE, 2**22
    (tmp_path / "a.tar").write_bytes(header.tobuf() + b"1" * 2**22 + member.tobuf() + bytes(1024))
    assert found(tmp_path)["a.tar"] == (
        Answer.UNKNOWN,
        "not all of it was looked at: a piece of more than 8,192 bytes would have to be read",
    )


def test_headers_beyond_the_bound_are_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write(tmp_path, {"a.tar": tar(dict.fromkeys("abcde", b""))})
    assert found(tmp_path)["a.tar"][0] is Answer.PROVED
    monkeypatch.setattr(tars, "MAX_HEADERS_BYTES", 2_048)
    assert found(tmp_path)["a.tar"][0] is Answer.UNKNOWN


def test_a_damaged_header_between_two_members_is_not_taken_for_the_end(tmp_path: Path):
    good, evil = tar({"a": b"x"})[:1024], tar({"../../evil": b"x"})
    write(tmp_path, {"a.tar": good + b"damaged!" * 64 + evil, "b.tar": good + evil})
    said = found(tmp_path)
    assert said["a.tar"][0] is Answer.UNKNOWN
    assert said["b.tar"][0] is Answer.REFUTED


def test_a_tar_that_ends_as_a_zip_is_read_as_both(tmp_path: Path):
    inner = zipped({"x.txt": b"x"})
    write(
        tmp_path, {"a.tar": tar({"../evil": b"x", "b.zip": inner}), "c.tar": tar({"b.zip": zipped({"../evil": b""})})}
    )
    assert {name: answer for name, (answer, _) in found(tmp_path).items() if "/" not in name} == {
        "a.tar": Answer.REFUTED,
        "c.tar": Answer.REFUTED,
    }


@pytest.mark.parametrize("pack", [zipped, tar, lambda members: gzip.compress(tar(members))])
def test_what_is_in_an_archive_is_looked_into(tmp_path: Path, pack: Callable[[dict[str, bytes]], bytes]):
    name = "a.zip" if pack is zipped else "a.tar" if pack is tar else "a.tar.gz"
    config = json.dumps({"auto_map": {"A": "code.B"}}).encode()
    members = {"m/x.pkl": EVIL, "m/y": EVIL, "m/z.safetensors": safetensors(extra=b"x"), "m/config.json": config}
    members |= {"m/code.py": b"", "m/good.pkl": SAFE, "m/data": b"\x80\x02 numbers"}
    write(tmp_path, {name: pack(members)})
    said = found(tmp_path)
    assert said[name][0] is Answer.PROVED
    assert {path.removeprefix(f"{name}/m/"): answer for path, (answer, _) in said.items() if path != name} == {
        "x.pkl": Answer.REFUTED,
        "y": Answer.REFUTED,
        "z.safetensors": Answer.REFUTED,
        "config.json": Answer.REFUTED,
        "good.pkl": Answer.PROVED,
        "data": Answer.UNKNOWN,  # it begins as a pickle, and is none
    }
    assert said[f"{name}/m/config.json"][1] == "auto_map names code.B"


def test_a_zip_of_torch_is_listed_and_its_pickle_read_once(tmp_path: Path):
    write(
        tmp_path,
        {
            "m.pt": zipped({"m/data.pkl": SAFE, "m/data/0": b"\x80\x02numbers", "m/data/1": b"numbers"}),
            "n.bin": zipped({"x": b""}),
        },
    )
    assert [finding.claim for finding in scan_path(tmp_path).findings[:-1]] == [
        "m.pt: unpacking it stays inside its folder",
        "m.pt/m/data.pkl: loading it calls nothing unsafe",
        "n.bin: unpacking it stays inside its folder",
    ]


def test_an_archive_in_an_archive_is_looked_into_down_to_a_depth(tmp_path: Path):
    data, name = zipped({"x.pkl": EVIL}), "x.pkl"
    for depth in range(archives.MAX_DEPTH + 1):
        write(tmp_path, {"a.zip": data})
        assert found(tmp_path)[f"a.zip/{name}"][0] is Answer.REFUTED, depth
        data, name = (tar({"b": data}), f"b/{name}") if depth % 2 else (zipped({"b": data}), f"b/{name}")
    write(tmp_path, {"a.zip": data})
    assert found(tmp_path)["a.zip" + "/b" * 5] == (Answer.UNKNOWN, "an archive in 5 archives; 4 are looked into")


def test_of_a_member_over_the_bound_only_the_beginning_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archives, "MAX_MEMBER_BYTES", 10)
    write(tmp_path, {"a.zip": zipped({"x.pkl": SAFE, "y.pkl": pickle.dumps(1)})})
    said = found(tmp_path)
    assert said["a.zip/y.pkl"][0] is Answer.PROVED
    assert said["a.zip/x.pkl"] == (
        Answer.UNKNOWN,
        f"only its beginning was looked at: 10 of {len(SAFE)} bytes",
    )


def test_more_members_than_are_listed_are_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archives, "MAX_MEMBERS", 2)
    write(tmp_path, {"a.tar": tar(dict.fromkeys("abc", b"")), "b.zip": zipped(dict.fromkeys("ab", b""))})
    said = found(tmp_path)
    assert said["a.tar"] == (Answer.UNKNOWN, "not all of it was looked at: it has more than 2 members")
    assert said["b.zip"][0] is Answer.PROVED


def test_a_member_in_a_compression_that_is_not_known_is_named(tmp_path: Path):
    data = zipped({"x.pkl": EVIL}, zipfile.ZIP_STORED).replace(
        struct.pack("<HHH", 20, 0, 0), struct.pack("<HHH", 20, 0, 99)
    )
    write(tmp_path, {"a.zip": data})
    answer, evidence = found(tmp_path)["a.zip"]
    assert answer is Answer.UNKNOWN
    assert "x.pkl (NotImplementedError" in evidence


def test_a_zip_whose_listing_is_longer_than_is_read_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archives, "MAX_DIRECTORY_BYTES", 2**17)
    write(tmp_path, {"a.zip": zipped({"long" * 50 + str(number): b"" for number in range(800)})})
    assert found(tmp_path)["a.zip"][0] is Answer.UNKNOWN


@pytest.mark.parametrize("name", ["a.7z", "a.rar", "a.tar.zst", "a.pkl.gz", "m.safetensors.xz"])
def test_a_kind_of_archive_that_is_not_read_is_unknown(tmp_path: Path, name: str):
    write(tmp_path, {name: b"anything"})
    assert found(tmp_path)[name][0] is Answer.UNKNOWN


def test_compressed_texts_are_of_no_kind_that_can_be_unsafe(tmp_path: Path):
    write(tmp_path, {"data.jsonl.gz": gzip.compress(b"{}"), "words.txt.xz": b""})
    assert scan_path(tmp_path).answer is Answer.PROVED


# Pickles


@pytest.mark.parametrize("pack", [zlib.compress, gzip.compress, bz2.compress, lzma.compress, zstd.compress])
def test_a_compressed_pickle_is_unpacked_and_read(tmp_path: Path, pack: Callable[[bytes], bytes]):
    """joblib unpacks and loads it."""
    write(tmp_path, {"m.joblib": pack(EVIL), "n.joblib": pack(SAFE), "o.joblib": pack(EVIL)[:-9]})
    said = found(tmp_path)
    assert said["m.joblib/m.joblib"][0] is Answer.REFUTED
    assert said["n.joblib/n.joblib"][0] is Answer.PROVED
    assert Answer.UNKNOWN in (said.get("o.joblib", said.get("o.joblib/o.joblib")))


def test_a_compressed_pickle_is_unpacked_up_to_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(scanning, "MAX_UNPACKED_BYTES", 2**16)
    write(tmp_path, {"m.joblib": gzip.compress(pickle.dumps(ZEROS))})
    assert found(tmp_path)["m.joblib"][0] is Answer.UNKNOWN


def test_a_pickle_in_front_of_a_zip_is_read(tmp_path: Path):
    write(tmp_path, {"m.pkl": EVIL + zipped({"x": b""}), "m.pt": EVIL + zipped({"x": b""})})
    assert {answer for answer, _ in found(tmp_path).values()} == {Answer.REFUTED}


def test_a_pickle_longer_than_is_read_is_unknown_and_what_it_imports_before_that_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    long = pickle.dumps([b"x" * 100] * 3 + list(range(10_000)))
    write(tmp_path, {"late.pkl": long + EVIL, "early.pkl": EVIL + long, "short.pkl": SAFE})
    assert [found(tmp_path)[name][0] for name in ("late.pkl", "early.pkl")] == [Answer.REFUTED] * 2
    monkeypatch.setattr(pickles, "MAX_PICKLE_BYTES", 2_000)
    said = found(tmp_path)
    assert said["early.pkl"][0] is Answer.REFUTED
    assert said["short.pkl"][0] is Answer.PROVED
    assert said["late.pkl"] == (
        Answer.UNKNOWN,
        f"only its beginning was looked at: 2,000 of {len(long + EVIL):,} bytes",
    )


def test_a_pickle_of_more_opcodes_than_are_held_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write(tmp_path, {"m.pkl": pickle.dumps(list(range(2_000))) + EVIL})
    assert found(tmp_path)["m.pkl"][0] is Answer.REFUTED
    monkeypatch.setattr(opcodes, "MAX_OPCODES", 1_000)
    assert found(tmp_path)["m.pkl"] == (Answer.UNKNOWN, "it is not a whole pickle: it has more than 1,000 opcodes")


@pytest.mark.parametrize("opcode", [b"\x8e", b"\x8d", b"\x96"])  # bytes, text, bytearray of a length in eight bytes
def test_a_piece_of_a_stated_length_is_not_read_beyond_the_file(tmp_path: Path, opcode: bytes):
    with (tmp_path / "m.pkl").open("wb") as file:
        file.write(b"\x80\x04" + opcode + struct.pack("<Q", 2**42))
        file.truncate(2**43)
    assert found(tmp_path)["m.pkl"][0] is Answer.UNKNOWN


def test_names_in_a_pickle_are_not_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    write(tmp_path, {"m.pkl": b"c\x1b[31mos\nsystem\n.", "n.pkl": EVIL})
    scan_path(tmp_path)
    assert caplog.records == []


# Headers and configs


def header(text: str) -> bytes:
    return struct.pack("<Q", len(text)) + text.encode()


@pytest.mark.parametrize(
    "text",
    [
        '{"t": {"dtype": [], "shape": [], "data_offsets": [0, 0]}}',
        '{"t": {"dtype": "F32", "shape": [true], "data_offsets": [0, 4]}}',
        '{"t": {"dtype": "F32", "shape": [' + "9223372036854775807," * 200_000 + '1], "data_offsets": [0, 0]}}',
        '{"t": {"dtype": "F32", "shape": [' + "9" * 4_000 + '], "data_offsets": [0, 0]}}',
        '{"t": {"dtype": "F32", "shape": [' + "9" * 5_000 + '], "data_offsets": [0, 0]}}',
        "[" * 100_000,
        '{"' + "\x1b" * 0 + "x" * 1_000_000 + '": {}}',
        '{"t": null}',
        '{"__metadata__": {"a": 1}}',
        "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    ],
)
def test_a_hostile_header_is_refuted_in_few_words(tmp_path: Path, text: str):
    write(tmp_path, {"m.safetensors": header(text)})
    answer, evidence = found(tmp_path)["m.safetensors"]
    assert answer is Answer.REFUTED
    assert len(evidence) < 500


def test_sizes_below_zero_are_refuted(tmp_path: Path):
    text = '{"t": {"dtype": "F32", "shape": [-1, -1], "data_offsets": [0, 4]}}'
    write(tmp_path, {"m.safetensors": header(text) + bytes(4)})
    assert found(tmp_path)["m.safetensors"] == (Answer.REFUTED, "t: shape or offsets are no sizes")


def test_of_a_long_config_the_keys_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(configs, "MAX_JSON_BYTES", 100)
    long = json.dumps({"vocab": ["x" * 100, "auto_map"]})
    write(tmp_path, {"tokenizer.json": long, "config.json": '{"\\u0061uto_map": "a.B", ' + long[1:]})
    said = found(tmp_path)
    assert said["tokenizer.json"] == (Answer.PROVED, f"no key of the {len(long)} bytes asks for any")
    assert said["config.json"][0] is Answer.UNKNOWN
    monkeypatch.setattr(configs, "MAX_KEYS_BYTES", 100)
    assert found(tmp_path)["tokenizer.json"] == (Answer.UNKNOWN, f"{len(long)} bytes, where at most 100 are looked at")


def test_a_header_longer_than_is_looked_at_is_unknown(tmp_path: Path):
    with (tmp_path / "m.safetensors").open("wb") as file:
        file.write(struct.pack("<Q", 90_000_000))
        file.truncate(2**40)
    assert found(tmp_path)["m.safetensors"] == (
        Answer.UNKNOWN,
        "the header has 90,000,000 bytes; at most 16,777,216 are looked at",
    )


@pytest.mark.parametrize(
    "text", ["{" + '"a": {' * 700 + "}" * 701, "[" * 100_000, '{"a": ' + "1" * 5_000 + "}", "\xff", '{"a": NaN']
)
def test_a_hostile_config_is_unknown_or_read(tmp_path: Path, text: str):
    write(tmp_path, {"config.json": text.encode("latin-1")})
    answer, evidence = found(tmp_path)["config.json"]
    assert (
        (answer, evidence) == (Answer.PROVED, "nothing in it asks for any")
        if text.startswith('{"a": {')
        else Answer.UNKNOWN
    )
    assert len(evidence) < 500


def test_a_config_that_names_a_thousand_classes_is_refuted_in_few_words(tmp_path: Path):
    config = {"auto_map": {str(number): f"module{number}.Class" for number in range(1000)}}
    write(tmp_path, {"config.json": json.dumps(config)})
    answer, evidence = found(tmp_path)["config.json"]
    assert answer is Answer.REFUTED
    assert "and 995 more" in evidence
