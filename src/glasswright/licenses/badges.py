"""Images that say a license: `[![License](https://img.shields.io/badge/License-CC%20BY--NC%204.0-grey.svg)](LICENSE)`."""

import re
from collections.abc import Iterator

from glasswright.licenses.grants import expression_of, spoken_grant

BADGE = re.compile(
    r"\[!\[[^\]\n]{0,200}\]\([^)\n]{0,300}\)\]\([^)\n]{0,300}\)|!\[[^\]\n]{0,200}\]\([^)\n]{0,300}\)|<img\b[^>]{0,600}>"
)
LABEL = re.compile(r"!\[([^\]\n]{0,200})\]|\balt=[\"']?([^\"'>]{0,200})", re.IGNORECASE)
MESSAGE = re.compile(r"/badge/(?:(?:[^-/]|--){0,100}-)?(?P<said>(?:[^-/]|--){1,100})-\w{1,30}(?:\.\w{3}|[?)\s\"'])")
OF_LICENSE = re.compile(r"licen[sc]e|creativecommons|licensebuttons|CC[-_ %]", re.IGNORECASE)


def badges(text: str) -> Iterator[tuple[int, str, str]]:
    """(place, license, label) of each badge: "Data License" is one."""
    for match in BADGE.finditer(text):
        if OF_LICENSE.search(match.group()) and (license := _license(match.group())):
            label = LABEL.search(match.group())
            yield match.start(), license, next(filter(None, label.groups()), "") if label else ""


def _license(badge: str) -> str | None:
    """What a badge says between label and colour, or else in any of its words."""
    message = MESSAGE.search(badge)
    if message and (said := expression_of(_words(message["said"]))):
        return said
    found = spoken_grant(_words(badge))
    return found.license if found else None


def _words(badge: str) -> str:
    """The words of a badge's address: `License-CC%20BY--NC%204.0-blue.svg`."""
    return re.sub(r"%20|_", " ", badge.replace("--", "-"))
