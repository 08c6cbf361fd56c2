"""A leak of any of the shared evaluation sets is found, in the words a web page would have it in.

Leaks are cut from the raw files here, set by set, without the reader under test.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.corpus_quality.texts import prose

from glasswright.corpus.dedup import Contamination, items

NUM_LEAKS = 40


def rows_of(text: str) -> list[dict]:
    return [json.loads(line) for line in text.split("\n") if line.strip()]


def cells_of(text: str) -> list[dict]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def gauntlet(row: dict) -> str:
    """MosaicML's shape, less the words it puts before a question."""
    if "context_options" in row:
        return f"{row['context_options'][row['gold']]} {row['continuation']}"
    if "query" in row:
        return re.sub(r"^(Question|Passage):", "", row["query"]) + " " + row["choices"][row["gold"]]
    return row["context"] + row["continuation"]


LEAKS: dict[str, tuple[str, Callable[[str], list[str]]]] = {
    "advbench": ("harmful_behaviors.csv", lambda text: [row["goal"] for row in cells_of(text)]),
    "arc_easy": ("arc_easy.jsonl", lambda text: list(map(gauntlet, rows_of(text)))),
    "bbq": ("Age.jsonl", lambda text: [f"{row['context']} {row['question']}" for row in rows_of(text)]),
    "bigbench_repeat_copy_logic": ("*.jsonl", lambda text: list(map(gauntlet, rows_of(text)))),
    "blimp": ("data/adjunct_island.jsonl", lambda text: [row["sentence_good"] for row in rows_of(text)]),
    "boolq": ("boolq.jsonl", lambda text: list(map(gauntlet, rows_of(text)))),
    "copa": ("copa.jsonl", lambda text: list(map(gauntlet, rows_of(text)))),
    "crows_pairs": ("*.csv", lambda text: [row["sent_more"] for row in cells_of(text)]),
    "gsm8k": ("test.jsonl", lambda text: [row["question"] for row in rows_of(text)]),
    "harmbench": ("*_all.csv", lambda text: [row["Behavior"] for row in cells_of(text)]),
    "hellaswag": ("*.jsonl", lambda text: [f"{row['ctx']} {row['endings'][row['label']]}" for row in rows_of(text)]),
    "lambada_openai": ("*.jsonl", lambda text: list(map(gauntlet, rows_of(text)))),
    "openbook_qa": ("*.jsonl", lambda text: list(map(gauntlet, rows_of(text)))),
    "piqa": ("valid.jsonl", lambda text: [f"{row['goal']} {row['sol1']}" for row in rows_of(text)]),
    "toxigen": ("hate_trans_1k.txt", lambda text: re.findall(r"(?<=- ).+?(?=\\n|\n)", text)),
    "truthfulqa": ("*.csv", lambda text: [f"{row['Question']} {row['Best Answer']}" for row in cells_of(text)]),
    "winobias": (
        "pro_stereotyped_type1.txt.dev",
        lambda text: re.sub(r"[\[\]]|^\d+", "", text, flags=re.M).split("\n"),
    ),
    "winograd_wsc": ("*.jsonl", lambda text: list(map(gauntlet, rows_of(text)))),
    "winogrande": ("*.jsonl", lambda text: list(map(gauntlet, rows_of(text)))),
    "xstest": ("*.csv", lambda text: [row["prompt"] for row in cells_of(text)]),
}


def leaks(shared_data: Path, name: str) -> list[str]:
    """The first leaks of a set that have ten words."""
    pattern, cut = LEAKS[name]
    (file,) = (shared_data / "data" / "evals" / name).glob(pattern)
    texts = [text for text in cut(file.read_text(encoding="utf-8-sig")) if len(re.findall(r"\w+", text)) >= 10]
    return texts[:NUM_LEAKS]


def found(shared_data: Path, name: str, documents: list[str]) -> list[bool]:
    contamination = Contamination({name: items(shared_data / "data" / "evals" / name)})
    return [bool(hits) for hits in contamination.hits(documents)]


@pytest.mark.parametrize("name", LEAKS)
def test_a_leak_is_found(shared_data: Path, name: str) -> None:
    planted = leaks(shared_data, name)
    documents = [f"{prose(60, seed)}\n\n{leak}\n\n{prose(60, seed + 1)}" for seed, leak in enumerate(planted)]
    missed = [leak for leak, is_found in zip(planted, found(shared_data, name, documents), strict=True) if not is_found]
    assert len(planted) >= 20
    assert not missed


@pytest.mark.parametrize("name", LEAKS)
def test_a_leak_with_every_seventh_word_changed_is_not_found(shared_data: Path, name: str) -> None:
    planted = [" ".join(disturbed(leak)) for leak in leaks(shared_data, name)]
    assert not any(found(shared_data, name, planted))


def disturbed(leak: str) -> Iterator[str]:
    for number, word in enumerate(re.findall(r"[^\W_]+", leak)):
        yield "zyzzyva" if number % 7 == 3 else word


def test_what_has_too_few_words_to_be_searched_for_is_said(shared_data: Path) -> None:
    names = ("simple_arithmetic", "bigbench_dyck_languages")
    sets = Contamination({name: items(shared_data / "data" / "evals" / name) for name in names}).sets
    assert [(found.num_items - found.num_items_too_short) for found in sets] == [1, 0]  # dyck: the task's own words


def test_fables_of_an_evaluation_set_are_found_in_the_book_they_come_from(shared_data: Path) -> None:
    tales = shared_data / "data" / "tales" / "standardebooks"
    book = (tales / "aesop_fables_v-s-vernon-jones/src/epub/text/fables.xhtml").read_text()
    fables = rows_of((shared_data / "data/default/tales_pd_cc0.jsonl").read_text())
    evaluation = {"default": items(shared_data / "data" / "default")}
    other = (tales / "anna-sewell_black-beauty/src/epub/text/chapter-1.xhtml").read_text()
    hits, none = Contamination(evaluation).hits([re.sub(r"<[^>]+>", " ", book), re.sub(r"<[^>]+>", " ", other)])
    aesop = [row for row in fables if "aesop" in row["id"]]
    assert len({hit.item for hit in hits if hit.shared_words >= 0.9 * hit.item_words}) >= len(aesop) > 100
    assert not [hit for hit in none if hit.run_words >= 13]
