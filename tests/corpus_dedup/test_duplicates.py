"""Which documents repeat another: true clusters, a stated kept member, the same for any order, batch and worker."""

import hashlib
import random
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import pytest
from tests.corpus_dedup.texts import mutated
from tests.corpus_quality.texts import prose

from glasswright.corpus.dedup import Bounds, Duplicate, duplicates, join, sketch

ALL = Bounds(near_similarity=Fraction("0.6"), contained_share=Fraction("0.8"))


def found_in(documents: dict[str, str], bounds: Bounds = ALL, batch: int = 7, workers: int = 1) -> list[Duplicate]:
    """The duplicates among documents, sketched in batches by several workers."""
    texts = list(documents.values())
    parts = [texts[start : start + batch] for start in range(0, len(texts), batch)]
    with ThreadPoolExecutor(workers) as pool:
        sketches = join(pool.map(sketch, parts))
    digests = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    return duplicates(list(documents), digests, sketches, bounds, texts.__getitem__)


def reasons(found: list[Duplicate]) -> dict[str, tuple[str, str]]:
    return {row.document_id: (row.duplicate_of, row.reason) for row in found}


def collection() -> dict[str, str]:
    """Forty documents, some with copies of several kinds."""
    documents = {f"{seed:02d}": prose(300, seed) for seed in range(40)}
    documents |= {f"x{seed:02d}": mutated(prose(300, seed), 0.01, seed) for seed in range(0, 40, 4)}
    documents |= {f"y{seed:02d}": prose(300, seed) for seed in range(0, 40, 5)}
    documents |= {f"z{seed:02d}": "\n\n".join(prose(300, seed + k) for k in range(3)) for seed in range(0, 40, 10)}
    return documents


def test_equal_texts_keep_the_lowest_id() -> None:
    found = found_in({"c": "Same text.", "a": "Same text.", "b": "Same text."}, Bounds())
    assert reasons(found) == {"b": ("a", "exact_duplicate"), "c": ("a", "exact_duplicate")}


def test_nothing_is_near_unless_it_is_asked_for() -> None:
    text = prose(300)
    assert found_in({"a": text, "b": text + " More."}, Bounds()) == []


def test_a_near_copy_is_dropped_for_the_one_with_more_words() -> None:
    text = prose(300)
    found = found_in({"a": text, "b": text + " And one more sentence at the end.", "c": prose(300, seed=1)})
    assert reasons(found) == {"a": ("b", "near_duplicate")}


def test_equally_long_copies_keep_the_lowest_id() -> None:
    text = prose(300)
    assert reasons(found_in({"b": text, "a": text.upper()})) == {"b": ("a", "near_duplicate")}


def chain() -> dict[str, str]:
    """Each text is near the next; the first and the last are not near each other."""
    words = prose(2400).split()
    return {f"{k}": " ".join(words[150 * k : 150 * k + 900]) for k in range(6)}


def test_clusters_are_transitive() -> None:
    documents = chain()
    ends = {name: documents[name] for name in ("0", "5")}
    bounds = Bounds(near_similarity=Fraction("0.6"))
    assert found_in(ends, bounds) == []
    assert {row.duplicate_of for row in found_in(documents, bounds)} == {"0"}
    assert len(found_in(documents, bounds)) == 5


def test_two_documents_that_are_near_a_third_are_one_cluster_in_any_order_of_ids() -> None:
    words = prose(1500).split()
    sides = [" ".join(words[:1000]), " ".join(words[300:1300])]
    middle = " ".join(words[150:1150])
    for names in ("abc", "acb", "cab"):
        documents = dict(zip(names, [*sides, middle], strict=True))
        assert {row.duplicate_of for row in found_in(documents, Bounds(near_similarity=Fraction("0.6")))} == {"a"}


def test_a_chain_with_a_missing_link_is_two_clusters() -> None:
    documents = chain()
    del documents["2"], documents["3"]
    kept = {row.duplicate_of for row in found_in(documents, Bounds(near_similarity=Fraction("0.6")))}
    assert kept == {"0", "4"}


def test_a_chapter_is_dropped_for_the_book() -> None:
    chapters = [prose(400, seed) for seed in range(8)]
    documents = {"book": "\n\n".join(chapters), "chapter": mutated(chapters[3], 0.005), "other": prose(400, 99)}
    assert reasons(found_in(documents)) == {"chapter": ("book", "contained_in_longer_document")}
    assert found_in(documents, Bounds(near_similarity=Fraction("0.6"))) == []


def naively_contained(documents: dict[str, str], share: Fraction) -> dict[str, set[str]]:
    """For each document that must go, who may stand for it: the rule as it is told, by sets of 8-grams, one by one."""
    words = {name: text.lower().replace(".", "").split() for name, text in documents.items()}
    grams = {
        name: {tuple(words_of[i : i + 8]) for i in range(max(len(words_of) - 7, 1))} for name, words_of in words.items()
    }
    kept: list[str] = []
    gone: dict[str, set[str]] = {}
    for name in sorted(documents, key=lambda name: (-len(words[name]), name)):
        holders = {other for other in kept if len(grams[name] & grams[other]) >= share * len(grams[name])}
        if holders:
            gone[name] = holders
        else:
            kept.append(name)
    return gone


def overlapping() -> dict[str, str]:
    """Runs of one long text, so that every share from none to all is met, on both sides of every bound."""
    draw = random.Random(5)
    words = prose(9000).split()
    documents = {}
    for number in range(100):
        first, size = draw.randrange(8000), draw.choice([60, 90, 200, 500, 1000])
        documents[f"{number:03d}"] = " ".join(words[first : first + size])
    return documents


@pytest.mark.parametrize("share", ["0.3", "0.5", "0.8"])
def test_what_is_dropped_as_contained_is_what_the_rule_says(share: str) -> None:
    documents = overlapping()
    expected = naively_contained(documents, Fraction(share))
    found = reasons(found_in(documents, Bounds(contained_share=Fraction(share))))
    assert len(expected) > 30
    assert set(found) == set(expected)
    assert all(kept in expected[name] for name, (kept, _) in found.items())


def test_one_more_word_that_differs_changes_what_is_dropped() -> None:
    words = [f"w{number}" for number in range(200)]
    half = [*words[:53], *(f"x{number}" for number in range(46))]  # of 92 8-grams, 46 stand in the longer text
    share = Bounds(contained_share=Fraction("0.5"))
    longer = " ".join(words)
    assert list(reasons(found_in({"a": " ".join(half), "b": longer}, share))) == ["a"]
    assert found_in({"a": " ".join([*half, "y"]), "b": longer}, share) == []


def test_a_paragraph_that_everybody_has_is_no_reason_to_drop() -> None:
    notice = prose(80, seed=1000)
    documents = {f"{seed:02d}": f"{notice} {prose(60 + seed, seed)}" for seed in range(60)}
    share = Bounds(contained_share=Fraction("0.5"))
    assert found_in(documents, share) == []
    assert len(found_in(dict(list(documents.items())[:40]), share)) > 0


def test_anthologies_that_share_one_story_are_both_kept() -> None:
    story = prose(400)
    documents = {
        "one": "\n\n".join([story, *(prose(400, seed) for seed in range(1, 5))]),
        "two": "\n\n".join([story, *(prose(400, seed) for seed in range(5, 9))]),
        "story": story,
    }
    assert list(reasons(found_in(documents))) == ["story"]


def test_a_dropped_document_holds_nothing() -> None:
    chapters = [prose(400, seed) for seed in range(12)]
    documents = {"chapter": chapters[0], "book": "\n\n".join(chapters[:9]), "works": "\n\n".join(chapters[1:])}
    found = found_in(documents, Bounds(contained_share=Fraction("0.8")))
    assert reasons(found) == {"book": ("works", "contained_in_longer_document")}


def test_a_holder_that_is_dropped_hands_over_to_its_own() -> None:
    chapter, rest = prose(400), [prose(400, seed) for seed in range(1, 8)]
    book = "\n\n".join([chapter, *rest])
    documents = {"copy": chapter.upper(), "chapter": chapter, "book": book}
    assert reasons(found_in(documents)) == {
        "chapter": ("book", "contained_in_longer_document"),
        "copy": ("book", "near_duplicate"),
    }


def test_duplicate_of_is_always_kept() -> None:
    found = reasons(found_in(collection()))
    assert len(found) > 20
    assert not {kept for kept, _ in found.values()} & set(found)


@pytest.mark.parametrize("seed", range(6))
def test_order_batches_and_workers_change_nothing(seed: int) -> None:
    documents = collection()
    names = random.Random(seed).sample(list(documents), len(documents))
    shuffled = {name: documents[name] for name in names}
    assert found_in(shuffled, batch=1 + 3 * seed, workers=1 + seed % 3) == found_in(documents)


def test_another_id_can_change_the_kept_member() -> None:
    documents = collection()
    renamed = {("0" if name == "y35" else name): text for name, text in documents.items()}
    assert found_in(renamed) != found_in(documents)


def test_many_copies_of_one_text_are_one_cluster() -> None:
    documents = {f"{k:04d}": prose(60).upper() if k % 2 else prose(60) + "!" * (k % 7) for k in range(400)}
    found = found_in(documents, batch=50)
    assert len(found) == 399
    assert {row.duplicate_of for row in found} == {"0000"}


def test_documents_without_words_are_never_near() -> None:
    assert found_in({"a": "---", "b": "***", "c": ""}) == []


def test_no_documents_have_no_duplicates() -> None:
    assert found_in({}) == []


def test_an_id_that_comes_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="an id comes twice"):
        duplicates(["a", "a"], ["1", "2"], sketch(["x", "y"]), Bounds(), "xy".__getitem__)


def test_lengths_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="as many ids"):
        duplicates(["a", "b"], ["1", "2"], sketch(["x"]), Bounds(), "x".__getitem__)
