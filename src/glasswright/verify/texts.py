"""Step 10: what was trained on is what the ledger names, token by token."""

import mmap
from collections.abc import Iterator
from contextlib import ExitStack

from glasswright.verify.data import SHARDS, carried_documents
from glasswright.verify.evidence import Evidence
from glasswright.verify.shards import check_shards


def tokens_spell(evidence: Evidence) -> str:
    """The tokenizer is byte-level BPE of the recipe's size; each document's tokens stand for the bytes of its text."""
    tokens, token_map = evidence.token_bytes(), evidence.token_map()
    documents = ((where, text) for where, _, text in carried_documents(evidence))
    with ExitStack() as mapped:
        check_shards(_shards(evidence, mapped), documents, token_map, tokens)
    num_tokens = sum(shard.num_tokens for shard in token_map.shards)
    return f"{len(tokens)} tokens, {len(tokens) - 257} of them by merges; {num_tokens:,} spell the documents"


def _shards(evidence: Evidence, mapped: ExitStack) -> Iterator[tuple[str, "memoryview[int]"]]:
    """The shards of the token map, each mapped when it is reached."""
    for shard in evidence.token_map().shards:
        path = SHARDS + shard.path
        file = mapped.enter_context(evidence.folder.open(path))
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        yield path, memoryview(data)
