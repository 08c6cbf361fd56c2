"""The text of some tokens of a document, and that it is the document's: the tokens spell what the ledger's row names.

Nothing is read but the documents asked for (and, for a conversation, those that are carried before it), so what is
shown of a step rests on the release root without all of `verify`.
"""

import hashlib
import mmap
from array import array
from collections.abc import Iterator, Sequence
from contextlib import closing

from glasswright.errors import ClaimFalse
from glasswright.records.ledger import LedgerRow
from glasswright.records.tokens import DocumentTokens
from glasswright.records.transcript import Span
from glasswright.verify.data import DOCUMENTS, SHARDS, carried_documents
from glasswright.verify.decode import EDITED
from glasswright.verify.evidence import Evidence
from glasswright.verify.folder import REPLACE
from glasswright.verify.talks import TalkLook, written


class Texts:
    """The texts of spans, each document read once."""

    def __init__(self, evidence: Evidence):
        self._evidence = evidence
        self._pieces: dict[int, list[bytes]] = {}

    def of(self, span: Span) -> str:
        """What the tokens of a span say. A character that the span cuts is shown as U+FFFD; the end of a text as
        nothing.

        Raises:  ClaimFalse if the release does not bear it out.
        """
        pieces = self._document(span.document)
        if not 0 <= span.start <= span.start + span.count <= len(pieces):
            raise ClaimFalse(
                f"tokens {span.start} to {span.start + span.count - 1} of a document of {len(pieces)}", hint=EDITED
            )
        return b"".join(pieces[span.start : span.start + span.count]).decode(errors="replace")

    def _document(self, place: int) -> list[bytes]:
        """The bytes of each of a document's tokens."""
        if place not in self._pieces:
            self._pieces[place] = self._read(place)
        return self._pieces[place]

    def _read(self, place: int) -> list[bytes]:
        token_map, row = self._evidence.token_map(), self._evidence.ledger().kept[place]
        if not place < len(token_map.documents):
            raise ClaimFalse(f"tokens/map.json: document {row.document_id:.12} is missing", hint=REPLACE)
        tokens = self._evidence.token_bytes()
        if self._evidence.recipe().learns != "texts":
            ids = self._ids(token_map.documents[place])
            self._require_talk(row, token_map.documents[place], ids)
            return [tokens[id_] for id_ in ids]
        *ids, last = self._ids(token_map.documents[place])
        if any(id_ >= len(tokens) for id_ in ids) or last != token_map.end_of_text:
            raise ClaimFalse(f"{SHARDS}: the tokens of document {row.document_id:.12} are none", hint=REPLACE)
        pieces = [tokens[id_] for id_ in ids]
        found = hashlib.sha256(b"".join(pieces)).hexdigest()
        if found != row.sha256:
            told = f"{SHARDS}: document {row.document_id:.12} ({row.path}): its tokens spell another text"
            raise ClaimFalse(told, hint=REPLACE)
        return [*pieces, b""]

    def _require_talk(self, row: LedgerRow, entry: DocumentTokens, ids: Sequence[int]) -> None:
        """That the tokens of a conversation spell what the template makes of the document."""
        evidence = self._evidence
        carried = ((where, text) for where, name, text in carried_documents(evidence) if name == row.document_id)
        where, text = next(carried, ("", b""))
        if hashlib.sha256(text).hexdigest() != row.sha256:
            raise ClaimFalse(f"{DOCUMENTS}: document {row.document_id:.12} ({row.path}): another text", hint=REPLACE)
        recipe, vocabulary = evidence.recipe(), evidence.vocabulary()
        ((_, conversations),) = written([(where, text)], recipe, evidence.template(), vocabulary)
        if any(id_ >= len(vocabulary.tokens) for id_ in ids):
            raise ClaimFalse(f"{SHARDS}: the tokens of document {row.document_id:.12} are none", hint=REPLACE)
        if (wrong := TalkLook(recipe, vocabulary)(entry, conversations, array("I", ids))) is not None:
            raise ClaimFalse(f"{where}: document {row.document_id:.12}: {wrong}", hint=REPLACE)

    def _ids(self, document: DocumentTokens) -> Sequence[int]:
        ids = [id_ for part in self._parts(document) for id_ in part]
        if len(ids) != document.num_tokens or not ids:
            told = f"{SHARDS}: {len(ids)} of the {document.num_tokens} tokens of document {document.document_id:.12}"
            raise ClaimFalse(told, hint=REPLACE)
        return ids

    def _parts(self, document: DocumentTokens) -> Iterator[list[int]]:
        """What each shard holds of the document."""
        first = 0  # token of the shard
        for shard in self._evidence.token_map().shards:
            begin = max(document.first_token - first, 0)
            end = min(document.first_token + document.num_tokens - first, shard.num_tokens)
            first += shard.num_tokens
            if begin >= end:
                continue
            with (
                self._evidence.folder.open(SHARDS + shard.path) as file,
                closing(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)) as data,
            ):
                width = shard.bytes_per_token
                some = data[begin * width : end * width]
                yield [int.from_bytes(some[at : at + width], "little") for at in range(0, len(some), width)]
