"""The documentation of Debian packages, and packages that are damaged or sly."""

import bz2
import gzip
import io
import lzma
import tarfile

import pytest
import zstandard

from glasswright.corpus.evidence.dep5 import expression
from glasswright.corpus.sources import debian
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


def test_a_package_that_unpacks_out_of_bounds_is_refused(collected, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(debian, "MAX_UNPACKED_BYTES", 2**20)
    bomb = package({**FILES, DOC + "zeros.txt": bytes(2**21)})
    with pytest.raises(Misuse, match="unpacks to more than 1048576 bytes"):
        collected({"bomb.deb": bomb}, kind="debian")


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
