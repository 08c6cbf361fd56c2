"""Whatever stops a write, the name holds the old bytes or the new ones, never a part."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from glasswright.errors import GlasswrightError, Misuse
from glasswright.store import tensors
from glasswright.store.atomic import WriteFailed, append, atomic_file, atomic_folder, write_atomic


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


def test_what_is_appended_comes_after_what_was_there(tmp_path: Path) -> None:
    append(tmp_path / "a", b"one")
    append(tmp_path / "a", b"two", sync=True)
    assert (tmp_path / "a").read_bytes() == b"onetwo"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="did not run: this system has no /dev/full")
@pytest.mark.parametrize("sync", [False, True])
def test_a_device_that_takes_no_more_says_so_when_appended_to(sync: bool) -> None:
    with pytest.raises(WriteFailed, match="/dev/full: cannot write: No space left on device"):
        append(Path("/dev/full"), b"x", sync=sync)


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
