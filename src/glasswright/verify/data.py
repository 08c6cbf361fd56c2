"""Steps 5 to 8: the recipe, the ledger, the documents, their tokens."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from glasswright.attest.merkle import root_of_hashes
from glasswright.errors import ClaimFalse, DigestMismatch
from glasswright.records.ledger import LedgerRow
from glasswright.records.private import PRIVATE
from glasswright.records.release import PARENTS_PART, PRIVATE_PART
from glasswright.records.tokens import DocumentTokens, TokenMap, TokenShard
from glasswright.verify.decode import EDITED, read_lines
from glasswright.verify.evidence import Evidence
from glasswright.verify.folder import REPLACE
from glasswright.verify.ledger import LEDGER
from glasswright.verify.ledger_rows import check_rows

DOCUMENTS = "corpus/documents/"
SHARDS = "tokens/shards/"
SPLIT_DIGITS = 13  # of the document id: docs/release.md, "tokens/"
TOLD = (
    "data-card.md",
    "data-card.svg",
    "croissant.json",
    "training-summary.md",
    "ab2013.md",
)  # written from the ledger, for people
CORPUS_FILES = ("corpus/ledger.parquet", "corpus/sources.json", *(f"corpus/{name}" for name in TOLD))


def recipe_is_named(evidence: Evidence) -> str:
    """recipe.yaml is the one behind the recipe's digest, the release's name and its numerics."""
    recipe, release = evidence.recipe(), evidence.release()
    evidence.require_part("recipe", recipe.digest, "recipe.yaml")
    if (recipe.name, recipe.numerics) != (release.name, release.roots.numerics):
        raise ClaimFalse(
            f"release.json: name {release.name!r} and numerics {release.roots.numerics}; the recipe says "
            f"{recipe.name!r} and {recipe.numerics}",
            hint=EDITED,
        )
    if (PARENTS_PART in release.roots.parts) != (recipe.parent is not None):
        told = (
            "names no parent, and a parent is a part" if recipe.parent is None else "names a parent, and none is a part"
        )
        raise ClaimFalse(f"release.json: parts: the recipe {told}", hint=EDITED)
    if (PRIVATE_PART in release.roots.parts) != (recipe.private is not None):
        told = "says nothing of private documents" if recipe.private is None else "says that its documents are private"
        raise ClaimFalse(f"release.json: parts: the recipe {told}", hint=EDITED)
    if recipe.private is None and os.path.lexists(evidence.folder.root / PRIVATE):
        raise ClaimFalse(f"{PRIVATE}: the recipe says nothing of private documents", hint=REPLACE)
    left_out = recipe.left_out()
    if left_out:
        return f"digest {recipe.digest}; keys of this version that it does not have: {', '.join(left_out)}"
    return f"digest {recipe.digest}, every key written out"


def ledger_is_named(evidence: Evidence) -> str:
    """The ledger's rows are in order, each id follows from its row, and they give the ledger's root."""
    ledger = evidence.ledger()
    found = root_of_hashes(ledger.hashes).hex()
    evidence.require_part("ledger", found, "corpus/ledger.parquet: Merkle root over its rows")
    return f"{len(ledger.hashes)} documents seen, {len(ledger.kept)} kept; root {found}"


def rows_agree(evidence: Evidence) -> str:
    """Every row agrees with itself, with the rows it names, and with the recipe's sources, licenses and rules."""
    rows = evidence.ledger().rows
    salt = evidence.salt() if evidence.recipe().private is not None else None
    check_rows(rows, evidence.recipe(), LEDGER, salt)
    return f"{len(rows)} rows"


def documents_are_the_kept_ones(evidence: Evidence) -> str:
    """Every document the ledger keeps is carried with the text of its row, and no other."""
    paths = evidence.listed(DOCUMENTS)
    beyond = [path for path in evidence.listed("corpus/") if path not in (*paths, *CORPUS_FILES)]
    if beyond:
        raise ClaimFalse(f"{beyond[0]}: a release's corpus holds no such file", hint=REPLACE)
    rows = iter(evidence.ledger().kept)
    num_bytes = 0
    for where, document_id, text in carried_documents(evidence):
        row = next(rows, None)
        _require_row(where, document_id, row)
        num_bytes += len(text)
        found = hashlib.sha256(text).hexdigest()
        if row is not None and (found, len(text)) != (row.sha256, row.bytes):
            what = f"{where}: document {document_id[:12]} ({row.path}, {len(text)} bytes; the ledger has {row.bytes})"
            raise DigestMismatch(what, recorded=row.sha256, found=found, hint=REPLACE)
    missing = next(rows, None)
    if missing is not None:
        raise ClaimFalse(f"{DOCUMENTS}: document {missing.document_id[:12]} ({missing.path}) is not carried")
    return f"{len(evidence.ledger().kept)} documents, {num_bytes:,} bytes of text"


def tokens_are_named(evidence: Evidence) -> str:
    """The token map has its digest, accounts for every kept document, and names the shards and tokenizer here."""
    token_map = evidence.token_map()
    found = hashlib.sha256(evidence.folder.read("tokens/map.json").removesuffix(b"\n")).hexdigest()  # it is canonical
    evidence.require_part("tokens", found, "tokens/map.json")
    _require_documents(token_map, evidence)
    for shard in token_map.shards:
        _require_shard(shard, token_map, evidence)
    _require_ends(token_map, evidence)
    named = {"tokens/map.json", evidence.transcript().reads_file, *(SHARDS + shard.path for shard in token_map.shards)}
    beyond = set(evidence.listed("tokens/")) - named
    if beyond:
        raise ClaimFalse(f"{min(beyond)}: the token map names no such file", hint=REPLACE)
    tokenizer = evidence.hashed_file("model/tokenizer.json").sha256 or ""
    if tokenizer != token_map.tokenizer_sha256:
        raise DigestMismatch("model/tokenizer.json", recorded=token_map.tokenizer_sha256, found=tokenizer)
    return f"{sum(shard.num_tokens for shard in token_map.shards):,} tokens; shards: {len(token_map.shards)}"


def carried_documents(evidence: Evidence) -> Iterator[tuple[str, str, bytes]]:
    """(place, document id, text in UTF-8) of every document carried."""
    for path in evidence.listed(DOCUMENTS):
        for where, record in read_lines(evidence.folder, path):
            if not isinstance(record, dict) or record.keys() != {"document_id", "text"}:
                raise ClaimFalse(f"{where}: expected document_id and text", hint=EDITED)
            if not all(isinstance(value, str) for value in record.values()):
                raise ClaimFalse(f"{where}: expected document_id and text to be texts", hint=EDITED)
            yield where, record["document_id"], _utf8(record["text"], where)


def _utf8(text: Any, where: str) -> bytes:
    try:
        return bytes(text.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise ClaimFalse(f"{where}: half of a surrogate pair, which is not a character", hint=EDITED) from error


def _require_row(where: str, document_id: str, row: LedgerRow | None) -> None:
    if row is None:
        raise ClaimFalse(f"{where}: document {document_id[:12]} is beyond the ledger's kept ones", hint=REPLACE)
    if document_id != row.document_id:
        raise ClaimFalse(
            f"{where}: expected document {row.document_id[:12]} ({row.path}), found {document_id[:12]}", hint=REPLACE
        )


def _require_documents(token_map: TokenMap, evidence: Evidence) -> None:
    """The map's documents are the kept rows, end to end, and split as the recipe says."""
    kept = evidence.ledger().kept
    if len(token_map.documents) != len(kept):
        raise ClaimFalse(f"tokens/map.json: {len(token_map.documents)} documents; the ledger keeps {len(kept)}")
    splits = expected_splits([row.document_id for row in kept], Fraction(evidence.recipe().tokens.validation_share))
    first_token = 0
    for row, split, found in zip(kept, splits, token_map.documents, strict=True):
        expected = DocumentTokens(
            document_id=row.document_id,
            split="validation" if split else "train",
            first_token=first_token,
            num_tokens=row.tokens or 0,
            num_bytes=row.bytes,
        )
        if evidence.recipe().learns != "texts":  # what of it is learned: the step `texts`
            expected = replace(expected, num_bytes=found.num_bytes, learned=found.learned, second=found.second)
        if found != expected or found.num_tokens < 1:
            raise ClaimFalse(f"tokens/map.json: document {row.document_id[:12]}: expected {expected}, found {found}")
        first_token += found.num_tokens
    num_tokens = sum(shard.num_tokens for shard in token_map.shards)
    if num_tokens != first_token:
        raise ClaimFalse(f"tokens/map.json: the documents have {first_token} tokens, the shards {num_tokens}")


def expected_splits(document_ids: list[str], validation_share: Fraction) -> list[bool]:
    """Which documents are held back: those whose id begins with a small number, but never all of them."""
    limit = validation_share * 16**SPLIT_DIGITS
    held_back = [int(document_id[:SPLIT_DIGITS], 16) < limit for document_id in document_ids]
    if all(held_back) and held_back:
        held_back[-1] = False
    return held_back


def _require_shard(shard: TokenShard, token_map: TokenMap, evidence: Evidence) -> None:
    found = evidence.hashed_file(SHARDS + shard.path)
    if found.sha256 != shard.sha256:
        raise DigestMismatch(SHARDS + shard.path, recorded=shard.sha256, found=found.sha256 or "", hint=REPLACE)
    width = 2 if token_map.vocab_size <= 2**16 else 4
    if (shard.bytes_per_token, shard.num_tokens * width) != (width, found.size_bytes):
        raise ClaimFalse(
            f"{SHARDS}{shard.path}: {shard.num_tokens} tokens of {shard.bytes_per_token} bytes are recorded; "
            f"found {found.size_bytes} bytes, and a vocabulary of {token_map.vocab_size} takes {width} a token"
        )


def _require_ends(token_map: TokenMap, evidence: Evidence) -> None:
    """The vocabulary is the recipe's, and the last token of each document is the end-of-text token: of a text."""
    if token_map.vocab_size != evidence.recipe().tokenizer.vocab_size:
        raise ClaimFalse(f"tokens/map.json: vocab_size {token_map.vocab_size} is not the recipe's")
    if evidence.recipe().learns != "texts":
        return
    documents = iter(token_map.documents)
    document, first = next(documents, None), 0
    for shard in token_map.shards:
        width = shard.bytes_per_token
        with evidence.folder.open(SHARDS + shard.path) as file:
            while document is not None and (last := document.first_token + document.num_tokens - 1 - first) < (
                shard.num_tokens
            ):
                file.seek(last * width)
                if int.from_bytes(file.read(width), "little") != token_map.end_of_text:
                    raise ClaimFalse(f"{SHARDS}{shard.path}: document {document.document_id[:12]} has no end of text")
                document = next(documents, None)
        first += shard.num_tokens
