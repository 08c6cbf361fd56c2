"""The packages that take the text out of files of some kinds: their versions decide bits, so they are recorded."""

from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from glasswright.records.sources import EPUB, PDF, WORD

PACKAGES = {
    PDF: "pypdf",
    WORD: "python-docx",
    "text/html": "lxml",
    "application/xhtml+xml": "lxml",
    EPUB: "lxml",
}
EXTRA = "documents"  # brings those that a build does not need


def versions(media_types: Iterable[str]) -> dict[str, str | None]:
    """The version of every package that files of these kinds are read with; None of one that is not installed."""
    needed = sorted({PACKAGES[media_type] for media_type in media_types if media_type in PACKAGES})
    return {package: _version(package) for package in needed}


def is_readable(media_type: str) -> bool:
    """Whether what files of this kind are read with is installed."""
    return media_type not in PACKAGES or _version(PACKAGES[media_type]) is not None


@cache
def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
