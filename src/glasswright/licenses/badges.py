"""Images that say a license: `[![License](https://img.shields.io/badge/License-CC%20BY--NC%204.0-grey.svg)](LICENSE)`."""

import re
from collections.abc import Iterator

from glasswright.licenses.grants import expression_of, spoken_grant

BADGE = re.compile(
    r"\[!\[[^\]\n]{0,200}\]\([^)\n]{0,300}\)\]\([^)\n]{0,300}\)|!\[[^\]\n]{0,200}\]\([^)\n]{0,300}\)|<img\b[^>]{0,600}>"
)
LABEL = re.compile(r"!\[([^\]\n]{0,200})\]|\balt=[\"']?([^\"'>]{0,200})", re.IGNORECASE)
MESSAGE = re.compile(r"/badge/(?:(?:[^-/]|--){0,100}-)?(?P<said>(?:[^-/]|--){1,100})-\w{1,30}(?:\.\w{3}|[?)\s\"'])")
OF_A_PART = re.compile(r"\b(?:model|weights?|data(?:set)?)[ _-]+(?:licen[sc]e|agreement|terms)", re.IGNORECASE)
OF_LICENSE = re.compile(r"licen[sc]e|creativecommons|licensebuttons|CC[-_ %]", re.IGNORECASE)


def badges(text: str) -> Iterator[tuple[int, str, str]]:
    """(place, license, label) of each badge: "Data License" is one."""
    for match in BADGE.finditer(text):
        if not OF_LICENSE.search(match.group()):
            continue
        found = LABEL.search(match.group())
        label = next(filter(None, found.groups()), "") if found else ""
        if license := _license(match.group()) or _own(label, match.group()):
            yield match.start(), license, label


def _license(badge: str) -> str | None:
    """What a badge says between label and colour, or else in any of its words."""
    message = MESSAGE.search(badge)
    if message and (said := expression_of(_words(message["said"]))):
        return said
    found = spoken_grant(_words(badge))
    return found.license if found else None


def _own(label: str, badge: str) -> str | None:
    """A license that has a name of its own, of a part of the work: "Model License: Fell Community"."""
    message = MESSAGE.search(badge)
    if not (OF_A_PART.search(label) and message):
        return None
    return "LicenseRef-" + re.sub(r"[^A-Za-z0-9.]+", "-", _words(message["said"])).strip("-")


def _words(badge: str) -> str:
    """The words of a badge's address: `License-CC%20BY--NC%204.0-blue.svg`."""
    return re.sub(r"%20|_", " ", badge.replace("--", "-"))
