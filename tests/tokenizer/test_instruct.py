"""Real instruction data from corpus to tokens: what may be learned is, what may not is refused for its license."""

import json
import os
import shutil
from pathlib import Path

import pytest
from tests.tokenizer.parents import MANNERS, recipe_of, write_parent

from glasswright import corpus, tokenizer
from glasswright.errors import Misuse
from glasswright.store.ledger import read_ledger

SHARED = Path(os.environ.get("GLASSWRIGHT_SHARED", Path(__file__).resolve().parents[3] / "shared"))
INSTRUCT = SHARED / "data" / "instruct"
pytestmark = pytest.mark.skipif(not INSTRUCT.exists(), reason=f"did not run: {INSTRUCT} is not here")


def first_half(name: str, folder: Path) -> None:
    """A set with its license files, and the first half of its rows: the other is held out."""
    shutil.copytree(INSTRUCT / name, folder, copy_function=shutil.copyfile)
    for rows in folder.glob("*.jsonl"):
        lines = rows.read_text().splitlines(keepends=True)
        rows.write_text("".join(lines[: len(lines) // 2]))


def test_questions_and_answers_under_an_open_license_become_tokens(tmp_path: Path):
    first_half("gsm8k_train", tmp_path / "in")
    recipe = recipe_of("conversations", write_parent(tmp_path / "parent", MANNERS["ChatML"]), sequence_length=2048)
    corpus.collect(recipe, base=tmp_path, out=tmp_path / "corpus")
    rows = [row for row in read_ledger(tmp_path / "corpus" / "ledger.parquet") if "#" in row.path]
    kept = [row for row in rows if row.is_kept]
    assert {row.license for row in kept} == {"MIT"}
    assert len(kept) > 0.95 * len(rows) == 0.95 * 750
    token_map = tokenizer.build(recipe, tmp_path / "corpus", tmp_path / "tokens", parent=tmp_path / "parent")
    assert len(token_map.documents) == len(kept)
    assert all(len(document.learned or ()) == 1 for document in token_map.documents)


def test_data_whose_license_forbids_it_is_refused(tmp_path: Path):
    first_half("REJECT_alpaca_seed", tmp_path / "in")
    path = tmp_path / "in" / "seed_tasks.jsonl"
    tasks = [json.loads(line) for line in path.read_text().splitlines()]
    pairs = [{"instruction": task["instruction"], **task["instances"][0]} for task in tasks]
    path.write_text("".join(json.dumps(pair) + "\n" for pair in pairs))
    recipe = recipe_of("conversations", 300)
    with pytest.raises(Misuse, match="the corpus is empty: all .* license_"):
        corpus.collect(recipe, base=tmp_path, out=tmp_path / "corpus")
