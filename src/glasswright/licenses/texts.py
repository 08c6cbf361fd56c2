"""Which known license a text is: by hashed word sequences, so that no license text is kept here.

    words      lower case, no punctuation, copyright lines and list marks dropped, names in quotes kept
    shingle    five words in a row, hashed to 32 bits
    sketch     the hashes of a license's shingles

A sketch knows which of its shingles hold a word of a right (`use`, `copy`, `sell`, ...), and what the license's own words
take away: by both, `fidelity` tells a license from one that was changed.

`fingerprints.json` holds the sketches; `tools/license_fingerprints.py` computes them.
"""

import base64
import hashlib
import json
import re
import struct
import sys
from array import array
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from itertools import islice
from typing import Any

from glasswright.licenses.restrictions import restrictions

SHINGLE_WORDS = 5
MAX_WORDS = 60_000  # a license is shorter; the rest of a longer text is not read
RIGHTS = frozenset(
    """
    use copy modify merge publish distribute sublicense sell redistribute redistribution modification reproduce perform
    display adapt share convey propagate granted grants grant permitted commercial commercially
    """.split()
)

END_OF_TERMS = "END OF TERMS AND CONDITIONS"
IDEOGRAPH = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"  # a word by itself, as its scripts leave no spaces
WORD = re.compile(rf"[{IDEOGRAPH}]|(?:(?![{IDEOGRAPH}])[^\W_])+")
NOT_SPACE = re.compile(r"\S")
COPYRIGHT_LINE = re.compile(  # and not the line of a disclaimer that begins "COPYRIGHT HOLDERS BE LIABLE"
    r"^[^\w\n]{0,20}(?:copyright\b(?! holders?\b| owners?\b| notice\b| and\b| law| license)|\(c\)[ \t]*(?:copyright\b|\d{4})|©).*$",
    re.IGNORECASE | re.MULTILINE,
)
PREFACE = re.compile(  # before a legal code, and often left out
    r"creative\s+commons\s+corporation\s+is\s+not\s+a\s+law\s+firm.{0,900}?hereunder\.", re.IGNORECASE | re.DOTALL
)
LIST_MARK = re.compile(
    r"^[ \t>*#/;-]{0,20}(?:\(?(?:[a-z]|[ivx]{1,5}|\d{1,2})[.)]){1,2}[ \t]", re.IGNORECASE | re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text, in lower case, and where it stands."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, eq=False)
class Sketch:
    """The hashed shingles of one known license: rights first, the other terms, then what is appended.

    Nearly all of them are only asked what they have in common with a text, so the set is made when it is needed.
    """

    license: str
    places: memoryview  # of the hashes
    num_rights: int
    num_terms: int
    takes: tuple[str, ...]  # what `restrictions` finds in the license itself, as often as it finds it

    @cached_property
    def hashes(self) -> frozenset[int]:
        """All of them."""
        return frozenset(self.places)

    @property
    def appended(self) -> memoryview:
        """Those of what shows how to apply the license, which many leave out."""
        return self.places[self.num_terms :]

    @property
    def rights(self) -> memoryview:
        """Those that hold a word of `RIGHTS`."""
        return self.places[: self.num_rights]


def license_words(text: str) -> list[str]:
    """The words of a text that may be a license: no copyright lines, list marks, punctuation, capitals."""
    return [word.text for word in located_words(text)]


def located_words(text: str) -> list[Word]:
    """The same words with their places."""
    for aside in (PREFACE, COPYRIGHT_LINE, LIST_MARK):
        text = aside.sub(_blank, text)
    return [Word(found.group().lower(), found.start(), found.end()) for found in islice(WORD.finditer(text), MAX_WORDS)]


def _blank(found: re.Match[str]) -> str:
    return NOT_SPACE.sub(" ", found.group())


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
    num_terms = len(license_words(text.partition(END_OF_TERMS)[0]))
    places = shingles(words)
    terms = set(places[: max(1, num_terms - SHINGLE_WORDS + 1)])
    rights = {place for i, place in enumerate(places) if RIGHTS.intersection(words[i : i + SHINGLE_WORDS])} & terms
    parts = (rights, terms - rights, set(places) - terms)
    hashes = [place for part in parts for place in sorted(part)]
    return {
        "license": name,
        "num_rights": len(rights),
        "num_terms": len(terms),
        "takes": sorted(name for _, name in restrictions(text)),
        "hashes": base64.b64encode(struct.pack(f"<{len(hashes)}I", *hashes)).decode(),
    }


@lru_cache(maxsize=1)
def known_sketches() -> tuple[Sketch, ...]:
    """The sketches shipped with the package."""
    records = json.loads(resources.files(__package__).joinpath("fingerprints.json").read_text())
    return tuple(_unpack(record) for record in records["sketches"])


def _unpack(record: dict[str, Any]) -> Sketch:
    places = array("I", base64.b64decode(record["hashes"]))
    if sys.byteorder == "big":  # as `sketch_record` does not write them
        places.byteswap()
    return Sketch(
        record["license"], memoryview(places), record["num_rights"], record["num_terms"], tuple(record["takes"])
    )
