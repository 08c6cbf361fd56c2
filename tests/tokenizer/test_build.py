"""Documents to token shards: every document in its place, and the same bytes every time."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from glasswright import tokenizer
from glasswright.errors import Misuse
from glasswright.records.recipe import Recipe, Tokenizer, Tokens
from glasswright.store.documents import read_documents
from glasswright.store.ledger import read_ledger
from glasswright.store.tokens import TokenReader, open_tokens
from glasswright.tokenizer import shards as shards_module
from glasswright.tokenizer.learn import learn
from glasswright.tokenizer.shards import ShardWriter, token_dtype

WORDS = tuple("the quick brown fox jumps over a lazy dog while seven bees hum and the river runs to sea".split())
TEXTS = [" ".join(WORDS[(n * 7 + k * (n % 5 + 1)) % 18] for k in range(12)) + f" {n}." for n in range(60)]
CorpusOf = Callable[[list[str]], Path]


def recipe(vocab_size: int = 300, share: str = "0.1") -> Recipe:
    return Recipe(
        name="t",
        sources=[{"name": "here", "kind": "python-docs"}],  # type: ignore[list-item]
        tokenizer=Tokenizer(vocab_size=vocab_size),
        tokens=Tokens(validation_share=share),  # type: ignore[arg-type]
    )


def test_every_documents_tokens_are_its_text(corpus_of: CorpusOf, tmp_path: Path) -> None:
    corpus, out = corpus_of([*TEXTS, "naïve 🦊 <|endoftext|> \x00\r\n"]), tmp_path / "out"
    token_map = tokenizer.build(recipe(), corpus, out)
    tokens, model = open_tokens(out), tokenizer.load(out / "tokenizer.json")
    texts = dict(read_documents(corpus / "documents"))
    for document in token_map.documents:
        ids = tokens.read(document.first_token, document.num_tokens)
        assert ids[-1] == token_map.end_of_text
        assert model.decode(ids[:-1].tolist(), skip_special_tokens=False) == texts[document.document_id]
        assert token_map.end_of_text not in ids[:-1]
    assert sum(document.num_tokens for document in token_map.documents) == len(tokens)


def test_the_map_on_disk_is_the_map(corpus_of: CorpusOf, tmp_path: Path) -> None:
    token_map = tokenizer.build(recipe(), corpus_of(TEXTS), tmp_path / "out")
    assert open_tokens(tmp_path / "out").map == token_map


def test_the_ledger_counts_the_tokens_of_kept_documents(corpus_of: CorpusOf, tmp_path: Path) -> None:
    token_map = tokenizer.build(recipe(), corpus_of(TEXTS), tmp_path / "out")
    rows = read_ledger(tmp_path / "out" / "ledger.parquet")
    assert [row.tokens for row in rows if row.is_kept] == [document.num_tokens for document in token_map.documents]
    assert [row.tokens for row in rows if not row.is_kept] == [None]


def test_validation_documents_are_not_learned_from(corpus_of: CorpusOf, tmp_path: Path) -> None:
    corpus = corpus_of(TEXTS)
    token_map = tokenizer.build(recipe(share="0.3"), corpus, tmp_path / "out")
    held_back = {document.document_id for document in token_map.documents if document.split == "validation"}
    assert held_back
    learned = learn(
        [text for name, text in read_documents(corpus / "documents") if name not in held_back], vocab_size=300
    )
    assert learned.to_str(pretty=True) == (tmp_path / "out" / "tokenizer.json").read_text()


def test_number_of_threads_and_order_of_input_do_not_matter(corpus_of: CorpusOf, tmp_path: Path) -> None:
    corpus = corpus_of(TEXTS)
    tokenizer.build(recipe(), corpus, tmp_path / "here")
    code = (
        "import sys; from pathlib import Path; from glasswright import tokenizer;"
        "from glasswright.records.recipe import Recipe;"
        "tokenizer.build(Recipe.model_validate_json(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))"
    )
    for name, extra in (
        ("one", {"TOKENIZERS_PARALLELISM": "false"}),
        ("three", {"RAYON_NUM_THREADS": "3", "PYTHONHASHSEED": "3", "LC_ALL": "C"}),
    ):
        command = [sys.executable, "-c", code, recipe().model_dump_json(), str(corpus), str(tmp_path / name)]
        subprocess.run(command, check=True, env={**os.environ, **extra})
        assert _bytes(tmp_path / name) == _bytes(tmp_path / "here")


def test_a_changed_letter_changes_the_shards(corpus_of: CorpusOf, tmp_path: Path) -> None:
    tokenizer.build(recipe(), corpus_of(TEXTS), tmp_path / "a")
    tokenizer.build(recipe(), corpus_of([TEXTS[0].upper(), *TEXTS[1:]]), tmp_path / "b")
    assert _bytes(tmp_path / "a") != _bytes(tmp_path / "b")


def test_a_vocabulary_too_large_for_the_documents_is_an_error_that_says_the_largest(
    corpus_of: CorpusOf, tmp_path: Path
) -> None:
    corpus = corpus_of(TEXTS)
    with pytest.raises(Misuse, match=r"(\d+) can$") as caught:
        tokenizer.build(recipe(vocab_size=5000), corpus, tmp_path / "out")
    largest = int(str(caught.value).split()[-2])
    assert tokenizer.build(recipe(vocab_size=largest), corpus, tmp_path / "out").vocab_size == largest


def test_transformers_loads_it(corpus_of: CorpusOf, tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers", reason="did not run: transformers is not installed")
    tokenizer.build(recipe(), corpus_of(TEXTS), tmp_path / "out")
    theirs = transformers.AutoTokenizer.from_pretrained(tmp_path / "out")
    text = "the  quick\n\n brown 🦊 fox"
    ids = theirs(text)["input_ids"]
    assert ids == tokenizer.load(tmp_path / "out" / "tokenizer.json").encode(text).ids
    assert theirs.decode(ids) == text
    assert theirs.eos_token_id == 0


def test_shards_are_cut_at_their_size_and_read_across(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards_module, "MAX_SHARD_BYTES", 20)
    writer = ShardWriter(tmp_path, 1000)
    writer.append(list(range(25)))
    found = writer.finish()
    assert [shard.num_tokens for shard in found] == [10, 10, 5]
    tokens = TokenReader(None, [np.fromfile(tmp_path / s.path, "<u2") for s in found])  # type: ignore[arg-type]
    for first in range(25):
        for count in range(26 - first):
            assert tokens.read(first, count).tolist() == list(range(first, first + count))
    with pytest.raises(ValueError, match="there are 25"):
        tokens.read(20, 6)


def test_large_vocabularies_take_four_bytes() -> None:
    assert token_dtype(2**16) == "<u2"
    assert token_dtype(2**16 + 1) == "<u4"


def test_a_truncated_shard_is_refused(corpus_of: CorpusOf, tmp_path: Path) -> None:
    tokenizer.build(recipe(), corpus_of(TEXTS), tmp_path / "out")
    shard = tmp_path / "out" / "shards" / "00000.bin"
    shard.write_bytes(shard.read_bytes()[:-2])
    with pytest.raises(Misuse, match="expected .* bytes, found"):
        open_tokens(tmp_path / "out")


def test_a_file_that_is_no_tokenizer_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(Misuse, match="not a tokenizer"):
        tokenizer.load(tmp_path / "tokenizer.json")


def test_documents_that_are_not_the_ledgers_are_refused(corpus_of: CorpusOf, tmp_path: Path) -> None:
    corpus = corpus_of(TEXTS)
    shard = corpus / "documents" / "00000.jsonl"
    shard.write_bytes(b"".join(shard.read_bytes().splitlines(keepends=True)[1:]))
    with pytest.raises(Misuse, match="expected document"):
        tokenizer.build(recipe(), corpus, tmp_path / "out")


def _bytes(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(out.rglob("*.*")) if path.is_file()}
