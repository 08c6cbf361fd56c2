"""Evaluation items are found wherever they stand in a document, and what cannot be searched is counted."""

import json
from pathlib import Path

import pytest
from tests.corpus_quality.texts import prose

from glasswright.corpus.dedup import Contamination, items, tally
from glasswright.errors import Misuse

QUESTION = "If a baker fills nine trays with twelve rolls each and sells eighty of them, how many are left?"
ANSWER = "There are exactly twenty eight rolls left over."
SETS = {
    "sums": [QUESTION, ANSWER, "Twenty-eight."],
    "other": ["An item that nobody quotes anywhere in any of the texts at hand."],
}


def test_a_quoted_question_is_found_with_its_set_and_words() -> None:
    index = Contamination(SETS)
    text = f"{prose(100)} {QUESTION.upper().replace(',', ' --')} {prose(50, seed=1)}"
    found = index.hits([prose(100), text])
    assert found[0] == []
    assert [(hit.evaluation_set, hit.num_items, hit.num_grams) for hit in found[1]] == [("sums", 1, 7)]
    assert found[1][0].example == "IF A BAKER FILLS NINE TRAYS WITH TWELVE ROLLS EACH AND SELLS EIGHTY"


def test_an_item_of_8_to_12_words_is_found_whole() -> None:
    index = Contamination(SETS)
    found = index.hits([f"{prose(30)} {ANSWER}", "There are exactly twenty eight rolls left."])
    assert [len(hits) for hits in found] == [1, 0]
    assert found[0][0].example == ANSWER.rstrip(".")


def test_twelve_words_of_a_longer_item_are_no_hit_and_thirteen_are() -> None:
    words = QUESTION.split()
    found = Contamination(SETS).hits([" ".join(words[2:14]), " ".join(words[2:15])])
    assert [len(hits) for hits in found] == [0, 1]


def test_items_too_short_to_search_are_counted() -> None:
    sums = next(found for found in Contamination(SETS).sets if found.name == "sums")
    assert (sums.num_items, sums.num_items_too_short) == (3, 1)


def test_batches_do_not_matter() -> None:
    texts = [f"{prose(40, seed)} {QUESTION if seed % 3 == 0 else ''}" for seed in range(12)]
    index = Contamination(SETS)
    assert index.hits(texts) == [index.hits([text])[0] for text in texts]
    assert index.hits(texts) != index.hits(texts[1:] + texts[:1])


def test_the_report_adds_up_by_set() -> None:
    hits = Contamination(SETS).hits([QUESTION, f"{QUESTION} {ANSWER}", prose(50)])
    assert tally(hits) == {"sums": {"documents": 2, "items": 3, "grams": 15}}


def test_an_index_of_nothing_finds_nothing() -> None:
    assert Contamination({}).hits(["text"]) == [[]]
    assert Contamination({"empty": []}).hits(["text"]) == [[]]


def test_items_are_read_from_every_shape_and_not_from_what_tells_about_the_set(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"q": "one", "choices": {"text": ["two", "three"]}, "n": 4}) + "\n\n")
    (tmp_path / "b.csv").write_text('\ufefffour,"fi,ve"\n')
    (tmp_path / "c.tsv").write_text("six\tseven\n")
    (tmp_path / "d.txt").write_text("eight\nnine\n")
    (tmp_path / "e.json").write_text('["ten"]')
    (tmp_path / "LICENSE.txt").write_text("not an item")
    (tmp_path / "SOURCE.md").write_text("not an item")
    assert list(items(tmp_path)) == ["one", "two", "three", "four", "fi,ve", "six", "seven", "eight", "nine", "ten"]


def test_a_damaged_set_names_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"q": "one"}\n{"q": \n')
    with pytest.raises(Misuse, match=r"a\.jsonl: line 2"):
        list(items(tmp_path))


def test_an_absent_or_empty_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="no such evaluation set"):
        list(items(tmp_path / "absent"))
    with pytest.raises(Misuse, match="no evaluation items"):
        list(items(tmp_path))
