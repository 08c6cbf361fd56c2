"""Which files are read as text, told by their names."""

from pathlib import PurePosixPath

from glasswright.records.sources import EPUB, TEXT_SUFFIXES

__all__ = ["EPUB", "UNKNOWN", "is_bare", "media_type"]

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
ARCHITECTURES = frozenset([".amd64", ".arm64", ".armhf", ".i386", ".all"])  # changelog.Debian.amd64


def media_type(path: str) -> str:
    """The media type of a file that is read, `UNKNOWN` for any other."""
    name = PurePosixPath(path)
    suffix = name.suffix.lower()
    return TEXT_SUFFIXES.get(suffix) or ("text/plain" if is_bare(path) else UNKNOWN)


def is_bare(path: str) -> bool:
    """Whether a file is documentation by its name alone: README, NEWS, changelog.Debian."""
    name = PurePosixPath(path)
    if name.suffix in ARCHITECTURES:
        name = name.with_suffix("")
    return name.suffix.lower() in BARE_SUFFIXES and name.stem.lower() in BARE_NAMES
