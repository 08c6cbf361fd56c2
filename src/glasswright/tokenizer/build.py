"""Documents to token shards.

1. split the kept documents into train and validation
2. learn the vocabulary from the train split
3. encode every document, in the order of the ledger, each with <|endoftext|> at its end
4. write tokenizer, shards, map and the ledger with every document's number of tokens
"""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tokenizers import Tokenizer

from glasswright.errors import Misuse
from glasswright.records.canonical import canonical_bytes
from glasswright.records.ledger import LedgerRow
from glasswright.records.parents import TOKENIZER_FILES
from glasswright.records.progress import Progress, Report, silent
from glasswright.records.recipe import Recipe
from glasswright.records.tokens import DocumentTokens, Split, TokenMap
from glasswright.store.atomic import write_atomic
from glasswright.store.documents import read_documents
from glasswright.store.ledger import read_ledger, write_ledger
from glasswright.tokenizer.learn import config, end_of_text, learn, load
from glasswright.tokenizer.shards import ShardWriter
from glasswright.tokenizer.split import splits

BATCH_BYTES = 2**22


def build(recipe: Recipe, corpus: Path, out: Path, *, parent: Path | None = None, report: Report = silent) -> TokenMap:
    """Write tokenizer.json, tokenizer_config.json, shards/, map.json and ledger.parquet to `out`.

    corpus:  the folder that `corpus.collect` or `corpus.restore` wrote
    """
    rows = read_ledger(corpus / "ledger.parquet")
    kept = [row for row in rows if row.is_kept]
    if not kept:
        raise Misuse(f"{corpus}: no document is kept", hint="`glasswright corpus show` gives the reasons")
    split_of = splits([row.document_id for row in kept], recipe.tokens.validation_share)
    out.mkdir(parents=True, exist_ok=True)
    report(Progress(what="tokenizer", done=0, total=len(kept), unit="documents", note="learning the vocabulary"))
    if parent is None:
        learned = learn(_train_texts(corpus, kept, split_of), vocab_size=recipe.tokenizer.vocab_size)
        text = learned.to_str(pretty=True).encode()
        write_atomic(out / "tokenizer.json", text)
        write_atomic(out / "tokenizer_config.json", config())
    else:
        for name in TOKENIZER_FILES:
            if (parent / name).exists():
                write_atomic(out / name, (parent / name).read_bytes())
        text = (out / "tokenizer.json").read_bytes()
    tokenizer = load(out / "tokenizer.json")
    writer = ShardWriter(out / "shards", recipe.tokenizer.vocab_size)
    documents = _encode(tokenizer, corpus, kept, split_of, writer, report)
    token_map = TokenMap(
        tokenizer_sha256=hashlib.sha256(text).hexdigest(),
        vocab_size=recipe.tokenizer.vocab_size,
        end_of_text=end_of_text(tokenizer),
        shards=writer.finish(),
        documents=tuple(documents),
    )
    num_tokens = {document.document_id: document.num_tokens for document in documents}
    write_ledger(out / "ledger.parquet", (replace(row, tokens=num_tokens.get(row.document_id)) for row in rows))
    write_atomic(out / "map.json", canonical_bytes(token_map.record()) + b"\n")
    return token_map


def _train_texts(corpus: Path, kept: list[LedgerRow], split_of: list[Split]) -> Iterator[str]:
    for split, text in zip(split_of, _texts(corpus, kept), strict=True):
        if split == "train":
            yield text


def _encode(
    tokenizer: Tokenizer,
    corpus: Path,
    kept: list[LedgerRow],
    split_of: list[Split],
    writer: ShardWriter,
    report: Report,
) -> list[DocumentTokens]:
    last = end_of_text(tokenizer)
    documents: list[DocumentTokens] = []
    for texts in _batches(_texts(corpus, kept)):
        for encoding in tokenizer.encode_batch_fast(texts, add_special_tokens=False):
            row, split = kept[len(documents)], split_of[len(documents)]
            ids = [*encoding.ids, last]
            documents.append(
                DocumentTokens(
                    document_id=row.document_id,
                    split=split,
                    first_token=writer.num_tokens,
                    num_tokens=len(ids),
                    num_bytes=row.bytes,
                )
            )
            writer.append(ids)
        report(Progress(what="tokenizer", done=len(documents), total=len(kept), unit="documents"))
    return documents


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
