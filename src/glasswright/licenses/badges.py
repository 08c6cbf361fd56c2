"""Images that say a license: `[![License](https://img.shields.io/badge/License-CC%20BY--NC%204.0-grey.svg)](LICENSE)`."""

import re
from collections.abc import Iterator

from glasswright.licenses.grants import spoken_grant

BADGE = re.compile(
    r"\[!\[[^\]\n]{0,200}\]\([^)\n]{0,300}\)\]\([^)\n]{0,300}\)|!\[[^\]\n]{0,200}\]\([^)\n]{0,300}\)|<img\b[^>]{0,600}>"
)
OF_LICENSE = re.compile(r"licen[sc]e|creativecommons|licensebuttons|CC[-_ %]", re.IGNORECASE)


def badges(text: str) -> Iterator[tuple[int, str]]:
    """The license of each badge, and where it stands."""
    for match in BADGE.finditer(text):
        if OF_LICENSE.search(match.group()) and (found := spoken_grant(_words(match.group()))):
            yield match.start(), found.license


def _words(badge: str) -> str:
    """The words of a badge's address: `License-CC%20BY--NC%204.0-blue.svg`."""
    return re.sub(r"%20|_", " ", badge.replace("--", "-"))
