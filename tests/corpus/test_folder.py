"""A folder of texts: every file is seen, and what is not a document says why."""

import os
import socket
from collections import Counter
from pathlib import Path

import pytest

from glasswright.corpus.sources import page
from glasswright.corpus.sources.files import walk
from glasswright.errors import Misuse


def test_text_and_markdown_become_documents(collected):
    corpus = collected({"a.txt": b"One text.\r\n", "sub/b.md": b"# A title\n\nBody.\n"}, license="MIT")
    assert corpus.text("a.txt") == "One text."
    assert corpus.text("sub/b.md") == "# A title\n\nBody."
    assert corpus.by_path["sub/b.md"].title == "A title"
    assert corpus.by_path["a.txt"].license == "MIT"
    assert corpus.by_path["a.txt"].license_evidence == "recipe"


def test_every_file_has_a_row_and_the_reasons_add_up(collected):
    files = {
        "a.txt": b"kept",
        "b.txt": b"kept",
        "c.png": b"\x89PNG",
        "LICENSE": b"MIT License ...",
        "blank.md": b" \n\n",
    }
    corpus = collected(files, license="MIT")
    reasons = Counter(row.reason for row in corpus.rows)
    assert reasons == {
        "kept": 1,
        "exact_duplicate": 1,
        "media_type_not_read": 1,
        "license_text": 1,
        "empty": 1,
    }
    assert len(corpus.texts) == sum(row.is_kept for row in corpus.rows)


def test_only_files_that_match_a_pattern_are_seen(collected):
    files = {"a.txt": b"a", "b.md": b"b", "deep/er/c.md": b"c"}
    assert set(collected(files, license="MIT", include=["*.md"]).by_path) == {"b.md"}
    assert set(collected(files, license="MIT", include=["**/*.md"]).by_path) == {"b.md", "deep/er/c.md"}


def test_version_control_is_not_part_of_a_folder(collected):
    corpus = collected({"a.txt": b"a", ".git/description.txt": b"a repository"}, license="MIT")
    assert set(corpus.by_path) == {"a.txt"}


def test_a_link_out_of_the_source_is_not_followed(collected, tmp_path: Path):
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.txt").write_text("outside")
    (tmp_path / "in" / "link.txt").symlink_to("../secret.txt")
    (tmp_path / "in" / "folder").symlink_to("..")
    corpus = collected({"a.txt": b"inside"}, license="MIT")
    assert corpus.reason("link.txt") == "link_leaves_source"
    assert corpus.reason("folder") == "link_leaves_source"
    assert list(corpus.texts.values()) == ["inside"]


def test_a_link_within_the_source_is_not_a_second_document(collected, tmp_path: Path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "b.txt").symlink_to("a.txt")
    assert collected({"a.txt": b"inside"}, license="MIT").reason("b.txt") == "link_not_followed"


def test_links_that_lead_in_a_circle_end(collected, tmp_path: Path):
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "a").symlink_to("b")
    (tmp_path / "in" / "b").symlink_to("a")
    (tmp_path / "in" / "deep" / "up").symlink_to("..")
    (tmp_path / "in" / "nowhere.txt").symlink_to("absent.txt")
    corpus = collected({"deep/a.txt": b"inside"}, license="MIT")
    links = {path: row.reason for path, row in corpus.by_path.items() if path != "deep/a.txt"}
    assert links == dict.fromkeys(["a", "b", "deep/up", "nowhere.txt"], "link_not_followed")


def test_a_pipe_and_a_socket_are_never_opened(collected, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "in").mkdir()
    os.mkfifo(tmp_path / "in" / "LICENSE")  # would wait for a writer
    os.mkfifo(tmp_path / "in" / "pipe.txt")
    monkeypatch.chdir(tmp_path / "in")  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.md")
        corpus = collected({"a.txt": b"inside"}, license="MIT")
    assert [corpus.reason(path) for path in ("LICENSE", "pipe.txt", "socket.md")] == ["not_a_file"] * 3
    assert list(corpus.texts.values()) == ["inside"]


def test_names_of_any_bytes_are_told_apart(collected, tmp_path: Path):
    (tmp_path / "in").mkdir()
    names = [b"na\xefve.txt", b"na\\xefve.txt", "naïve.txt".encode(), b"two\nlines.txt", b"-rf.txt", b" .txt"]
    for number, name in enumerate(names):
        Path(os.fsdecode(os.fsencode(tmp_path / "in") + b"/" + name)).write_text(f"Text {number}.")
    corpus = collected({}, license="MIT")
    spelled = [r"na\xefve.txt", r"na\\xefve.txt", "naïve.txt", "two\nlines.txt", "-rf.txt", " .txt"]
    assert {path: corpus.text(path) for path in spelled} == {path: f"Text {n}." for n, path in enumerate(spelled)}


def test_ten_thousand_files_in_one_folder_are_listed_in_order(tmp_path: Path):
    for number in range(10_000):
        (tmp_path / f"{number:05d}.txt").touch()
    assert [entry.path for entry in walk(tmp_path)] == [f"{number:05d}.txt" for number in range(10_000)]


def test_a_document_without_a_license_is_dropped(collected):
    files = {"a.txt": b"a"}
    with pytest.raises(Misuse, match="all 1 documents were dropped: 1 license_not_stated"):
        collected(files)


@pytest.mark.parametrize(
    ("license", "reason"),
    [
        ("CC-BY-NC-4.0", "license_not_allowed"),
        ("free for all", "license_not_spdx"),
        ("LicenseRef-mine", "license_unknown"),
    ],
)
def test_a_license_outside_the_policy_empties_the_corpus(collected, license: str, reason: str):
    with pytest.raises(Misuse, match=f"1 {reason}"):
        collected({"a.txt": b"a"}, license=license)


def test_an_empty_folder_is_an_error(collected, tmp_path: Path):
    (tmp_path / "in").mkdir()
    with pytest.raises(Misuse, match="no source holds a document"):
        collected({}, license="MIT")


def test_an_absent_folder_is_an_error_with_a_hint(collected):
    with pytest.raises(Misuse, match="does not exist") as caught:
        collected({}, license="MIT")
    assert "--source here=PATH" in (caught.value.hint or "")


def test_a_file_with_too_much_that_is_not_utf8_is_dropped(collected):
    files = {"good.txt": "naïve".encode(), "bad.txt": b"na\xefve", "mixed.txt": b"x" * 200 + b"\xff"}
    corpus = collected(files, license="MIT")
    assert corpus.reason("bad.txt") == "too_many_replacements"
    assert corpus.text("mixed.txt").endswith("x\ufffd")


def test_a_replacement_character_that_was_there_is_not_counted(collected):
    assert collected({"a.txt": "a\ufffdb".encode()}, license="MIT").reason("a.txt") == "kept"


def test_short_documents_are_dropped(collected):
    corpus = collected({"a.txt": b"short", "b.txt": b"long enough"}, license="MIT", rules={"min_bytes": 6})
    assert corpus.reason("a.txt") == "too_short"
    assert corpus.reason("b.txt") == "kept"


def test_a_page_larger_than_one_may_be_has_a_row(collected, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(page, "MAX_MARKUP_BYTES", 1000)
    corpus = collected(
        {"a.html": b"<p>" + b"a" * 997, "b.html": b"<p>" + b"b" * 998, "c.txt": b"c" * 2000}, license="MIT"
    )
    assert [corpus.reason(name) for name in ("a.html", "b.html", "c.txt")] == ["kept", "file_too_large", "kept"]
