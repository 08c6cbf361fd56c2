"""One name for a license, however it was written: an SPDX expression, or None where there is none.

"Apache 2.0", "the Apache License, Version 2.0", "apache-2.0"    -> Apache-2.0
"MIT OR Apache-2.0"                                              -> MIT OR Apache-2.0
"odc-by", "Open Data Commons Attribution License"                -> ODC-By-1.0
"unlicensed", "other", "my own license"                          -> None
"""

import re
from functools import lru_cache

import license_expression

from glasswright.licenses import policy

NO_LICENSE = frozenset({"", "unlicensed", "other", "unknown", "none", "null", "proprietary", "n/a", "noassertion"})

# Names that people write, in the order in which they are tried; each matches the whole of a tidied name.
SPOKEN_NAMES: tuple[tuple[str, str], ...] = (
    (r"apache( software)?( license)?( v(ersion)?)?( ?2(\.0)?)?( license)?", "Apache-2.0"),
    (r"mit( license)?|expat( license)?", "MIT"),
    (
        r"bsd( license)? (3|three)( clause)?( license)?|(3|three) clause bsd( license)?|new bsd( license)?",
        "BSD-3-Clause",
    ),
    (
        r"bsd( license)? (2|two)( clause)?( license)?|(2|two) clause bsd( license)?|simplified bsd( license)?",
        "BSD-2-Clause",
    ),
    (r"(gnu )?(gpl|general public license)( v(ersion)?)? ?3(\.0)?", "GPL-3.0-only"),
    (r"(gnu )?(gpl|general public license)( v(ersion)?)? ?2(\.0)?", "GPL-2.0-only"),
    (r"(gnu )?(lgpl|lesser general public license)( v(ersion)?)? ?3(\.0)?", "LGPL-3.0-only"),
    (r"(gnu )?(lgpl|lesser general public license)( v(ersion)?)? ?2\.1", "LGPL-2.1-only"),
    (r"(gnu )?(agpl|affero general public license)( v(ersion)?)? ?3(\.0)?", "AGPL-3.0-only"),
    (r"(mpl|mozilla public license)( v(ersion)?)? ?2(\.0)?", "MPL-2.0"),
    (r"cc ?0( 1\.0)?( universal)?|creative commons zero.*", "CC0-1.0"),
    (r"(odc|open data commons) ?(by|attribution)( license)?( v?1\.0)?( license)?", "ODC-By-1.0"),
    (r"odbl( v?1\.0)?|open database license( v?1\.0)?", "ODbL-1.0"),
    (r"pddl( 1\.0)?|open data commons public domain.*", "PDDL-1.0"),
    (r"openmdw( license)?( v(ersion)?)?( 1\.0)?", "OpenMDW-1.0"),
    (r"openmdw( license)?( v(ersion)?)? 1\.1", "OpenMDW-1.1"),
    (r"boost( software)? license( 1\.0)?", "BSL-1.0"),
    (r"isc( license)?", "ISC"),
    (r"(the )?unlicense", "Unlicense"),
    (r"(python software foundation|psf)( license)?( 2(\.0)?)?", "PSF-2.0"),
)

MAX_EXPRESSION = 2000  # characters; what is longer is a text
LICENSE_REF = re.compile(r"LicenseRef-[A-Za-z0-9.-]+")

CREATIVE_COMMONS = re.compile(
    r"(?:creative commons|cc) ?"
    r"(?P<terms>(?:(?:attribution|by|non ?commercial|nc|no ?deriv(?:ative)?s?(?: works)?|nd|share ?alike|sa)[ ]?)+)"
    r"(?:license )?(?:v(?:ersion)? ?)?(?P<version>[1-4]\.\d)?(?: international| unported| license| intl)*"
)
CC_TERMS = (
    (r"attribution|\bby\b", "BY"),
    (r"non ?commercial|\bnc\b", "NC"),
    (r"no ?deriv|\bnd\b", "ND"),
    (r"share ?alike|\bsa\b", "SA"),
)


@lru_cache(maxsize=4096)
def normalize_expression(name: str | None) -> str | None:
    """The SPDX expression for a license name or expression; None where it names no license SPDX knows."""
    if name is None or name.strip().lower() in NO_LICENSE:
        return None
    return _as_expression(name.strip()) or _as_spoken(name)


def spdx_expression(text: str) -> str | None:
    """An SPDX expression in SPDX's own spelling, in which LicenseRef- names stand for themselves; None for any other
    text, however clear to a person: "CC BY 4.0" is none."""
    return _as_expression(text.strip(), with_refs=True)


def given_to_weights(name: str, *, is_derived: bool) -> str | None:
    """The expression for a license that weights are given: what SPDX knows, and where they are a parent's with more
    learned, the parent's own by its LicenseRef- too, for that may have to be passed on."""
    return normalize_expression(name) or (spdx_expression(name) if is_derived else None)


def what_was_meant(name: str) -> str:
    """What to say to somebody whose name for a license is no SPDX expression."""
    known = normalize_expression(name)
    return f"did you mean {known}?" if known else "SPDX knows no such license: https://spdx.org/licenses"


def hub_tag_expression(tag: str) -> str | None:
    """The SPDX expression for a license tag of the Hugging Face hub: tags are SPDX ids in lower case, with few exceptions."""
    exceptions = {
        "gpl": None,
        "lgpl": None,
        "cc": None,
        "bsd": None,
        "gpl-2.0": "GPL-2.0-only",
        "gpl-3.0": "GPL-3.0-only",
    }
    lower = tag.strip().lower()
    if lower in exceptions:
        return exceptions[lower]
    return normalize_expression(tag)


@lru_cache(maxsize=1)
def spdx_ids() -> dict[str, str]:
    """Every SPDX identifier, by its lower-case form; names that SPDX has retired lead to their successors."""
    known: dict[str, str] = {}
    for entry in license_expression.get_license_index():
        spdx = entry.get("spdx_license_key")
        if not spdx or spdx.startswith("LicenseRef-"):
            continue
        for other in entry.get("other_spdx_license_keys", ()):
            if not other.startswith("LicenseRef-"):
                known.setdefault(other.lower(), spdx)
        known[spdx.lower()] = spdx
    return known | {name.lower(): name for name in policy.BEYOND_SPDX}


def _as_expression(text: str, *, with_refs: bool = False) -> str | None:
    """An SPDX expression in its standard spelling, without asking for the case to be right."""
    expression = policy.read(text) if len(text) <= MAX_EXPRESSION else None
    if expression is None:
        return None
    unknown = policy.unknown_names(expression)
    is_spdx = not unknown or (with_refs and all(LICENSE_REF.fullmatch(name) for name in unknown))
    return str(expression) if is_spdx else None


def _as_spoken(name: str) -> str | None:
    tidy = re.sub(r"[^a-z0-9.]+", " ", name.lower().replace("licence", "license")).strip().rstrip(".")
    tidy = re.sub(r"^the ", "", tidy)
    for pattern, spdx in SPOKEN_NAMES:
        if re.fullmatch(pattern, tidy):
            return spdx
    if match := CREATIVE_COMMONS.fullmatch(tidy):
        return _creative_commons(match)
    return None


def _creative_commons(match: re.Match[str]) -> str | None:
    terms = [short for pattern, short in CC_TERMS if re.search(pattern, match["terms"])]
    if "BY" not in terms:
        return None
    order = [term for term in ("BY", "NC", "ND", "SA") if term in terms]
    return spdx_ids().get(f"cc-{'-'.join(order)}-{match['version'] or '4.0'}".lower())
