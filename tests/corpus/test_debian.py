"""The documentation of Debian packages, and packages that are damaged or sly."""

import bz2
import gzip
import hashlib
import io
import lzma
import tarfile

import pytest
import zstandard

from glasswright.corpus.evidence.dep5 import expression
from glasswright.corpus.sources import debian
from glasswright.corpus.sources import tar as tar_members
from glasswright.errors import Misuse

COPYRIGHT = b"""Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
Copyright: A. Body
License: GPL-2+ or Expat

Files: examples/*
Copyright: A. Body
License: CC-BY-NC-4.0
"""
DOC = "./usr/share/doc/tool/"
FILES = {
    DOC + "copyright": COPYRIGHT,
    DOC + "guide.md": b"# Guide\n\nHow to use the tool.\n",
    DOC + "news.txt.gz": gzip.compress(b"What is new.", mtime=0),
    DOC + "examples/one.txt": b"An example.",
    "./usr/bin/tool": b"\x7fELF",
}
PACK = {"": bytes, ".gz": gzip.compress, ".xz": lzma.compress, ".bz2": bz2.compress, ".zst": zstandard.compress}


def tar(files: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", encoding="utf-8") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        for name, target in (links or {}).items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
    return buffer.getvalue()


def ar(**members: bytes) -> bytes:
    data = b"!<arch>\n"
    for name, member in members.items():
        head = f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(member):<10}`\n"
        data += head.encode() + member + b"\n" * (len(member) % 2)
    return data


def package(files: dict[str, bytes] = FILES, suffix: str = ".xz", links: dict[str, str] | None = None) -> bytes:
    data = {f"data.tar{suffix}": PACK[suffix](tar(files, links))}
    return ar(**{"debian-binary": b"2.0\n", "control.tar.gz": gzip.compress(tar({}))}, **data)


@pytest.mark.parametrize("suffix", PACK)
def test_documentation_is_read_under_the_copyright_file(collected, suffix: str):
    corpus = collected({"tool.deb": package(suffix=suffix)}, kind="debian")
    row = corpus.by_path["tool.deb/usr/share/doc/tool/guide.md"]
    assert (row.title, row.license) == ("Guide", "GPL-2.0-or-later OR MIT")
    assert row.license_evidence == "tool.deb/usr/share/doc/tool/copyright (DEP-5)"
    assert corpus.text("tool.deb/usr/share/doc/tool/news.txt.gz") == "What is new."


def test_the_last_pattern_that_matches_holds(collected):
    corpus = collected({"tool.deb": package()}, kind="debian")
    row = corpus.by_path["tool.deb/usr/share/doc/tool/examples/one.txt"]
    assert (row.license, row.reason) == ("CC-BY-NC-4.0", "license_not_allowed")


def test_every_file_of_the_documentation_has_a_row_and_no_other_file(collected):
    corpus = collected({"tool.deb": package()}, kind="debian")
    names = {path.removeprefix("tool.deb/usr/share/doc/tool/") for path in corpus.by_path}
    assert names == {"copyright", "guide.md", "news.txt.gz", "examples/one.txt"}


def test_documentation_without_a_suffix_is_read_packed_or_not(collected):
    bare = {
        "changelog.Debian.gz": gzip.compress(b"tool (1.0) unstable", mtime=0),
        "NEWS.gz": gzip.compress(b"What is new in 2.0.", mtime=0),
        "README": b"Read this.",
        "README.Debian": b"Of Debian.",
        "TODO": b"Much to do.",
        "AUTHORS": b"A. Body",
        "index": b"Of no kind.",
        "data": b"a\0b",
    }
    corpus = collected(
        {"tool.deb": package({**FILES, **{DOC + name: data for name, data in bare.items()}})}, kind="debian"
    )
    reasons = {name: corpus.reason(f"tool.deb/usr/share/doc/tool/{name}") for name in [*bare, "copyright"]}
    assert {name for name, reason in reasons.items() if reason == "kept"} == set(bare) - {"index", "data"}
    assert (reasons["index"], reasons["copyright"]) == ("media_type_not_read", "license_text")
    row = corpus.by_path["tool.deb/usr/share/doc/tool/NEWS.gz"]
    assert (row.media_type, row.license) == ("text/plain", "GPL-2.0-or-later OR MIT")


def test_a_path_that_comes_twice_and_a_device_have_rows(collected):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for data in (b"first", b"second", b"third"):
            member = tarfile.TarInfo(DOC + "README")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        device = tarfile.TarInfo(DOC + "null")
        device.type = tarfile.CHRTYPE
        archive.addfile(device)
        archive.addfile(device)
    corpus = collected({"t.deb": ar(**{"data.tar": buffer.getvalue()})}, kind="debian", license="MIT")
    counts = sorted((row.path.rsplit("/", 1)[1], row.reason) for row in corpus.rows)
    assert counts == [
        ("README", "kept"),
        ("README", "path_twice"),
        ("README#2", "path_twice"),
        ("null", "not_a_file"),
        ("null#2", "not_a_file"),
    ]
    assert list(corpus.texts.values()) == ["first"]


def test_names_that_are_not_utf8_are_written_out(collected):
    name = DOC + b"na\xefve.txt".decode("utf-8", "surrogateescape")
    corpus = collected({"t.deb": package({**FILES, name: b"Words."})}, kind="debian")
    assert corpus.text(r"t.deb/usr/share/doc/tool/na\xefve.txt") == "Words."


def test_paths_and_links_out_of_the_package_are_set_aside(collected):
    sly = {**FILES, DOC + "../../../../secret.txt": b"up", "/etc/usr/share/doc/x.txt": b"top"}
    links = {DOC + "passwords.txt": "/etc/passwd"}
    corpus = collected({"tool.deb": package(sly, links=links), "secret.txt": b"outside"}, kind="debian")
    assert corpus.by_path.pop("secret.txt").reason == "media_type_not_read"
    reasons = {path.rsplit("/", 1)[1]: row.reason for path, row in corpus.by_path.items()}
    assert reasons["secret.txt"] == "path_leaves_archive"
    assert reasons["x.txt"] == "path_leaves_archive"
    assert reasons["passwords.txt"] == "link_not_followed"
    assert sorted(corpus.texts.values()) == ["# Guide\n\nHow to use the tool.", "What is new."]


@pytest.mark.parametrize("suffix", PACK)
@pytest.mark.parametrize("share", [0.3, 0.7, 0.99])
def test_a_cut_package_is_an_error_that_names_it(collected, suffix: str, share: float):
    data = package(suffix=suffix)
    with pytest.raises(Misuse, match=r"tool.deb: cannot be read as a Debian package"):
        collected({"tool.deb": data[: int(len(data) * share)]}, kind="debian")


@pytest.mark.parametrize("suffix", [".gz", ".xz", ".bz2"])
def test_a_changed_byte_is_found(collected, suffix: str):
    data = bytearray(package(suffix=suffix))
    data[-20] ^= 1
    with pytest.raises(Misuse, match=r"tool.deb: cannot be read as a Debian package"):
        collected({"tool.deb": bytes(data)}, kind="debian")


@pytest.mark.parametrize("data", [b"not a package", ar(**{"debian-binary": b"2.0\n"}), ar(**{"data.tar.lz": b""})])
def test_what_is_no_package_is_an_error_that_names_it(collected, data: bytes):
    with pytest.raises(Misuse, match=r"tool.deb: cannot be read as a Debian package"):
        collected({"tool.deb": data}, kind="debian")


def member(name: str, data: bytes = b"", *, kind: bytes = b"0", size: int | None = None, link: str = "") -> bytes:
    """A tar member with whatever its header says."""
    header = tarfile.TarInfo(name)
    header.type, header.linkname, header.size = kind, link, len(data) if size is None else size
    return header.tobuf(tarfile.GNU_FORMAT) + data + bytes(-len(data) % 512)


def sparse(name: str, size: int) -> bytes:
    """A sparse file of GNU's old kind: nothing on disk, and any size stated."""
    header = bytearray(member(name, kind=tarfile.GNUTYPE_SPARSE)[:512])
    header[386:398] = header[398:410] = b"%011o\0" % 0
    header[483:495] = b"\x80\0\0\0" + size.to_bytes(8, "big")
    header[148:156] = b"%06o\0 " % (sum(header[:148]) + 256 + sum(header[156:]))
    return bytes(header)


def records(*, kind: bytes = tarfile.XHDTYPE, **values: str) -> bytes:
    """What PAX states of the next member, or of all that come."""
    data = b""
    for key, value in values.items():
        rest = f" {key.replace('_', '.')}={value}\n".encode()
        length = len(rest) + len(str(len(rest)))
        length = len(rest) + len(str(length))
        data += str(length).encode() + rest
    return member("records", data, kind=kind)


HUGE = 2**45
AFTER = member(DOC + "README", b"Read this.") + bytes(1024)
ODD = {  # before a member that is kept: what stands for it, and why
    "sparse, as GNU wrote it": (sparse(DOC + "hole", HUGE), "not_a_file"),
    "sparse, as PAX 0.1 has it": (
        records(GNU_sparse_map="0,0", GNU_sparse_size=str(HUGE), GNU_sparse_name=DOC + "hole") + member(DOC + "hole"),
        "not_a_file",
    ),
    "sparse, as PAX 1.0 has it": (
        records(GNU_sparse_major="1", GNU_sparse_minor="0", GNU_sparse_realsize=str(HUGE), GNU_sparse_name=DOC + "hole")
        + member(DOC + "hole", b"1\n0\n0\n".ljust(512, b"\0")),
        "not_a_file",
    ),
    "a link": (member(DOC + "hole", kind=tarfile.SYMTYPE, link="/etc/passwd"), "link_not_followed"),
    "a hard link to itself": (member(DOC + "hole", kind=tarfile.LNKTYPE, link=DOC + "hole"), "link_not_followed"),
    "a pipe": (member(DOC + "hole", kind=tarfile.FIFOTYPE), "not_a_file"),
    "of no known type": (member(DOC + "hole", kind=b"?"), "not_a_file"),
    "a path a thousand folders deep": (records(path=DOC + "d/" * 1000 + "hole") + member("x"), "media_type_not_read"),
    "a path that no file system takes": (records(path=DOC + "d/" * 9000) + member("x"), "path_too_long"),
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("suffix", ["", ".xz"])
def test_an_odd_member_has_a_row_and_the_next_one_is_read(collected, name: str, suffix: str):
    odd, reason = ODD[name]
    corpus = collected({"t.deb": ar(**{f"data.tar{suffix}": PACK[suffix](odd + AFTER)})}, kind="debian", license="MIT")
    assert sorted(row.reason for row in corpus.rows) == sorted(["kept", reason])
    assert list(corpus.texts.values()) == ["Read this."]


HOSTILE = {
    "a name of many bytes": member("././@LongLink", b"n" * 2**20, kind=tarfile.GNUTYPE_LONGNAME) + AFTER,
    "a name that states many bytes": member("././@LongLink", size=HUGE, kind=tarfile.GNUTYPE_LONGNAME) + AFTER,
    "names of names": member("././@LongLink", b"n", kind=tarfile.GNUTYPE_LONGNAME) * 5000 + AFTER,
    "many records": records(comment="c" * 2**20) + AFTER,
    "records of records": (records(path="p") * 5000) + AFTER,
    "shared records, always more": b"".join(
        records(kind=tarfile.XGLTYPE, **{f"key{number}": "v"}) + member("./usr/a") for number in range(200)
    )
    + AFTER,
    "a map of holes without end": records(GNU_sparse_major="1", GNU_sparse_minor="0", GNU_sparse_realsize="9")
    + member(DOC + "hole", b"9999999\n" + b"1" * 2**20)
    + AFTER,
    "a map of holes that goes on": sparse(DOC + "hole", 9)[:482] + b"\1" + bytes(29) + (b"1" * 504 + b"\1" * 8) * 4000,
    "a size below zero": member(DOC + "a", size=-1024) + AFTER,
    "a size below zero in records": records(size="-1024") + AFTER,
    "a size of any length in records": records(size="9" * 5000) + AFTER,
    "a size beyond the end": member(DOC + "a", size=HUGE) + AFTER,
    "a header that is damaged": member(DOC + "a", b"words") + b"x" * 512 + AFTER,
    "a header that is cut": member(DOC + "a", b"words") + AFTER[:200],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_header_is_an_error_that_names_the_package(collected, name: str):
    with pytest.raises(Misuse, match=r"t.deb: cannot be read as a Debian package"):
        collected({"t.deb": ar(**{"data.tar": HOSTILE[name]})}, kind="debian", license="MIT")


def test_members_without_end_are_refused(collected, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tar_members, "MAX_MEMBERS", 100)
    few, many = ({f"./usr/{number}": b"" for number in range(count)} for count in (90, 110))
    assert collected({"t.deb": package({**FILES, **few})}, kind="debian").rows
    with pytest.raises(Misuse, match="more than 100 members"):
        collected({"t.deb": package({**FILES, **many})}, kind="debian")


@pytest.mark.parametrize("suffix", [".gz", ".xz", ".bz2", ".zst"])
def test_a_package_that_grows_out_of_proportion_is_refused(collected, suffix: str):
    with pytest.raises(Misuse, match=r"bomb.deb: grows out of all proportion"):
        collected({"bomb.deb": package({**FILES, "./usr/bin/zeros": bytes(2**27)}, suffix=suffix)}, kind="debian")


def test_documentation_is_held_up_to_a_limit(collected, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(debian, "MAX_HELD_BYTES", 2**20)
    with pytest.raises(Misuse, match="its documentation has more than 1048576 bytes"):
        collected({"large.deb": package({**FILES, DOC + "zeros.txt": bytes(2**21)})}, kind="debian")


def test_a_text_too_long_for_one_has_a_row_packed_or_not(collected, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(debian, "MAX_DOCUMENT_BYTES", 1000)
    long = {DOC + "a.txt": bytes(1001), DOC + "b.txt.gz": gzip.compress(bytes(1001)), DOC + "c.txt": b"c" * 1000}
    corpus = collected({"t.deb": package({**FILES, **long})}, kind="debian", license="MIT")
    reasons = {name: corpus.reason(f"t.deb/{(DOC + name)[2:]}") for name in ("a.txt", "b.txt.gz", "c.txt")}
    assert reasons == {"a.txt": "file_too_large", "b.txt.gz": "file_too_large", "c.txt": "kept"}
    row = corpus.by_path[f"t.deb/{DOC[2:]}a.txt"]
    assert (row.bytes, row.sha256) == (1001, hashlib.sha256(bytes(1001)).hexdigest())


def test_a_dictionary_that_states_any_memory_is_refused(collected):
    """A stream of .xz says how much memory reading it takes, up to 4 GiB."""
    large = [{"id": lzma.FILTER_LZMA2, "dict_size": 2**29}]
    data = lzma.compress(tar(FILES), filters=large)
    with pytest.raises(Misuse, match="Memory usage limit"):
        collected({"t.deb": ar(**{"data.tar.xz": data})}, kind="debian", license="MIT")


@pytest.mark.parametrize("size", [b"-5", b"+5", b"5 5", b"0x5", b"", b"1e9", b"\xb2", b"9999999999"])
def test_a_size_of_ar_that_is_none_is_refused(collected, size: bytes):
    data = b"!<arch>\n" + b"data.tar".ljust(48) + size.ljust(10) + b"`\n" + tar(FILES)
    with pytest.raises(Misuse, match=r"t.deb: cannot be read as a Debian package"):
        collected({"t.deb": data}, kind="debian", license="MIT")


@pytest.mark.parametrize(
    ("stated", "spdx"),
    [
        ("GPL-2+", "GPL-2.0-or-later"),
        ("LGPL-2.1", "LGPL-2.1-only"),
        ("GFDL-NIV-1.2+", "GFDL-1.2-no-invariants-or-later"),
        ("Expat", "MIT"),
        ("Artistic or GPL-1+", "Artistic-1.0 OR GPL-1.0-or-later"),
        ("GPL-2+ or Artistic-2.0, and BSD-3-clause", "(GPL-2.0-or-later OR Artistic-2.0) AND BSD-3-Clause"),
        ("GPL-2+ with OpenSSL exception", None),
        ("CC-BY-4.0, Expat", None),
    ],
)
def test_short_names_of_debian_are_read_as_spdx(stated: str, spdx: str | None):
    assert expression(stated) == spdx
