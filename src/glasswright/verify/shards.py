"""The shards spell the documents: every token stands for bytes, and those of a document are its text.

So what was trained on is what the ledger names. That the tokenizer's merges were applied in their order is not shown:
other tokens may spell the same text, and only a rebuild tells them apart.
"""

from array import array
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, zip_longest
from typing import TypeVar

from glasswright.errors import ClaimFalse
from glasswright.kernels import looking
from glasswright.records.tokens import DocumentTokens, TokenMap
from glasswright.verify.folder import REPLACE

Ids = Sequence[int]
T = TypeVar("T")


def check_shards(
    shards: Iterable[tuple[str, "memoryview[int]"]],
    documents: Iterable[tuple[str, bytes]],
    token_map: TokenMap,
    tokens: Sequence[bytes],
) -> None:
    """Check every id and every document of texts, in one pass.

    documents:  (place, text in UTF-8) of each that the map names, in its order
    tokens:     the bytes of each id: those of the end of text are in no text
    Raises:     as `check_each` does.
    """
    spelling = Spelling(tokens)

    def look(_: DocumentTokens, text: bytes, ids: Ids) -> str | None:
        wrong = spelling.wrong(text, ids[:-1])
        if wrong is None and ids[-1] != token_map.end_of_text:
            return f"token {len(ids) - 1}: id {ids[-1]}, and a document ends with the end of text"
        return wrong

    check_each(shards, documents, token_map, len(tokens), look)


def check_each(
    shards: Iterable[tuple[str, "memoryview[int]"]],
    documents: Iterable[tuple[str, T]],
    token_map: TokenMap,
    vocab_size: int,
    look: Callable[[DocumentTokens, T, Ids], str | None],
) -> None:
    """Look at every document with its ids.

    shards:     (path, its bytes) of each that the map names, in its order; `memoryview(mmap)` will do
    documents:  (place, what it is) of each that the map names, in its order
    look:       what is wrong with a document, if anything is
    Raises:     ClaimFalse naming the shard and the token, or the document and its token.
    """
    reader = _Reader(shards, token_map, vocab_size)
    for entry, document in zip_longest(token_map.documents, documents):
        if entry is None or document is None:
            raise ClaimFalse(
                f"tokens/map.json: {len(token_map.documents)} documents; "
                f"{'more' if entry is None else 'fewer'} are carried",
                hint=REPLACE,
            )
        where, what = document
        if (wrong := look(entry, what, reader.take(entry))) is not None:
            raise ClaimFalse(f"{where}: document {entry.document_id:.12}: {wrong}", hint=REPLACE)
    reader.require_end()


class _Reader:
    """The ids of all shards, a document at a time."""

    def __init__(self, shards: Iterable[tuple[str, "memoryview[int]"]], token_map: TokenMap, vocab_size: int):
        self._shards = zip(token_map.shards, shards, strict=False)
        self._vocab_size = vocab_size
        self._left = memoryview(b"")

    def take(self, document: DocumentTokens) -> Ids:
        """The document's ids."""
        num_left, parts = document.num_tokens, []
        if num_left < 1:
            raise ClaimFalse(f"tokens/map.json: document {document.document_id:.12}: {num_left} tokens", hint=REPLACE)
        while num_left > len(self._left):
            parts.append(self._left)
            num_left -= len(self._left)
            self._left = self._next(document)
        part, self._left = self._left[:num_left], self._left[num_left:]
        return array("I", (number for some in (*parts, part) for number in some)) if parts else part

    def require_end(self) -> None:
        """Raises:  ClaimFalse if there are ids of no document."""
        if len(self._left) or next(self._shards, None) is not None:
            raise ClaimFalse("tokens/shards: tokens beyond those of the last document", hint=REPLACE)

    def _next(self, document: DocumentTokens) -> "memoryview[int]":
        try:
            shard, (path, data) = next(self._shards)
        except StopIteration:
            told = f"tokens/shards: end within document {document.document_id:.12}"
            raise ClaimFalse(told, hint=REPLACE) from None
        if len(data) % shard.bytes_per_token:
            raise ClaimFalse(f"{path}: {len(data)} bytes, of {shard.bytes_per_token} a token", hint=REPLACE)
        ids = data.cast("H" if shard.bytes_per_token == 2 else "I")
        if (index := looking().first_not_below(ids, self._vocab_size)) >= 0:
            raise ClaimFalse(
                f"{path}: token {index}: id {ids[index]}, and the vocabulary has {self._vocab_size}", hint=REPLACE
            )
        return ids


class Spelling:
    """The bytes of every token, laid end to end."""

    def __init__(self, tokens: Sequence[bytes]):
        self._first_misspelt = looking().first_misspelt
        self._tokens, self._spelled = tokens, b"".join(tokens)
        self._ends = array("I", accumulate(map(len, tokens)))

    def wrong(self, text: bytes, ids: Ids, *, may_stop: bool = False) -> str | None:
        """Where the tokens do not spell the text, or, where they may stop before its end, its beginning."""
        found = self._first_misspelt(ids, self._ends, self._spelled, text)
        if found < 0 or (may_stop and found == len(ids)):
            return None
        at = sum(len(self._tokens[id_]) for id_ in ids[:found])
        if found == len(ids):
            return f"its {len(ids)} tokens end where the text goes on with {text[at : at + 40]!r}"
        token = self._tokens[ids[found]]
        there = text[at : at + len(token)]
        return f"token {found}: id {ids[found]} spells {token!r:.60}, the text has {there!r:.60}"
