"""Documents to token shards.

1. split the kept documents into train and validation
2. learn the vocabulary from the train split; where the recipe has a parent, take the parent's
3. encode every document, in the order of the ledger: a text with the end of text behind it, a conversation as the
   parent's chat template writes it
4. write tokenizer, shards, map and the ledger with every document's number of tokens
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from glasswright.errors import Misuse
from glasswright.records.canonical import canonical_bytes
from glasswright.records.conversations import Talk
from glasswright.records.ledger import LedgerRow
from glasswright.records.progress import Progress, Report, silent
from glasswright.records.recipe import Recipe
from glasswright.records.tokens import DocumentTokens, Split, TokenMap
from glasswright.store.atomic import write_atomic
from glasswright.store.documents import read_documents, write_documents
from glasswright.store.ledger import read_ledger, write_ledger
from glasswright.tokenizer.encoded import Encoded, joined
from glasswright.tokenizer.fitting import Fitting
from glasswright.tokenizer.learn import config, end_of_text, learn, load
from glasswright.tokenizer.parent import ParentTokenizer
from glasswright.tokenizer.shards import ShardWriter
from glasswright.tokenizer.split import splits
from glasswright.tokenizer.turns import Turns

BATCH_BYTES = 2**22
REPORTED = 2**10  # documents from one report to the next
TOO_LONG, REPEATS_TOO_LONG = "too_long", "repeats_too_long"  # why a row of the ledger is dropped here


def build(recipe: Recipe, corpus: Path, out: Path, *, parent: Path | None = None, report: Report = silent) -> TokenMap:
    """Write tokenizer.json, tokenizer_config.json, shards/, map.json and ledger.parquet to `out`.

    corpus:  the folder that `corpus.collect` or `corpus.restore` wrote
    parent:  where the recipe has one, a folder with its tokenizer's files, which are written as they are. Documents
             that are too long may be dropped here: then the ledger says so, and `out` has documents/ without them

    Raises:  Misuse if no document is kept, or one cannot be written, or is longer than the recipe allows.
    """
    rows = read_ledger(corpus / "ledger.parquet")
    kept = [row for row in rows if row.is_kept]
    if not kept:
        raise Misuse(f"{corpus}: no document is kept", hint="`glasswright corpus show` gives the reasons")
    out.mkdir(parents=True, exist_ok=True)
    report(Progress(what="tokenizer", done=0, total=len(kept), unit="documents"))
    made = _learned(recipe, corpus, kept, out) if parent is None else _parents(recipe, parent, corpus, kept, out)
    writer = ShardWriter(out / "shards", recipe.tokenizer.vocab_size)
    documents = _written(made, kept, writer, recipe, report)
    token_map = TokenMap(
        tokenizer_sha256=hashlib.sha256((out / "tokenizer.json").read_bytes()).hexdigest(),
        vocab_size=recipe.tokenizer.vocab_size,
        end_of_text=made.end_of_text,
        shards=writer.finish(),
        documents=documents,
    )
    _write_ledger(rows, kept, documents, corpus, out)
    write_atomic(out / "map.json", canonical_bytes(token_map.record()) + b"\n")
    return token_map


@dataclass(frozen=True, slots=True)
class _Made:
    """What documents become: none where one is dropped for its length."""

    end_of_text: int
    encoded: Iterator[Encoded | None]
    fitting: Fitting | None = None


def _learned(recipe: Recipe, corpus: Path, kept: list[LedgerRow], out: Path) -> _Made:
    """By a tokenizer that is learned here."""
    split_of = splits([row.document_id for row in kept], recipe.tokens.validation_share)
    learned = learn(_train_texts(corpus, kept, split_of), vocab_size=recipe.tokenizer.vocab_size)
    write_atomic(out / "tokenizer.json", learned.to_str(pretty=True).encode())
    write_atomic(out / "tokenizer_config.json", config())
    tokenizer = load(out / "tokenizer.json")

    def ids(texts: list[str]) -> list[list[int]]:
        return [encoding.ids for encoding in tokenizer.encode_batch_fast(texts, add_special_tokens=False)]

    last = end_of_text(tokenizer)
    return _Made(last, _of_texts(_texts(corpus, kept), ids, last))


def _parents(recipe: Recipe, parent: Path, corpus: Path, kept: list[LedgerRow], out: Path) -> _Made:
    """By the tokenizer of the recipe's parent."""
    assert recipe.parent is not None, "a parent's folder comes with a recipe that has one"
    tokenizer, last = ParentTokenizer(parent, recipe.tokenizer.vocab_size), recipe.parent.ends_of_text[0]
    tokenizer.carry(out)
    texts = _texts(corpus, kept)
    if recipe.learns == "texts":
        return _Made(last, _of_texts(texts, tokenizer.texts, last))
    fitting = Fitting(recipe.train.sequence_length, recipe.tokens.too_long)
    places = (f"{row.source}:{row.path}" for row in kept)
    return _Made(last, _of_talks(places, texts, tokenizer, fitting), fitting)


def _of_texts(texts: Iterator[str], ids: Callable[[list[str]], list[list[int]]], last: int) -> Iterator[Encoded]:
    for batch in _batches(texts):
        for text, found in zip(batch, ids(batch), strict=True):
            yield Encoded(ids=[*found, last], num_bytes=len(text.encode()))


def _of_talks(
    places: Iterator[str], texts: Iterator[str], tokenizer: ParentTokenizer, fitting: Fitting
) -> Iterator[Encoded | None]:
    turns = Turns(tokenizer)
    for batch in _batches(texts):
        documents = [(next(places), Talk.from_text(text)) for text in batch]
        for (where, _), conversations in zip(documents, turns.said(documents), strict=True):
            fitted = fitting.fitted(where, conversations)
            yield None if fitted is None else joined(fitted, tokenizer.num_bytes)
    fitting.require()


def _written(
    made: _Made, kept: list[LedgerRow], writer: ShardWriter, recipe: Recipe, report: Report
) -> tuple[DocumentTokens, ...]:
    """The documents, whose tokens are written; which are held back is seen when it is known which there are."""
    documents: list[DocumentTokens] = []
    for number, (row, found) in enumerate(zip(kept, made.encoded, strict=True), start=1):
        if found is not None:
            documents.append(
                DocumentTokens(
                    document_id=row.document_id,
                    split="train",
                    first_token=writer.num_tokens,
                    num_tokens=len(found.ids),
                    num_bytes=found.num_bytes,
                    learned=found.learned,
                    second=found.second,
                )
            )
            writer.append(found.ids)
        if number % REPORTED == 0:
            report(Progress(what="tokenizer", done=number, total=len(kept), unit="documents"))
    told = "" if made.fitting is None else made.fitting.told
    report(Progress(what="tokenizer", done=len(kept), total=len(kept), unit="documents", note=told, is_news=bool(told)))
    if not documents:
        raise Misuse(f"every conversation is {told}", hint="make train.sequence_length longer")
    split_of = splits([document.document_id for document in documents], recipe.tokens.validation_share)
    return tuple(replace(document, split=split) for document, split in zip(documents, split_of, strict=True))


def _write_ledger(
    rows: list[LedgerRow], kept: list[LedgerRow], documents: Sequence[DocumentTokens], corpus: Path, out: Path
) -> None:
    """The ledger with the number of tokens; where documents were dropped as too long, the texts of the others too."""
    num_tokens = {document.document_id: document.num_tokens for document in documents}
    gone = {row.document_id for row in kept} - num_tokens.keys()
    if gone:
        texts = zip(kept, _texts(corpus, kept), strict=True)
        write_documents(
            out / "documents", ((row.document_id, text) for row, text in texts if row.document_id not in gone)
        )

    def counted(row: LedgerRow) -> LedgerRow:
        if row.document_id in gone:
            return replace(row, decision="drop", reason=TOO_LONG)
        if row.duplicate_of in gone:
            return replace(row, reason=REPEATS_TOO_LONG)
        return replace(row, tokens=num_tokens.get(row.document_id))

    write_ledger(out / "ledger.parquet", map(counted, rows))


def _train_texts(corpus: Path, kept: list[LedgerRow], split_of: list[Split]) -> Iterator[str]:
    for split, text in zip(split_of, _texts(corpus, kept), strict=True):
        if split == "train":
            yield text


def _texts(corpus: Path, kept: list[LedgerRow]) -> Iterator[str]:
    """The texts of the kept rows, in their order."""
    documents = read_documents(corpus / "documents")
    for row in kept:
        document_id, text = next(documents, (None, ""))
        if document_id != row.document_id:
            raise Misuse(
                f"{corpus}: expected document {row.document_id[:12]}, found {(document_id or 'none')[:12]}",
                hint="ledger and documents are not of one corpus; collect it again",
            )
        yield text


def _batches(texts: Iterator[str]) -> Iterator[list[str]]:
    """Texts in lists of about BATCH_BYTES, so that memory stays bounded and threads have work."""
    batch: list[str] = []
    room = BATCH_BYTES
    for text in texts:
        batch.append(text)
        room -= len(text)
        if room <= 0:
            yield batch
            batch, room = [], BATCH_BYTES
    if batch:
        yield batch
