"""Which licenses are of one family, and what a license takes away: by its name alone.

CC-BY-4.0 and LicenseRef-CC-BY     one family: a version is not stated
CC-BY-NC-4.0                       takes NC
MIT AND LicenseRef-additions       takes what the additions take, which nobody here can say
"""

import re

PUBLIC_DOMAIN = frozenset({"LicenseRef-PD", "LicenseRef-PD-US", "CC0-1.0", "CC-PDDC", "CC-PDM-1.0", "Unlicense"})
TAKEN = re.compile(r"\b(?:NC|ND|no-copies|no-training|changed|additions|unread)\b")
VAGUE = frozenset({"LicenseRef-NC", "LicenseRef-ND"})  # said in words, by no license's name


def taken_by(expression: str) -> set[str]:
    """What of an open license an expression takes away."""
    return set(TAKEN.findall(expression))


def agree(one: str, other: str) -> bool:
    """Whether two expressions share a license, versions aside, or one says no more than what the other takes away."""
    vague = (one in VAGUE and taken_by(one) <= taken_by(other)) or (other in VAGUE and taken_by(other) <= taken_by(one))
    return vague or bool(families(one) & families(other))


def families(expression: str) -> frozenset[str]:
    """The licenses of an expression without their versions."""
    names = re.findall(r"[A-Za-z0-9.+-]+", re.sub(r"\b(AND|OR|WITH)\b", " ", expression))
    return frozenset("public domain" if name in PUBLIC_DOMAIN else _family(name) for name in names)


def is_unversioned(license: str) -> bool:
    """Whether a license is named without its version."""
    return bool(re.fullmatch(r"LicenseRef-(CC-[A-Z-]+|[AL]?GPL|GFDL)", license))


def _family(name: str) -> str:
    bare = re.sub(r"(-no-invariants|-invariants)?(-only|-or-later|\+)$", "", name.removeprefix("LicenseRef-"))
    return re.sub(r"-\d+(\.\d+)*(-[A-Z]{2,})?$", "", bare)
