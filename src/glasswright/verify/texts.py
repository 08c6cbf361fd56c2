"""Step 10: what was trained on is what the ledger names, token by token."""

import mmap
from collections.abc import Iterator
from contextlib import ExitStack

from glasswright.verify.data import SHARDS, carried_documents
from glasswright.verify.evidence import Evidence
from glasswright.verify.shards import check_each, check_shards
from glasswright.verify.talks import TalkLook, written


def tokens_spell(evidence: Evidence) -> str:
    """The tokenizer is the recipe's or its parent's; each document's tokens stand for the bytes of its text, or of what
    the parent's chat template makes of it, and what is learned of that is what the assistant says."""
    token_map = evidence.token_map()
    num_tokens = sum(shard.num_tokens for shard in token_map.shards)
    with ExitStack() as mapped:
        shards = _shards(evidence, mapped)
        if evidence.recipe().parent is None:
            tokens = evidence.token_bytes()
            check_shards(shards, _documents(evidence), token_map, tokens)
            return f"{len(tokens)} tokens, {len(tokens) - 257} of them by merges; {num_tokens:,} spell the documents"
        if evidence.recipe().learns == "texts":
            check_shards(shards, _texts(evidence), token_map, evidence.token_bytes())
            return f"the parent's tokenizer; {num_tokens:,} tokens spell the documents"
        return _talks_are_spelled(evidence, shards, num_tokens)


def _talks_are_spelled(evidence: Evidence, shards: Iterator[tuple[str, "memoryview[int]"]], num_tokens: int) -> str:
    recipe, token_map, vocabulary = evidence.recipe(), evidence.token_map(), evidence.vocabulary()
    documents = written(_documents(evidence), recipe, evidence.template(), vocabulary)
    check_each(shards, documents, token_map, len(vocabulary.tokens), TalkLook(recipe, vocabulary))
    num_learned = sum(count for document in token_map.documents for _, count in document.learned or ())
    told = f"the parent's tokenizer and chat template; {num_tokens:,} tokens spell the {recipe.learns}"
    return f"{told}, {num_learned:,} of them are learned: what the assistant says"


def _documents(evidence: Evidence) -> Iterator[tuple[str, bytes]]:
    return ((where, text) for where, _, text in carried_documents(evidence))


def _texts(evidence: Evidence) -> Iterator[tuple[str, bytes]]:
    """The texts, each one that the parent's tokens spell."""
    for where, text in _documents(evidence):
        evidence.vocabulary().require_read(text.decode(), where)
        yield where, text


def _shards(evidence: Evidence, mapped: ExitStack) -> Iterator[tuple[str, "memoryview[int]"]]:
    """The shards of the token map, each mapped when it is reached."""
    for shard in evidence.token_map().shards:
        path = SHARDS + shard.path
        file = mapped.enter_context(evidence.folder.open(path))
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        yield path, memoryview(data)
