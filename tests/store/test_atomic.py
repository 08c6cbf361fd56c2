"""Whatever stops a write, the name holds the old bytes or the new ones, never a part."""

import errno
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glasswright.errors import GlasswrightError, Misuse
from glasswright.store import tensors
from glasswright.store.atomic import (
    WriteFailed,
    append,
    atomic_file,
    atomic_folder,
    explained,
    remove_partials,
    write_atomic,
)


def test_written_bytes_are_read_back(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a", b"one")
    write_atomic(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"two"
    assert _names(tmp_path) == ["a"]


def test_an_error_in_the_block_leaves_the_old_file(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a", b"old")
    with pytest.raises(RuntimeError):
        _write_and_fail(tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"old"
    assert _names(tmp_path) == ["a"]


def test_an_error_in_the_block_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        _fill_and_fail(tmp_path / "f")
    assert _names(tmp_path) == []


def test_a_folder_appears_whole(tmp_path: Path) -> None:
    with atomic_folder(tmp_path / "f") as folder:
        (folder / "sub").mkdir()
        (folder / "sub" / "x").write_bytes(b"x")
        assert not (tmp_path / "f").exists()
    assert (tmp_path / "f" / "sub" / "x").read_bytes() == b"x"


def test_a_folder_that_exists_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    with pytest.raises(Misuse, match="exists already"), atomic_folder(tmp_path / "f"):
        pass


def test_what_a_killed_writer_left_is_removed_by_the_next(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys, pathlib\n"
        "from glasswright.store.atomic import atomic_folder, atomic_file\n"
        "base = pathlib.Path(sys.argv[1])\n"
        "with atomic_folder(base / 'f') as folder, atomic_file(base / 'a') as file:\n"
        "    (folder / 'x').write_bytes(b'half'); file.write(b'half'); file.flush()\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(tmp_path)], env=_env(), check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not (tmp_path / "f").exists()
    assert not (tmp_path / "a").exists()

    write_atomic(tmp_path / "a", b"whole")
    with atomic_folder(tmp_path / "f"):
        pass
    assert _names(tmp_path) == ["a", "f"]
    assert _names(tmp_path / "f") == []


@pytest.mark.parametrize(
    "write",
    [
        lambda path: write_atomic(path, bytes(10_000)),
        lambda path: _fill(path, 10_000),
        lambda path: tensors.save(path, {"x": np.zeros(10_000, np.float32)}),
    ],
    ids=["file", "folder", "tensors"],
)
def test_a_full_disk_is_a_clear_error_and_leaves_nothing(tmp_path: Path, write: Callable[[Path], None]) -> None:
    """A file size limit makes the operating system refuse the bytes as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(WriteFailed, match="cannot write") as caught:
            write(tmp_path / "a")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert isinstance(caught.value, GlasswrightError)
    assert "free" in str(caught.value.hint)
    assert _names(tmp_path) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="did not run: this system has no /dev/full")
def test_a_device_without_space_says_so(tmp_path: Path) -> None:
    with pytest.raises(WriteFailed, match="No space left on device"), atomic_file(tmp_path / "a"):
        Path("/dev/full").write_bytes(b"x")
    assert _names(tmp_path) == []


FAILING = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ESTALE, errno.EROFS, errno.EMFILE, errno.ENFILE)


def _raise_in_file(path: Path, error: OSError) -> None:
    with atomic_file(path) as file:
        file.write(b"new")
        raise error


def _raise_in_folder(path: Path, error: OSError) -> None:
    with atomic_folder(path) as folder:
        (folder / "x").write_bytes(b"x")
        raise error


BLOCKS = (_raise_in_file, _raise_in_folder)


class Refusing:
    """Stands in for a function of `os`: refuses one call (-1: every call), lets the others through."""

    def __init__(self, function: Callable[..., Any], number: int, *, call: int = 1):
        self.function, self.number, self.call, self.count = function, number, call, 0

    def __call__(self, *arguments: Any, **more: Any) -> Any:
        self.count += 1
        if self.call in (-1, self.count):
            raise OSError(self.number, os.strerror(self.number))
        return self.function(*arguments, **more)


@pytest.mark.parametrize("number", FAILING, ids=errno.errorcode.get)
@pytest.mark.parametrize("name", ["fsync", "replace", "open", "close"])
def test_whatever_a_disk_refuses_of_a_file_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, number: int
) -> None:
    write_atomic(tmp_path / "a", b"old")
    monkeypatch.setattr(os, name, Refusing(getattr(os, name), number))
    with pytest.raises(WriteFailed, match=os.strerror(number)) as caught:
        write_atomic(tmp_path / "a", b"new")
    monkeypatch.undo()
    assert caught.value.hint
    assert _names(tmp_path) == ["a"]
    is_renamed = name in ("open", "close")  # those of the folder, which is brought to the disk after the rename
    assert (tmp_path / "a").read_bytes() == (b"new" if is_renamed else b"old")


@pytest.mark.parametrize("number", FAILING, ids=errno.errorcode.get)
@pytest.mark.parametrize(
    ("name", "call"),
    [("mkdir", 1), ("fsync", 1), ("fsync", 2), ("rename", 1), ("fsync", 3), ("close", 1), ("close", 3)],
)
def test_whatever_a_disk_refuses_of_a_folder_is_told_and_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, call: int, number: int
) -> None:
    """The third fsync and close are those of the folder around it, after the rename."""
    monkeypatch.setattr(os, name, Refusing(getattr(os, name), number, call=call))
    with pytest.raises(WriteFailed, match=os.strerror(number)):
        _fill(tmp_path / "f", 10)
    monkeypatch.undo()
    assert _names(tmp_path) == []
    _fill(tmp_path / "f", 10)


@pytest.mark.parametrize("number", FAILING, ids=errno.errorcode.get)
@pytest.mark.parametrize("write", BLOCKS, ids=["file", "folder"])
def test_what_a_disk_refuses_in_the_block_is_told(
    tmp_path: Path, write: Callable[[Path, OSError], None], number: int
) -> None:
    """A library that writes by itself raises what the operating system said."""
    with pytest.raises(WriteFailed, match=os.strerror(number)) as caught:
        write(tmp_path / "a", OSError(number, os.strerror(number), "/the/file"))
    assert "/the/file" in str(caught.value)
    assert _names(tmp_path) == []


@pytest.mark.parametrize("number", [errno.ENOENT, errno.EACCES, errno.EINVAL, errno.EBADF], ids=errno.errorcode.get)
def test_what_is_no_disk_s_fault_in_the_block_stays_what_it_is(tmp_path: Path, number: int) -> None:
    """A file that is missed there is missed by a defect, or by a reader that explains it better."""
    with pytest.raises(OSError, match=os.strerror(number)) as caught:
        _raise_in_folder(tmp_path / "a", OSError(number, os.strerror(number)))
    assert not isinstance(caught.value, WriteFailed)
    assert _names(tmp_path) == []


@pytest.mark.parametrize("write", BLOCKS, ids=["file", "folder"])
def test_where_nothing_can_be_taken_away_what_was_refused_first_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[Path, OSError], None]
) -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    removals = {name: Refusing(getattr(os, name), errno.EROFS, call=-1) for name in ("unlink", "rmdir")}
    for name, refusing in removals.items():
        monkeypatch.setattr(os, name, refusing)
    with pytest.raises(WriteFailed, match="No space left"):
        write(tmp_path / "a", full)
    assert not (tmp_path / "a").exists()


def test_a_partial_that_cannot_be_removed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".f.partial").mkdir()
    monkeypatch.setattr(os, "rmdir", Refusing(os.rmdir, errno.EACCES))
    with pytest.raises(WriteFailed, match="Permission denied"):
        _fill(tmp_path / "f", 10)


@pytest.mark.parametrize("number", FAILING, ids=errno.errorcode.get)
def test_each_refusal_has_advice_of_its_own(number: int) -> None:
    with pytest.raises(WriteFailed) as caught, explained(Path("/no/where/a")):
        raise OSError(number, os.strerror(number))
    words = {errno.EIO: "fails", errno.ESTALE: "fails", errno.EROFS: "read-only", errno.EMFILE: "ulimit -n"}
    words[errno.ENFILE] = "ulimit -n"
    assert words.get(number, "free some space") in str(caught.value.hint)
    assert "run the same command again; what was finished is kept" in str(caught.value.hint)


def test_what_killed_writers_left_below_a_folder_is_removed(tmp_path: Path) -> None:
    (tmp_path / "sub" / ".f.partial" / "deep").mkdir(parents=True)
    (tmp_path / "sub" / ".a.partial").write_bytes(b"half")
    (tmp_path / "a.partial").write_bytes(b"a name that no writer gives")
    remove_partials(tmp_path)
    assert _names(tmp_path) == ["a.partial", "sub"]
    assert _names(tmp_path / "sub") == []


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(WriteFailed, match="missing") as caught:
        write_atomic(tmp_path / "missing" / "a", b"x")
    assert "exists" in str(caught.value.hint)


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _write_and_fail(path: Path) -> None:
    with atomic_file(path) as file:
        file.write(b"new")
        raise RuntimeError


def _fill_and_fail(path: Path) -> None:
    with atomic_folder(path) as folder:
        (folder / "x").write_bytes(b"x")
        raise RuntimeError


def _fill(path: Path, num_bytes: int) -> None:
    with atomic_folder(path) as folder:
        (folder / "x").write_bytes(bytes(num_bytes))


def _env() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def test_what_is_appended_comes_after_what_was_there(tmp_path: Path) -> None:
    append(tmp_path / "a", b"one")
    append(tmp_path / "a", b"two", sync=True)
    assert (tmp_path / "a").read_bytes() == b"onetwo"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="did not run: this system has no /dev/full")
@pytest.mark.parametrize("sync", [False, True])
def test_a_device_that_takes_no_more_says_so_when_appended_to(sync: bool) -> None:
    with pytest.raises(WriteFailed, match="/dev/full: cannot write: No space left on device"):
        append(Path("/dev/full"), b"x", sync=sync)
