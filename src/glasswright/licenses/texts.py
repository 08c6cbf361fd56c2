"""Which known license a text is: by hashed word sequences, so that no license text is kept here.

    words      lower case, no punctuation, copyright lines and list marks dropped, names in quotes kept
    shingle    five words in a row, hashed to 32 bits
    sketch     all shingle hashes of a short text; of a long one those divisible by 8

    held      share of the known license that the text contains      (below 1: the text is cut or changed)
    covered   share of the text that the known license accounts for  (below 1: the text says more)

A sketch knows which of its shingles hold a word of a right (`use`, `copy`, `sell`, ...), and what the license's own words
take away: by both, `fidelity` tells a license from one that was changed.

`fingerprints.json` holds the sketches; `tools/license_fingerprints.py` computes them.
"""

import base64
import hashlib
import json
import re
import struct
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from glasswright.licenses.restrictions import restrictions

SHINGLE_WORDS = 5
LONG_TEXT_SHINGLES = 1000  # from here on a sketch keeps one shingle in SAMPLE_LONG
SAMPLE_LONG = 8
MAX_WORDS = 60_000  # a license is shorter; the rest of a longer text is not read
HELD_WHOLE = 0.9  # at least this much of a license must be there for the text to be that license
COVERED_ALONE = 0.85  # below this the text says something the license does not
HELD_PART = 0.15  # less than this is chance
RIGHTS = frozenset(
    """
    use copy modify merge publish distribute sublicense sell redistribute redistribution modification reproduce perform
    display adapt share convey propagate granted grants grant permitted commercial commercially
    """.split()
)

END_OF_TERMS = "END OF TERMS AND CONDITIONS"  # what follows shows how to apply the license, and many leave it out

COPYRIGHT_LINE = re.compile(  # and not the line of a disclaimer that begins "COPYRIGHT HOLDERS BE LIABLE"
    r"^[^\w\n]{0,20}(?:copyright\b(?! holders?\b| owners?\b| notice\b| and\b| law| license)|\(c\)|©).*$",
    re.IGNORECASE | re.MULTILINE,
)
PREFACE = re.compile(  # before a legal code, and often left out
    r"creative\s+commons\s+corporation\s+is\s+not\s+a\s+law\s+firm.{0,900}?hereunder\.", re.IGNORECASE | re.DOTALL
)
LIST_MARK = re.compile(
    r"^[ \t>*#/;-]{0,20}(?:\(?(?:[a-z]|[ivx]{1,5}|\d{1,2})[.)]){1,2}[ \t]", re.IGNORECASE | re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class TextMatch:
    """A known license found in a text."""

    license: str  # SPDX expression, or LicenseRef- for a known license that SPDX does not list
    held: float
    covered: float

    @property
    def is_whole(self) -> bool:
        """The whole license is there."""
        return self.held >= HELD_WHOLE

    @property
    def is_alone(self) -> bool:
        """The text says nothing beyond the license."""
        return self.covered >= COVERED_ALONE

    @property
    def is_cut(self) -> bool:
        """A part of the license and nothing else: a file cut short."""
        return HELD_PART <= self.held < HELD_WHOLE and self.is_alone


@dataclass(frozen=True, slots=True)
class Sketch:
    """The hashed shingles of one known license."""

    license: str
    every: int  # keeps hashes divisible by this
    hashes: frozenset[int]
    rights: frozenset[int]  # those that hold a word of `RIGHTS`
    takes: tuple[str, ...]  # what `restrictions` finds in the license itself, as often as it finds it


def identify_text(text: str) -> list[TextMatch]:
    """Known licenses in a text, best first: those of which a telling part is there."""
    found = shingle_hashes(text)
    if not found:
        return []
    by_rate = {1: found, SAMPLE_LONG: frozenset(h for h in found if h % SAMPLE_LONG == 0)}
    matches = [match for sketch in known_sketches() if (match := _compare(sketch, by_rate)).held >= HELD_PART]
    return sorted(matches, key=lambda m: (round(m.held * m.covered, 3), m.license), reverse=True)


def shingle_hashes(text: str) -> frozenset[int]:
    """The hashes of every five words in a row."""
    return frozenset(shingles(license_words(text)))


def license_words(text: str) -> list[str]:
    """The words of a text that may be a license: no copyright lines, list marks, punctuation, capitals."""
    text = PREFACE.sub("", text)
    return re.findall(r"[a-z0-9]+|[\u3400-\u9fff]", LIST_MARK.sub("", COPYRIGHT_LINE.sub("", text)).lower())[:MAX_WORDS]


def shingles(words: list[str]) -> list[int]:
    """A hash for every place where five words in a row begin."""
    return [
        int.from_bytes(
            hashlib.blake2b(" ".join(words[i : i + SHINGLE_WORDS]).encode(), digest_size=4).digest(), "little"
        )
        for i in range(len(words) - SHINGLE_WORDS + 1)
    ]


def sketch_record(name: str, text: str) -> dict[str, str | int | list[str]]:
    """The entry of `fingerprints.json` for a license text."""
    words = license_words(text)
    places = shingles(words)
    every = SAMPLE_LONG if len(set(places)) >= LONG_TEXT_SHINGLES else 1
    kept = {place for place in places if place % every == 0}
    granting = shingles(license_words(text.partition(END_OF_TERMS)[0]))
    rights = {place for i, place in enumerate(granting) if RIGHTS.intersection(words[i : i + SHINGLE_WORDS])} & kept
    hashes = [*sorted(rights), *sorted(kept - rights)]
    return {
        "license": name,
        "every": every,
        "num_rights": len(rights),
        "takes": sorted(name for _, name in restrictions(text)),
        "hashes": base64.b64encode(struct.pack(f"<{len(hashes)}I", *hashes)).decode(),
    }


@lru_cache(maxsize=1)
def known_sketches() -> tuple[Sketch, ...]:
    """The sketches shipped with the package."""
    records = json.loads(resources.files(__package__).joinpath("fingerprints.json").read_text())
    return tuple(_unpack(record) for record in records["sketches"])


def _unpack(record: dict[str, Any]) -> Sketch:
    packed = base64.b64decode(record["hashes"])
    hashes = struct.unpack(f"<{len(packed) // 4}I", packed)
    return Sketch(
        record["license"],
        record["every"],
        frozenset(hashes),
        rights=frozenset(hashes[: record["num_rights"]]),
        takes=tuple(record["takes"]),
    )


def _compare(sketch: Sketch, by_rate: dict[int, frozenset[int]]) -> TextMatch:
    text = by_rate[sketch.every]
    common = len(sketch.hashes & text)
    return TextMatch(sketch.license, common / len(sketch.hashes), common / len(text) if text else 0.0)
