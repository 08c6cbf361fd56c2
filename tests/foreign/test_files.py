"""A file that a stranger gave is read as it is, or not at all: nothing in its place is waited for or leads away."""

import contextlib
import errno
import gc
import os
import socket
import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from glasswright.foreign import Changed, Missing, NotPlain, NotRead, TooLarge, Unreadable, held, opened, read, read_at
from glasswright.foreign import files as module
from glasswright.foreign.held import ByPath

MEMORY = Path("/proc/self/mem")

pytestmark = [pytest.mark.timeout(30), pytest.mark.usefixtures("way")]  # what it guards against is a wait without end


def pipe(path: Path) -> None:
    os.mkfifo(path)


def listening(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(path))  # its name has to be short


def folder(path: Path) -> None:
    path.mkdir()


def circle(path: Path) -> None:
    path.symlink_to(path.name)


def link(path: Path) -> None:
    (path.parent / "target").write_bytes(b"target")
    path.symlink_to("target")


@pytest.mark.parametrize("below", [True, False])
@pytest.mark.parametrize(
    ("make", "says"),
    [(pipe, "a pipe"), (listening, "a socket"), (folder, "a folder"), (circle, "a symbolic link")],
)
def test_what_is_no_plain_file_is_refused_by_what_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None], says: str, below: bool
):
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "x")
    with pytest.raises(NotPlain, match=says):
        read(*(["x"] if below else [tmp_path / "x"]), max_bytes=10, below=tmp_path if below else None)


def test_a_device_is_not_opened(monkeypatch: pytest.MonkeyPatch):
    def never(*_: object, **__: object) -> int:
        raise AssertionError("to open a device can do something")

    monkeypatch.setattr(module.os, "open", never)
    with pytest.raises(NotPlain, match="a device"):
        read(Path("/dev/zero"), max_bytes=10)


def test_a_link_is_followed_where_the_user_named_it_and_nowhere_below(tmp_path: Path):
    link(tmp_path / "x")
    assert read(tmp_path / "x", max_bytes=10) == b"target"
    with pytest.raises(NotPlain, match="a symbolic link"):
        read("x", max_bytes=10, below=tmp_path)


def test_a_linked_folder_on_the_way_is_not_followed(tmp_path: Path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner/x").write_bytes(b"x")
    (tmp_path / "away").symlink_to("inner", target_is_directory=True)
    assert read("inner/x", max_bytes=10, below=tmp_path) == b"x"
    with pytest.raises(NotPlain, match="behind a symbolic link"):
        read("away/x", max_bytes=10, below=tmp_path)


def test_a_folder_that_becomes_a_link_when_a_file_in_it_is_opened_leads_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in ("inner", "away"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").write_text(name)
    plainly = os.open

    def swapping(path: str, *arguments: object, **options: object) -> int:
        if str(path).endswith("x"):
            (tmp_path / "inner").rename(tmp_path / "was")
            (tmp_path / "inner").symlink_to("away", target_is_directory=True)
        return plainly(path, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(held.os, "open", swapping)
    with contextlib.suppress(NotPlain):
        assert read("inner/x", max_bytes=10, below=tmp_path) == b"inner"


def test_a_junction_of_windows_is_a_link(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "inner").mkdir()
    plainly = os.lstat

    class Junction:
        st_reparse_tag = 0xA0000003  # IO_REPARSE_TAG_MOUNT_POINT

        def __getitem__(self, places: slice) -> object:
            return tuple(plainly(tmp_path / "inner"))[places]

    monkeypatch.setattr(held.os, "lstat", lambda _: Junction())
    assert stat.S_ISLNK(ByPath(str(tmp_path), None).look("inner").st_mode)


@pytest.mark.parametrize("name", ["..\\x", "C:x", "x:stream", "a/x"])
def test_a_name_that_windows_reads_as_a_way_elsewhere_is_missing(tmp_path: Path, name: str):
    (tmp_path / "a").mkdir()
    for path in ("..\\x", "C:x", "x:stream", "a/x"):
        (tmp_path / path).write_bytes(b"")
    with pytest.raises(FileNotFoundError):
        ByPath(str(tmp_path), None).open(name)


@pytest.mark.parametrize(("make", "says"), [(pipe, "a pipe"), (link, "a symbolic link")])
def test_what_takes_the_place_of_a_file_between_two_looks_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None], says: str
):
    (tmp_path / "x").write_bytes(b"1")
    looks = {name: getattr(os, name) for name in ("stat", "lstat")}

    def swapping(look: Callable[..., os.stat_result], path: object, **options: object) -> os.stat_result:
        found = look(path, **options)
        if str(path).endswith("x"):
            monkeypatch.undo()
            (tmp_path / "x").unlink()
            make(tmp_path / "x")
        return found

    for name, look in looks.items():
        monkeypatch.setattr(module.os, name, partial(swapping, look))
    with pytest.raises(NotPlain, match=says):
        read("x", max_bytes=10, below=tmp_path)


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x", "", "a//x", "./x"])
def test_a_path_that_leads_out_is_refused(tmp_path: Path, path: str):
    (tmp_path / "x").write_bytes(b"x")
    (tmp_path / "a").mkdir()
    with pytest.raises(NotPlain, match="not a path below"):
        read(path, max_bytes=10, below=tmp_path / "a")


@pytest.mark.parametrize("path", ["none", "file/x", "a\0b", "\ud800", "none/x"])
def test_a_name_that_nothing_has_is_missing(tmp_path: Path, path: str):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Missing):
        read(path, max_bytes=10, below=tmp_path)
    with pytest.raises(Missing):
        read(tmp_path / path, max_bytes=10)


def test_a_name_that_is_not_utf_8_is_a_name(tmp_path: Path):
    name = os.fsdecode(b"\xff\x1b[31m\n")
    (tmp_path / name).write_bytes(b"x")
    assert read(name, max_bytes=10, below=tmp_path) == b"x"


def test_a_file_over_the_bound_is_refused_before_it_is_read(tmp_path: Path):
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(2**43)
    with pytest.raises(TooLarge, match="8,796,093,022,208 bytes, where at most 10 are read"):
        read("sparse", max_bytes=10, below=tmp_path)


def test_a_file_at_the_bound_is_read(tmp_path: Path):
    (tmp_path / "x").write_bytes(b"0123456789")
    assert read("x", max_bytes=10, below=tmp_path) == b"0123456789"


@pytest.mark.parametrize("written", [b"12", b"2", b""])
def test_a_file_that_is_written_while_it_is_read_is_said(tmp_path: Path, written: bytes):
    path = tmp_path / "x"
    path.write_bytes(b"1")
    os.utime(path, ns=(0, 0))

    def read_and_write() -> None:
        with opened(path) as file:
            file.read()
            path.write_bytes(written)

    with pytest.raises(Changed, match=f"changed while it was read: 1 bytes, then {len(written)}"):
        read_and_write()


def test_a_file_may_be_opened_for_no_more_than_to_see_what_it_is(tmp_path: Path):
    (tmp_path / "x").write_bytes(b"1")
    with opened("x", below=tmp_path):
        pass


def test_a_file_whose_size_is_a_lie_is_said():
    with pytest.raises(Changed, match="then more"):
        read(Path("/proc/self/status"), max_bytes=10)


def test_a_failing_read_names_the_file():
    with pytest.raises(Unreadable, match="/proc/self/mem: cannot be read: Input/output error"), opened(MEMORY) as file:
        file.read(1)  # of address 0, where nothing is


def test_a_failing_read_at_a_place_names_the_file():
    with pytest.raises(Unreadable, match="/proc/self/mem: cannot be read: Input/output error"), opened(MEMORY) as file:
        read_at(file, memoryview(bytearray(1)), 0)


@pytest.mark.parametrize("lacks", [(), ("preadv",)])
def test_a_place_of_a_file_is_read_with_and_without_a_call_for_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lacks: tuple[str, ...]
):
    for name in lacks:
        monkeypatch.delattr(module.os, name)
    (tmp_path / "x").write_bytes(b"0123456789")
    buffer = memoryview(bytearray(4))
    with opened(tmp_path / "x") as file:
        assert [read_at(file, buffer, offset) for offset in (3, 8, 10)] == [4, 2, 0]
        assert bytes(buffer) == b"8956"


def test_a_file_that_may_not_be_read_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "x").write_bytes(b"1")

    def refused(*_: object, **__: object) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(module.os, "open", refused)
    with pytest.raises(Unreadable, match="cannot be read: Permission denied"):
        read(tmp_path / "x", max_bytes=10)


def test_no_descriptor_is_left_open(tmp_path: Path):
    gc.collect()  # closes what earlier tests left to it, which would count as closed by this one
    before = len(list(Path("/proc/self/fd").iterdir()))
    (tmp_path / "a").mkdir()
    (tmp_path / "a/x").write_bytes(b"1")
    os.mkfifo(tmp_path / "a/pipe")
    for _ in range(20):
        read("a/x", max_bytes=10, below=tmp_path)
        for path in ("a/pipe", "a/none", "a", "a/x/y"):
            with pytest.raises(NotRead):
                read(path, max_bytes=10, below=tmp_path)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
