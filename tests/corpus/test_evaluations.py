"""Documents that hold evaluation items are dropped by the recipe's bounds, and the record says which items."""

import json

WORDS = [f"word{number}" for number in range(40)]
ITEM, LEAK = " ".join(WORDS), " ".join(WORDS[4:14])


def collected_beside(collected, tmp_path, **bounds):
    (tmp_path / "quiz.txt").write_text(f"short\n{ITEM}\n")
    rules = {"evaluations": [{"name": "quiz", "path": "quiz.txt"}], **bounds}
    files = {"leak.txt": f"Before. {LEAK}, after.".encode(), "other.txt": b"Another text."}
    return collected(files, rules=rules, license="MIT")


def test_an_item_that_was_found_is_on_record(collected, tmp_path):
    corpus = collected_beside(collected, tmp_path, evaluation_run=10)
    record = json.loads((corpus.out / "sources.json").read_text())["evaluations"]
    assert corpus.reason("leak.txt") == "contains_evaluation"
    assert record["sets"] == [{"name": "quiz", "num_items": 2, "num_items_too_short": 1}]
    assert record["hits"] == [
        {
            "document_id": corpus.by_path["leak.txt"].document_id,
            "evaluation_set": "quiz",
            "item": "quiz.txt:2",
            "item_words": 40,
            "shared_words": 10,
            "run_words": 10,
            "example": LEAK,
        }
    ]


def test_the_bounds_are_the_recipes(collected, tmp_path):
    assert collected_beside(collected, tmp_path).reason("leak.txt") == "kept"
    assert collected_beside(collected, tmp_path, evaluation_share="0.25").reason("leak.txt") == "contains_evaluation"
    assert collected_beside(collected, tmp_path, evaluation_share="0.26").reason("leak.txt") == "kept"
