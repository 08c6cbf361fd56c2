"""Runs `glasswright` as on a system that is not Linux: `python elsewhere.py SYSTEM ARGUMENT...`.

    macos      no native module, no training packages, no /proc, no processor affinity; a bound on memory is not held
    windows    nor descriptors of folders, reads at a place, locks and limits

What such a system lacks is taken away before anything of the project is imported.
"""

import builtins
import importlib.metadata
import io
import os
import sys

OF_LINUX = ["sched_getaffinity", "memfd_create", "pidfd_open", "posix_fadvise"]
OF_POSIX = [
    *("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_DIRECTORY", "O_NOFOLLOW", "preadv", "pread", "pwrite", "pwritev"),
    *("fork", "forkpty", "getuid", "geteuid", "getgid", "mkfifo", "fchmod", "chown", "getloadavg", "uname", "wait4"),
]
UNCOMPILED = ["glasswright.kernels._native"]
UNINSTALLED = ["torch", "numpy", "pyarrow", "safetensors", "tokenizers", "transformers", "lxml", "daft", "ray"]
MODULES_OF_POSIX = ["fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "syslog"]


def take_away_linux() -> None:
    """What macOS lacks too."""
    _take_away(OF_LINUX, UNCOMPILED + UNINSTALLED)
    import resource

    resource.setrlimit = lambda *_: None  # as macOS takes RLIMIT_AS: without a word, and without keeping to it
    plainly_opened, plainly_there, plainly_installed = io.open, os.stat, importlib.metadata.version

    def opened(path: object, *arguments: object, **options: object) -> object:
        _require_no_proc(path)
        return plainly_opened(path, *arguments, **options)  # type: ignore[call-overload]

    def stat(path: object, **options: object) -> os.stat_result:
        _require_no_proc(path)
        return plainly_there(path, **options)  # type: ignore[arg-type]

    def version(name: str) -> str:
        if name in UNINSTALLED:
            raise importlib.metadata.PackageNotFoundError(name)
        return plainly_installed(name)

    importlib.metadata.version = version
    io.open = builtins.open = opened  # type: ignore[assignment]
    os.stat = stat  # type: ignore[assignment]


def take_away_posix() -> None:
    """What Windows lacks besides."""
    _take_away(OF_POSIX, MODULES_OF_POSIX)
    for supported in (os.supports_dir_fd, os.supports_fd):
        supported.clear()
    plain = {name: getattr(os, name) for name in ("open", "stat", "scandir")}

    def of_a_path(name: str) -> object:
        def call(path: object = ".", *arguments: object, **options: object) -> object:
            assert not isinstance(path, int), f"os.{name} of a descriptor"
            assert "dir_fd" not in options, f"os.{name} within a descriptor"
            if name == "open" and os.path.isdir(path):  # type: ignore[arg-type]  # noqa: PTH112
                raise PermissionError(13, "Permission denied", path)
            return plain[name](path, *arguments, **options)

        return call

    for name in plain:
        setattr(os, name, of_a_path(name))


def _take_away(of_os: list[str], modules: list[str]) -> None:
    for name in of_os:
        if hasattr(os, name):
            delattr(os, name)
    sys.modules.update(dict.fromkeys(modules))  # type: ignore[arg-type]


def _require_no_proc(path: object) -> None:
    if str(path).startswith("/proc"):
        raise FileNotFoundError(2, "No such file or directory", path)


if __name__ == "__main__":
    system = sys.argv.pop(1)
    take_away_linux()
    if system == "windows":
        take_away_posix()
    from glasswright.cli import main

    main()
