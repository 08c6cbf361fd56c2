"""A folder that a stranger gave is walked to its end, whatever lies in it, and what was not looked at is said."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from glasswright.foreign import Entry, Missing, NotPlain, TooLarge, held, walk

pytestmark = [pytest.mark.timeout(30), pytest.mark.usefixtures("way")]


def seen(root: Path, **options: object) -> dict[str, str]:
    """Path -> what it is, in the order of the walk."""
    return {entry.path: entry.why or entry.kind for entry in walk(root, **options)}  # type: ignore[arg-type]


def test_every_entry_is_said_in_the_order_of_names(tmp_path: Path):
    (tmp_path / "b/empty").mkdir(parents=True)
    (tmp_path / "b/x").write_bytes(b"12")
    (tmp_path / "a").write_bytes(b"")
    os.mkfifo(tmp_path / "c")
    (tmp_path / "d").symlink_to("b", target_is_directory=True)
    assert list(walk(tmp_path)) == [
        Entry("a", "file", 0),
        Entry("b", "folder"),
        Entry("b/empty", "folder"),
        Entry("b/x", "file", 2),
        Entry("c", "other", why="a pipe"),
        Entry("d", "other", why="a symbolic link"),
    ]


def test_a_circle_of_links_ends(tmp_path: Path):
    (tmp_path / "up").symlink_to("..", target_is_directory=True)
    (tmp_path / "self").symlink_to("self")
    assert seen(tmp_path) == {"self": "a symbolic link", "up": "a symbolic link"}


def test_a_name_of_any_bytes_is_an_entry(tmp_path: Path):
    for name in (b"\xff", b"\x1b[31m", b"a\nb"):
        (tmp_path / os.fsdecode(name)).write_bytes(b"")
    assert set(seen(tmp_path)) == {"\udcff", "\x1b[31m", "a\nb"}


def test_the_number_of_entries_is_bounded_and_what_came_before_is_kept(tmp_path: Path):
    (tmp_path / "a").mkdir()
    for number in range(5):
        (tmp_path / f"a/{number}").write_bytes(b"")
    found = []
    with pytest.raises(TooLarge, match="more than 5 files and folders"):
        found.extend(walk(tmp_path, max_entries=5))
    assert len(list(walk(tmp_path, max_entries=6))) == 6


def test_the_depth_is_bounded_and_said(tmp_path: Path):
    (tmp_path / "a/b/c").mkdir(parents=True)
    assert seen(tmp_path, max_depth=1) == {"a": "folder", "a/b": "more than 1 folders deep"}


def test_a_folder_that_is_skipped_is_said_and_not_entered(tmp_path: Path):
    (tmp_path / ".git/objects").mkdir(parents=True)
    assert seen(tmp_path, skip=frozenset({".git"})) == {".git": "folder"}


def test_a_file_that_goes_while_the_folder_is_listed_is_said(tmp_path: Path):
    for name in "abc":
        (tmp_path / name).write_bytes(b"")
    walked = walk(tmp_path)
    assert next(walked).path == "a"
    (tmp_path / "b").unlink()
    rest = {entry.path: entry.why for entry in walked}
    assert rest["b"] == "gone meanwhile: no such file or folder"
    assert rest["."] == "a folder that changed while it was listed"


def test_a_folder_that_becomes_a_link_while_it_is_listed_leads_nowhere(tmp_path: Path):
    (tmp_path / "root/a").mkdir(parents=True)
    (tmp_path / "away").mkdir()
    (tmp_path / "away/secret").write_bytes(b"")
    walked = walk(tmp_path / "root")
    assert next(walked).path == "a"
    (tmp_path / "root/a").rmdir()
    (tmp_path / "root/a").symlink_to(tmp_path / "away", target_is_directory=True)
    rest = {entry.path: entry.why for entry in walked}
    assert rest["a"] == "behind a symbolic link, which is not followed"
    assert not any("secret" in path for path in rest)


def test_a_folder_that_cannot_be_listed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").write_bytes(b"")
    listed = os.scandir

    def refused(folder: int | str) -> Iterator[os.DirEntry[str]]:
        path = Path(f"/proc/self/fd/{folder}" if isinstance(folder, int) else folder)
        if path.resolve().name == "a":
            raise PermissionError(13, "Permission denied")
        return listed(folder)  # type: ignore[return-value]

    monkeypatch.setattr(held.os, "scandir", refused)
    assert seen(tmp_path) == {"a": "cannot be read: Permission denied", "b": "file"}


def test_no_folder_is_misuse(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"")
    for path, kind in (("none", Missing), ("file", Missing)):
        with pytest.raises(kind):
            list(walk(tmp_path / path))
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(NotPlain):
        list(walk(tmp_path / "loop"))
