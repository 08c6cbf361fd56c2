"""The licenses that a text names, in the order in which it names them.

"the MIT License", "CC BY-SA 4.0", "https://creativecommons.org/licenses/by/4.0/", "placed in the public domain". A name
without a version is kept as such: LicenseRef-CC-BY is Creative Commons Attribution of no stated version.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

CC_URL = re.compile(
    r"creativecommons\.org/(?:licen[sc]es/(?P<terms>by(?:-nc)?(?:-nd|-sa)?)(?:/(?P<version>\d\.\d))?"
    r"|(?P<zero>publicdomain/zero)|(?P<mark>publicdomain/mark|licen[sc]es/publicdomain))",
    re.IGNORECASE,
)
CC_TERM = r"(?:attribution|by|non[- ]?commercial|nc|no[- ]?deriv(?:ative)?(?:s|[- ]works)?|nd|share[- ]?alike|sa)"
CC_NAME = re.compile(
    rf"\b(?:creative[ \t\n]+commons|cc)[- \t\n,:(]*(?:the[ \n])?(?P<terms>{CC_TERM}(?:[- \t\n/,]+{CC_TERM})*)\b"
    r"[- \t\n)]*(?:licen[sc]e[ \t\n,(]*)?(?:(?:v|version)[ \t\n.]*)?(?P<version>[1-4]\.0|2\.5)?",
    re.IGNORECASE,
)
CC_CODE_TITLE = re.compile(  # the first line of a Creative Commons legal code
    r"^\W*(?:creative commons )?(?P<terms>attribution(?:[- ](?:non-?commercial|no-?deriv(?:ative)?s|share-?alike))*)"
    r"(?: (?:international|unported|generic))?(?: public license)? (?P<version>\d\.\d)"
    r"(?: international| unported| generic)?(?: public license)?\W*$",
    re.IGNORECASE | re.MULTILINE,
)
TERMS = (("BY", r"attribution|\bby\b"), ("NC", r"non[- ]?commercial|\bnc\b"))
END_TERMS = (("ND", r"no[- ]?deriv|\bnd\b"), ("SA", r"share[- ]?alike|\bsa\b"))

NAMES: tuple[tuple[str, str], ...] = (
    (r"creative commons (?:zero|0)|\bcc[- ]?0\b(?:[- ]1\.0)?|\bcc zero\b", "CC0-1.0"),
    (
        r"\bapache[- ](?:software[ \n])?licen[sc]e,?[ \n]+(?:version[ \n]+|v)?2(?:\.0)?|\bapache[- ]2(?:\.0)?\b",
        "Apache-2.0",
    ),
    (r"\bMIT[- ](?:licen[sc]ed?|terms|style)|\bMIT/Expat\b|\bexpat licen[sc]e|opensource\.org/licenses?/MIT\b", "MIT"),
    (r"\bBSD[- ]3[- ]clause|\b(?:3|three)[- ]clause[ \n]BSD|\b(?:new|modified|revised) BSD", "BSD-3-Clause"),
    (r"\bBSD[- ]2[- ]clause|\b(?:2|two)[- ]clause[ \n]BSD|\bsimplified BSD", "BSD-2-Clause"),
    (r"\bFSF All[- ]Permissive", "FSFAP"),
    (r"\bopen publication licen[sc]e", "OPUBL-1.0"),
    (r"\bGNU free documentation licen[sc]e|\bGFDL\b", "GFDL-1.3-or-later"),
    (r"\b(?:GNU[ \n])?affero general public licen[sc]e|\bAGPL", "AGPL-3.0-only"),
    (r"\b(?:GNU[ \n])?(?:lesser|library) general public licen[sc]e|\bLGPL", "LGPL-3.0-only"),
    (r"\bGNU[ \n]general[ \n]public[ \n]licen[sc]e[ ,\n]*(?:version |v)?2|\bGPL ?v?-?2", "GPL-2.0-only"),
    (r"\bGNU[ \n]general[ \n]public[ \n]licen[sc]e[ ,\n]*(?:version |v)?3|\bGPL ?v?-?3", "GPL-3.0-only"),
    (r"\bmozilla public licen[sc]e|\bMPL[- ]?v?2", "MPL-2.0"),
    (r"\bISC licen[sc]e", "ISC"),
    (r"\bthe unlicense\b|\bunlicense\.org", "Unlicense"),
    (r"\bopen government licen[sc]e", "OGL-UK-3.0"),
    (r"\bopen data commons attribution|\bODC[- ]By\b", "ODC-By-1.0"),
    (r"\bopen database licen[sc]e|\bODbL\b", "ODbL-1.0"),
    (r"\bpython software foundation licen[sc]e|\bPSF licen[sc]e", "PSF-2.0"),
    (r"\bproject gutenberg(?:-tm)? licen[sc]e", "LicenseRef-PD-US"),
    (
        r"(?:united[ \n]states|U\.?S\.?)[ \n]public[ \n]domain"
        r"|public[ \n]domain[ \n](?:within|in)[ \n]the[ \n](?:united|US)",
        "LicenseRef-PD-US",
    ),
    (r"\bpublic[ \n]+domain\b(?![ \n]+dedication)", "LicenseRef-PD"),
    (r"\ball rights reserved\b", "LicenseRef-all-rights-reserved"),
)
PATTERNS = tuple((re.compile(pattern, re.IGNORECASE), license) for pattern, license in NAMES)
OR_LATER = re.compile(
    r"\W{0,3}(?:of the licen[sc]e)?\W{0,3}\(?or[ \n(]+(?:\(?at your option\)?[ \n]+)?(?:any[ \n]+)?later", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """A license named in a text, and where."""

    start: int
    end: int
    license: str


def mentions(text: str) -> list[Mention]:
    """Every license named in a text, by place; where names overlap, the longest."""
    found = sorted(_all(text), key=lambda mention: (mention.start, -mention.end))
    result: list[Mention] = []
    for mention in found:
        if not result or mention.start >= result[-1].end:
            result.append(mention)
    return result


def legal_code_title(text: str) -> str | None:
    """The Creative Commons license whose legal code a text is: its title says which, its body barely differs."""
    found = CC_CODE_TITLE.search(text[:400])
    return creative_commons(found["terms"], found["version"]) if found else None


def creative_commons(terms: str, version: str | None) -> str:
    """The name of a Creative Commons license from its terms in any spelling."""
    parts = [part for part, pattern in TERMS + END_TERMS if re.search(pattern, terms, re.IGNORECASE)]
    name = "-".join(parts)
    return f"CC-{name}-{version}" if version else f"LicenseRef-CC-{name}"


def _all(text: str) -> Iterator[Mention]:
    for found in CC_URL.finditer(text):
        if found["terms"]:
            yield Mention(found.start(), found.end(), creative_commons(found["terms"], found["version"]))
        else:
            yield Mention(found.start(), found.end(), "CC0-1.0" if found["zero"] else "LicenseRef-PD")
    for found in CC_NAME.finditer(text):
        yield Mention(found.start(), found.end(), creative_commons(found["terms"], found["version"]))
    for pattern, license in PATTERNS:
        for found in pattern.finditer(text):
            later = license.endswith("-only") and OR_LATER.match(text, found.end())
            name = license.replace("-only", "-or-later") if later else license
            yield Mention(found.start(), found.end(), name)
