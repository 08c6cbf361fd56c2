"""The kept documents' texts: `documents/00000.jsonl`, ... in the order of the ledger.

One JSON line a document, {"document_id": ..., "text": ...} in canonical form, in shards of at most 64 MiB (a longer
document has a shard to itself), so the same documents are always the same bytes.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from glasswright.errors import Misuse
from glasswright.records.canonical import canonical_bytes
from glasswright.store.atomic import atomic_file

MAX_SHARD_BYTES = 64 * 2**20


def write_documents(folder: Path, documents: Iterable[tuple[str, str]]) -> None:
    """Write (document id, text) pairs, in the order given, to shards in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("*.jsonl"):
        stale.unlink()
    with ExitStack() as shards:
        shard: BinaryIO | None = None
        num_shards, room = 0, 0
        for document_id, text in documents:
            line = canonical_bytes({"document_id": document_id, "text": text}) + b"\n"
            if shard is None or len(line) > room:
                shards.pop_all().close()
                shard = shards.enter_context(atomic_file(folder / f"{num_shards:05d}.jsonl"))
                num_shards, room = num_shards + 1, MAX_SHARD_BYTES
            shard.write(line)
            room -= len(line)


def read_documents(folder: Path) -> Iterator[tuple[str, str]]:
    """The (document id, text) pairs of the shards in `folder`, one at a time.

    Raises:  Misuse if there are no shards or a line is not a document.
    """
    shards = sorted(folder.glob("*.jsonl"))
    if not shards:
        raise Misuse(f"{folder}: no documents here", hint="expected 00000.jsonl, 00001.jsonl, ...")
    for shard in shards:
        with shard.open("rb") as file:
            for number, line in enumerate(file, start=1):
                try:
                    record = json.loads(line)
                    yield record["document_id"], record["text"]
                except (ValueError, KeyError, TypeError) as error:
                    raise Misuse(
                        f"{shard}:{number}: not a document: {error}", hint="the file was edited or damaged"
                    ) from error
