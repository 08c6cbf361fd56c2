"""A corpus measured: what a recipe made for it may ask of it."""

from dataclasses import replace
from decimal import Decimal
from importlib import import_module
from pathlib import Path

import pytest
from tests.release.small import RECIPE

from glasswright.corpus import collect
from glasswright.errors import Misuse
from glasswright.store.ledger import read_ledger
from glasswright.tokenizer import measure
from glasswright.tokenizer.learn import learn, learnable
from glasswright.tokenizer.split import splits

REPEATED = "the owl and the fox and the owl again "


def corpus_of(folder: Path, num_documents: int) -> Path:
    """So many documents, collected."""
    (folder / "texts").mkdir()
    for number in range(num_documents):
        (folder / "texts" / f"{number}.txt").write_text(f"Document {number}: " + f"{number * 7919} words {number} " * 9)
    collect(RECIPE, base=folder, out=folder / "corpus")
    return folder / "corpus"


@pytest.mark.parametrize("num_documents", [1, 3, 12, 60])
def test_the_smallest_share_that_holds_a_document_back_is_taken(tmp_path: Path, num_documents: int):
    corpus = corpus_of(tmp_path, num_documents)
    names = [row.document_id for row in read_ledger(corpus / "ledger.parquet") if row.is_kept]
    measured = measure(corpus)
    held = {share: "validation" in splits(names, share) for share in map(Decimal, ("0.02", "0.05", "0.1", "0.2"))}
    assert measured.validation_share == next((share for share, is_held in held.items() if is_held), Decimal("0.02"))
    split_of = dict(zip(names, splits(names, measured.validation_share), strict=True))
    assert measured.trained_on == {name for name, split in split_of.items() if split == "train"}


def test_only_what_is_trained_on_is_measured(tmp_path: Path):
    corpus = corpus_of(tmp_path, 12)
    measured = measure(corpus)
    rows = read_ledger(corpus / "ledger.parquet")
    assert measured.num_bytes == sum(row.bytes for row in rows if row.document_id in measured.trained_on)


def test_the_vocabulary_is_what_can_be_learned_and_no_more_than_is_asked_for(tmp_path: Path):
    measured = measure(corpus_of(tmp_path, 12))
    most, num_tokens = measured.vocabulary(at_most=10_000)
    assert 257 < most < 10_000
    assert measured.vocabulary(at_most=most - 1)[0] == most - 1
    assert 0 < num_tokens < measured.num_bytes


def test_where_a_part_does_not_fill_the_vocabulary_all_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    # Of the first alone a token more is learned: in all together `bc` comes earlier, and other pairs are left.
    texts = [f"bc bc bc cccc cccc {'cbaccb ' * 5}bcbc bcbc baaaab ", f"bc cccc cccc cccc {'bcbc ' * 5}"]
    assert learnable(texts[:1], at_most=1000)[0] > learnable(texts, at_most=1000)[0]
    (tmp_path / "texts").mkdir()
    for number, text in enumerate(texts):
        (tmp_path / "texts" / f"{number}.txt").write_text(text)
    collect(RECIPE, base=tmp_path, out=tmp_path / "corpus")
    names = [row.document_id for row in read_ledger(tmp_path / "corpus" / "ledger.parquet")]
    measured = replace(measure(tmp_path / "corpus"), trained_on=frozenset(names))
    monkeypatch.setattr(import_module("glasswright.tokenizer.measure"), "ENOUGH_CHARACTERS", 1)
    assert measured.vocabulary(at_most=1000)[0] == learnable(texts, at_most=1000)[0]


def test_what_is_learnable_is_learned_and_one_token_more_is_not():
    most, num_tokens = learnable([REPEATED], at_most=10_000)
    learned = learn([REPEATED], vocab_size=most)
    assert (learned.get_vocab_size(), len(learned.encode(REPEATED).ids)) == (most, num_tokens)
    with pytest.raises(Misuse, match=f"{most} can"):
        learn([REPEATED], vocab_size=most + 1)
