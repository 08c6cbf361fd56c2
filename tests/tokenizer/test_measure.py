"""A corpus measured: what a recipe made for it may ask of it."""

from decimal import Decimal
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


def test_what_is_learnable_is_learned_and_one_token_more_is_not():
    most, num_tokens = learnable([REPEATED], at_most=10_000)
    learned = learn([REPEATED], vocab_size=most)
    assert (learned.get_vocab_size(), len(learned.encode(REPEATED).ids)) == (most, num_tokens)
    with pytest.raises(Misuse, match=f"{most} can"):
        learn([REPEATED], vocab_size=most + 1)
