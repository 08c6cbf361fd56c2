"""Which files are read as text, told by their names."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from glasswright.records.sources import DOCUMENT_SUFFIXES, EPUB, TEXT_SUFFIXES

__all__ = ["EPUB", "UNKNOWN", "document_type", "is_bare", "is_hidden", "media_type"]

UNKNOWN = "application/octet-stream"

# Names under which programs have carried their documentation since before file names had suffixes.
BARE_NAMES = frozenset(
    """
    about announce announcement authors bugs changelog changes contributing contributors credits design faq features
    hacking history install introduction maintainers manual migration news notes porting problems readme release-notes
    releasenotes roadmap security thanks todo tutorial upgrade upgrading usage whatsnew
    """.split()
)
BARE_SUFFIXES = frozenset(["", ".debian", ".source", ".upstream", ".first", ".unix", ".linux", ".windows", ".git"])
# What programs put beside people's documents: packages that were installed, what was compiled.
OF_PROGRAMS = frozenset(["__pycache__", "node_modules", "site-packages", "venv", "__MACOSX"])
HIDDEN = (".", "~$")  # settings, keys and caches; the lock of an open office file
ARCHITECTURES = frozenset([".amd64", ".arm64", ".armhf", ".i386", ".all"])  # changelog.Debian.amd64


def media_type(path: str) -> str:
    """The media type of a file that a folder of texts is read for, `UNKNOWN` for any other."""
    return _by_name(path, TEXT_SUFFIXES)


def document_type(path: str) -> str:
    """The same for a folder of documents of all kinds."""
    return _by_name(path, DOCUMENT_SUFFIXES)


def _by_name(path: str, suffixes: Mapping[str, str]) -> str:
    suffix = PurePosixPath(path).suffix.lower()
    return suffixes.get(suffix) or ("text/plain" if is_bare(path) else UNKNOWN)


def is_hidden(name: str) -> bool:
    """Whether a file or folder in a folder of documents is, by its name, none of them: .env, .venv, node_modules."""
    return name.startswith(HIDDEN) or name in OF_PROGRAMS


def is_bare(path: str) -> bool:
    """Whether a file is documentation by its name alone: README, NEWS, changelog.Debian."""
    name = PurePosixPath(path)
    if name.suffix in ARCHITECTURES:
        name = name.with_suffix("")
    return name.suffix.lower() in BARE_SUFFIXES and name.stem.lower() in BARE_NAMES
