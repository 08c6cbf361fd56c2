"""Hashes are defined by integers: the vector form equals the definition in Python, and no span's place matters."""

import hashlib
from collections.abc import Callable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from glasswright.corpus.quality import characters
from glasswright.corpus.quality.hashing import P, hash_spans, mix


def definition(span: list[int]) -> int:
    x = sum(value * pow(P, place, 2**64) for place, value in enumerate(span)) % 2**64
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB % 2**64
    return x ^ (x >> 31)


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=40), st.data())
def test_a_span_hashes_as_defined_wherever_it_lies(values: list[int], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(values)))
    end = data.draw(st.integers(start, len(values)))
    found = hash_spans(np.array(values, np.uint32), np.array([start]), np.array([end]))
    assert int(found[0]) == definition(values[start:end])
    assert int(found[0]) != definition([*values[start:end], 1])


def test_mixing_leaves_its_input_alone() -> None:
    x = np.arange(5, dtype=np.uint64)
    mix(x)
    assert x.tolist() == list(range(5))


def test_character_classes_are_frozen(golden: Callable[[str, str], None]) -> None:
    """One digest for every Python and every Unicode release: if it differs, decisions differ."""
    for table in (characters.classes, characters.lower):
        golden(f"characters.{table.__name__}", hashlib.sha256(table().tobytes()).hexdigest())


def test_character_classes_read_as_expected() -> None:
    def classes_of(character: str) -> int:
        return int(characters.classes()[ord(character)])

    for letter in "aÉßжאあ中\U0001e900":
        assert classes_of(letter) & characters.WORD
        assert classes_of(letter) & characters.ALPHA
    assert classes_of("7") & (characters.WORD | characters.ALPHA) == characters.WORD
    assert classes_of("中") & characters.ALONE
    assert not classes_of("é") & characters.ALONE
    for symbol in "-—“😀🤖$_":
        assert not classes_of(symbol) & characters.WORD
    assert classes_of("\u3000") & characters.SPACE
