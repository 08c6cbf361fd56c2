"""Sketches are a matter of the text alone, equal to their definition, and estimate what they claim to."""

import hashlib
import math
from collections.abc import Callable

import numpy as np
import pytest
from tests.corpus_dedup.texts import as_bytes, mutated
from tests.corpus_quality.texts import prose

from glasswright.corpus.dedup import join, sketch
from glasswright.corpus.dedup.sketches import GRAM_WORDS, NUM_HASHES, SAMPLE, SHINGLE_WORDS, Sketches, grams
from glasswright.corpus.quality import segments


def test_shingles_are_runs_of_words_in_lower_case_without_punctuation() -> None:
    spans, hashes = segments.words(
        segments.join(["One two, THREE-four\nfive six!", "one two three four five six", "a"])
    )
    found = grams(spans, hashes, SHINGLE_WORDS)
    assert np.diff(found.offsets).tolist() == [2, 2, 1]
    assert found.hash_S[:2].tolist() == found.hash_S[2:4].tolist()


def test_each_han_character_is_a_word() -> None:
    spans, _ = segments.words(segments.join(["老磨坊主 and 12 мост"]))
    assert len(spans) == 7


def test_a_document_without_words_has_an_empty_sketch() -> None:
    found = sketch(["", "--- ...", "word"])
    assert found.num_words_D.tolist() == [0, 0, 1]
    assert np.diff(found.offsets)[:2].tolist() == [0, 0]


def test_sketches_of_no_documents_are_none() -> None:
    assert len(sketch([])) == len(join([])) == 0


@pytest.mark.parametrize("size", [1, 3, 50])
def test_batches_do_not_matter(size: int) -> None:
    texts = [prose(20 * seed, seed) for seed in range(12)] + [""]
    parts = [sketch(texts[start : start + size]) for start in range(0, len(texts), size)]
    assert as_bytes(join(parts)) == as_bytes(sketch(texts))


def test_one_changed_letter_changes_the_sketch() -> None:
    text = prose(100)
    assert as_bytes(sketch([text])) != as_bytes(sketch([text.replace("miller", "müller").replace("the ", "tha ", 1)]))


def test_taking_rows_keeps_each_with_its_sample() -> None:
    texts = [prose(60 * seed, seed) for seed in range(5)]
    order = np.array([3, 0, 4])
    assert as_bytes(sketch(texts).take(order)) == as_bytes(sketch([texts[index] for index in order]))


def test_signatures_have_golden_bits(golden: Callable[[str, str], None]) -> None:
    found = sketch([prose(200, seed) for seed in range(20)])
    golden("sketches", hashlib.sha256(as_bytes(found)).hexdigest())


def exact_jaccard(left: str, right: str) -> float:
    sets = []
    for text in (left, right):
        words = text.lower().replace(".", "").split()
        sets.append({tuple(words[i : i + SHINGLE_WORDS]) for i in range(len(words) - SHINGLE_WORDS + 1)})
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


def estimated_jaccard(found: Sketches) -> float:
    return float((found.signature_DH[0] == found.signature_DH[1]).mean())


def test_signatures_estimate_jaccard_within_their_error() -> None:
    errors = []
    for seed in range(60):
        text = prose(400, seed)
        other = mutated(text, share=0.005 * (seed % 20), seed=seed)
        true = exact_jaccard(text, other)
        deviation = max(math.sqrt(true * (1 - true) / NUM_HASHES), 1 / NUM_HASHES)
        errors.append((estimated_jaccard(sketch([text, other])) - true) / deviation)
    # in units of the standard error: 60 draws lie within 4.5 but for a chance of 60 * 7e-6, and their mean square is
    # 1 within 4 * sqrt(2 / 60)
    assert max(map(abs, errors)) < 4.5
    assert np.mean(np.square(errors)) < 1 + 4 * math.sqrt(2 / 60)


def test_the_sample_is_about_one_gram_in_sixteen() -> None:
    found = sketch([" ".join(f"word{number}" for number in range(16_000))])
    expected = (16_000 - GRAM_WORDS + 1) / SAMPLE
    assert abs(len(found.sample_G) - expected) < 5 * math.sqrt(expected)
