"""Evaluation items are found wherever they stand in a document, and what cannot be searched is counted."""

import json
import random
from fractions import Fraction
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.corpus_quality.texts import prose

from glasswright.corpus.dedup import Contamination, Item, items
from glasswright.errors import Misuse

QUESTION = "If a baker fills nine trays with twelve rolls each and sells eighty of them, how many are left?"
ANSWER = "There are exactly twenty eight rolls left over."


def index(**texts: list[str]) -> Contamination:
    return Contamination({name: [Item(f"{name}:{n}", text) for n, text in enumerate(texts[name], 1)] for name in texts})


SETS = index(
    sums=[QUESTION, ANSWER, "Twenty-eight."],
    other=["An item that nobody quotes anywhere in any of the texts at hand."],
)


def test_a_quoted_question_is_found_with_its_item_share_and_words() -> None:
    text = f"{prose(100)} {QUESTION.upper().replace(',', ' --')} {prose(50, seed=1)}"
    clean, (hit,) = SETS.hits([prose(100), text])
    assert clean == []
    assert (hit.evaluation_set, hit.item) == ("sums", "sums:1")
    assert (hit.item_words, hit.shared_words, hit.run_words) == (19, 19, 19)
    assert hit.example == QUESTION.upper().replace(",", " --").rstrip("?")


def test_thirteen_words_in_a_row_of_a_long_item_are_a_hit_and_twelve_are_not() -> None:
    passage = [f"word{number}" for number in range(100)]
    found = index(set=[" ".join(passage)]).hits([" ".join(passage[40:53]), " ".join(passage[40:52])])
    assert [len(hits) for hits in found] == [1, 0]


def test_half_of_the_words_of_a_short_item_are_a_hit_and_less_is_not() -> None:
    item = [f"word{number}" for number in range(20)]
    texts = [" ".join(item[5:15]), " ".join(item[5:14]), " ".join([*item[:8], "x", *item[10:18]])]
    found = index(set=[" ".join(item)]).hits(texts)
    assert [len(hits) for hits in found] == [1, 0, 1]
    assert [(hit.shared_words, hit.run_words) for hit in found[2]] == [(16, 8)]


def test_the_bounds_are_as_asked() -> None:
    passage = " ".join(f"word{number}" for number in range(100))
    text = " ".join(passage.split()[:20])
    item = {"set": [Item("a:1", passage)]}
    assert [len(Contamination(item, run=run).hits([text])[0]) for run in (20, 21)] == [1, 0]
    assert [len(Contamination(item, run=50, share=Fraction(n, 100)).hits([text])[0]) for n in (0, 20, 21)] == [0, 1, 0]
    with pytest.raises(ValueError, match="at least 8 words, got 7"):
        Contamination(item, run=7)


def naive_hits(sets: dict[str, list[str]], text: str) -> dict[str, tuple[int, int]]:
    """Shared words and the longest run of each item, by trying every pair of places."""
    words = text.split()
    found = {}
    for item in (item for strings in sets.values() for item in strings):
        own = item.split()
        covered: set[int] = set()
        longest = 0
        for i in range(len(own)):
            for j in range(len(words)):
                run = 0
                while i + run < len(own) and j + run < len(words) and own[i + run] == words[j + run]:
                    run += 1
                longest = max(longest, run)
                covered |= set(range(i, i + run)) if run >= 8 else set()
        if longest >= 13 or (covered and 2 * len(covered) >= len(own)):
            found[item] = (len(covered), longest)
    return found


def test_what_is_found_is_what_the_rule_says() -> None:
    draw = random.Random(7)
    passage = [f"w{draw.randrange(400)}" for _ in range(600)]
    sets = {"set": []}
    for _ in range(60):
        first, size = draw.randrange(560), draw.choice([8, 10, 13, 16, 30])
        sets["set"].append(" ".join(passage[first : first + size]))
    contamination, num_found = index(**sets), 0
    for _ in range(25):
        first = draw.randrange(560)
        text = " ".join(word if draw.random() < 0.95 else "x" for word in passage[first : first + 40])
        expected = naive_hits(sets, text)
        found = contamination.hits([text])[0]
        assert {sets["set"][int(hit.item.split(":")[1]) - 1]: (hit.shared_words, hit.run_words) for hit in found} == (
            expected
        )
        num_found += len(found)
    assert num_found > 20


def test_a_word_said_again_and_again_makes_no_longer_run() -> None:
    (hit,) = index(set=[f"b {'a ' * 8} c"]).hits(["a " * 20])[0]
    assert (hit.shared_words, hit.run_words) == (8, 8)


def test_items_too_short_to_search_are_counted() -> None:
    sums = next(found for found in SETS.sets if found.name == "sums")
    assert (sums.num_items, sums.num_items_too_short) == (3, 1)


def test_a_text_that_two_rows_hold_is_one_item_told_by_the_first() -> None:
    twice = index(set=[QUESTION, QUESTION.lower(), "short"])
    assert twice.sets[0].num_items == 2
    assert [hit.item for hit in twice.hits([QUESTION])[0]] == ["set:1"]


def test_batches_do_not_matter() -> None:
    texts = [f"{prose(40, seed)} {QUESTION if seed % 3 == 0 else ''}" for seed in range(12)]
    assert SETS.hits(texts) == [SETS.hits([text])[0] for text in texts]
    assert SETS.hits(texts) != SETS.hits(texts[1:] + texts[:1])


def test_an_index_of_nothing_finds_nothing() -> None:
    assert Contamination({}).hits(["text"]) == [[]]
    assert Contamination({"empty": []}).hits(["text"]) == [[]]


def test_items_are_read_from_every_shape_and_not_from_what_tells_about_the_set(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"q": "one", "c": {"text": ["two", "three"]}, "n": 4}) + "\n\n")
    (tmp_path / "b.csv").write_text('\ufeffhead\nfour,"fi,ve"\n')
    (tmp_path / "c.tsv").write_text("six\tseven\n")
    (tmp_path / "d.txt.dev").write_text("12 eight\nnine\\n- ten\n")
    (tmp_path / "e.json").write_text('["eleven", {"a": "https://example.org/twelve"}]')
    pq.write_table(pa.table({"q": ["thirteen"], "n": [1], "c": [["fourteen"]]}), tmp_path / "f.parquet")
    (tmp_path / "LICENSE.txt").write_text("not an item")
    (tmp_path / "SOURCE.md").write_text("not an item")
    assert [tuple(item) for item in items(tmp_path)] == [
        ("a.jsonl:1", "one"),
        ("a.jsonl:1", "two"),
        ("a.jsonl:1", "three"),
        ("b.csv:1", "head"),
        ("b.csv:2", "four"),
        ("b.csv:2", "fi,ve"),
        ("c.tsv:1", "six"),
        ("c.tsv:1", "seven"),
        ("d.txt.dev:1", "eight"),
        ("d.txt.dev:2", "nine"),
        ("d.txt.dev:2", "- ten"),
        ("e.json:1", "eleven"),
        ("f.parquet:1", "thirteen"),
        ("f.parquet:1", "fourteen"),
    ]


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("a.jsonl", '{"query": "The man turned on the tap, so", "choices": ["it rained.", "the sink was full."]}'),
        ("a.json", '[{"Question": "The man turned on the tap, so", "answers": {"text": ["the sink was full."]}}]'),
        ("a.csv", "prompt,target\nThe man turned on the tap so,the sink was full."),
    ],
)
def test_a_short_question_is_searched_for_with_its_answer(tmp_path: Path, file: str, content: str) -> None:
    (tmp_path / file).write_text(content)
    contamination = Contamination({"set": items(tmp_path)})
    leaks = [f"{prose(50)} The man turned on the tap, so {end}" for end in ("the sink was full.", "we left.")]
    assert [len(hits) for hits in contamination.hits(leaks)] == [1, 0]


def test_a_damaged_set_names_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"q": "one"}\n{"q": \n')
    with pytest.raises(Misuse, match=r"a\.jsonl: line 2"):
        list(items(tmp_path))


def test_an_absent_or_empty_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="no such evaluation set"):
        list(items(tmp_path / "absent"))
    with pytest.raises(Misuse, match="no evaluation items"):
        list(items(tmp_path))
