"""Which known license a text is: by hashed word sequences, so that no license text is kept here.

    words      lower case, no punctuation, copyright lines dropped, names in quotes kept
    shingle    five words in a row, hashed to 32 bits
    sketch     all shingle hashes of a short text; of a long one those divisible by 8

    held      share of the known license that the text contains      (below 1: the text is cut or changed)
    covered   share of the text that the known license accounts for  (below 1: the text says more)

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

SHINGLE_WORDS = 5
LONG_TEXT_SHINGLES = 1000  # from here on a sketch keeps one shingle in SAMPLE_LONG
SAMPLE_LONG = 8
MAX_WORDS = 60_000  # a license is shorter; the rest of a longer text is not read
HELD_WHOLE = 0.9  # at least this much of a license must be there for the text to be that license
COVERED_ALONE = 0.85  # below this the text says something the license does not
HELD_PART = 0.15  # less than this is chance

COPYRIGHT_LINE = re.compile(r"^\W*(copyright\b|\(c\)|©).*$", re.IGNORECASE | re.MULTILINE)


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
    words = re.findall(r"[a-z0-9]+|[\u3400-\u9fff]", COPYRIGHT_LINE.sub("", text).lower())[:MAX_WORDS]
    return frozenset(
        int.from_bytes(
            hashlib.blake2b(" ".join(words[i : i + SHINGLE_WORDS]).encode(), digest_size=4).digest(), "little"
        )
        for i in range(len(words) - SHINGLE_WORDS + 1)
    )


def sketch_record(name: str, text: str) -> dict[str, str | int]:
    """The entry of `fingerprints.json` for a license text."""
    hashes = shingle_hashes(text)
    every = SAMPLE_LONG if len(hashes) >= LONG_TEXT_SHINGLES else 1
    kept = sorted(h for h in hashes if h % every == 0)
    packed = base64.b64encode(struct.pack(f"<{len(kept)}I", *kept)).decode()
    return {"license": name, "every": every, "hashes": packed}


@lru_cache(maxsize=1)
def known_sketches() -> tuple[Sketch, ...]:
    """The sketches shipped with the package."""
    records = json.loads(resources.files(__package__).joinpath("fingerprints.json").read_text())
    return tuple(_unpack(record) for record in records["sketches"])


def _unpack(record: dict[str, str | int]) -> Sketch:
    packed = base64.b64decode(str(record["hashes"]))
    hashes = struct.unpack(f"<{len(packed) // 4}I", packed)
    return Sketch(str(record["license"]), int(record["every"]), frozenset(hashes))


def _compare(sketch: Sketch, by_rate: dict[int, frozenset[int]]) -> TextMatch:
    text = by_rate[sketch.every]
    common = len(sketch.hashes & text)
    return TextMatch(sketch.license, common / len(sketch.hashes), common / len(text) if text else 0.0)
