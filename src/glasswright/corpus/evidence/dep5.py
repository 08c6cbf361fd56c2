"""debian/copyright in machine-readable form (DEP-5): which license holds for which files.

Source:  Machine-readable debian/copyright file, version 1.0, sections "Files" and "License".
"""

import re
from fnmatch import fnmatchcase

from glasswright.licenses.grants import expression_of

GNU = re.compile(r"(GPL|LGPL|AGPL|GFDL)(-NIV)?-(\d)(\.\d)?(\.0)?(\+?)", re.IGNORECASE)
WILD = re.compile(r"[*?\[]")
MAX_WILD = 2000  # patterns with wildcards, each of which is held against every file
TOO_MANY = "LicenseRef-too-many-patterns"  # which nobody knows: nothing under the file is kept
OWN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,60}")
NAMES = {"perl": "Artistic-1.0-Perl OR GPL-1.0-or-later", "artistic": "Artistic-1.0"}  # DEP-5, "Short name"


class Stanzas:
    """File patterns with their licenses, in the order of the file; the last that matches holds. Empty: not DEP-5."""

    def __init__(self, stated: list[tuple[str, str]]):
        self._exact = {pattern: number for number, (pattern, _) in enumerate(stated) if not WILD.search(pattern)}
        self._wild = [number for number, (pattern, _) in enumerate(stated) if WILD.search(pattern)]
        self._stated = stated
        if len(self._wild) > MAX_WILD:
            self._exact, self._wild, self._stated = {}, [0], [("*", TOO_MANY)]

    def __bool__(self) -> bool:
        return bool(self._stated)

    def holding(self, path: str) -> tuple[str, str] | None:
        """The pattern and the license that hold for a path below the file's folder."""
        last = self._exact.get(path, -1)
        wild = (number for number in reversed(self._wild) if fnmatchcase(path, self._stated[number][0]))
        last = max(last, next(wild, -1))
        return self._stated[last] if last >= 0 else None


def stanzas(text: str) -> Stanzas:
    """What a file states; nothing if it is not DEP-5."""
    if "Files:" not in text:
        return Stanzas([])
    found = []
    for stanza in re.split(r"\n[ \t]*\n", text):
        files = re.search(r"^Files:((?:.*)(?:\n[ \t]+.*)*)", stanza, re.MULTILINE)
        license = re.search(r"^License:[ \t]*(\S.*)$", stanza, re.MULTILINE)
        if files and license:
            stated = license.group(1).strip()
            name = expression(stated) or _own(stated)
            found += [(pattern, name) for pattern in files.group(1).split()]
    return Stanzas(found)


def expression(stated: str) -> str | None:
    """A `License:` field as an SPDX expression: `GPL-2+ or Expat` is `GPL-2.0-or-later OR MIT`. None if unsure.

    `and` binds tighter than `or`, and a comma before either ends what is bound. An exception that is named in words
    makes the whole unreadable.
    """
    parts = re.split(r",\s+(and|or)\s+", stated)
    read = [_simple(part) if number % 2 == 0 else part.upper() for number, part in enumerate(parts)]
    if any(part is None for part in read):
        return None
    return " ".join(f"({part})" if " " in (part or "") and len(read) > 1 else part or "" for part in read)


def _own(stated: str) -> str:
    """A short name that the file gives to a license which has none elsewhere."""
    return f"LicenseRef-{stated}" if OWN_NAME.fullmatch(stated) else stated


def _simple(stated: str) -> str | None:
    parts = re.split(r"(?<!\s)\s+(and|or)\s+", stated, flags=re.IGNORECASE)
    names = [_name(part) for part in parts[::2]]
    if any(name is None for name in names):
        return None
    joints = [part.upper() for part in parts[1::2]]
    wrapped = [f"({name})" if " " in (name or "") and joints else name or "" for name in names]
    return "".join(name + (f" {joint} " if joint else "") for name, joint in zip(wrapped, [*joints, ""], strict=True))


def _name(stated: str) -> str | None:
    name = stated.strip()
    if gnu := GNU.fullmatch(name):
        family, no_invariants, major, minor, _, later = gnu.groups()
        kept = "-no-invariants" if no_invariants else ""
        return f"{family.upper()}-{major}{minor or '.0'}{kept}{'-or-later' if later else '-only'}"
    if not re.fullmatch(r"[A-Za-z0-9.+-]+", name):
        return None
    return NAMES.get(name.lower()) or expression_of(name)
