"""The two things that workers do: read shards of files, and examine batches of documents.

Reading decides about every document: what may be used waits in batches to be examined, the rest has its row already.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from glasswright.corpus.batches import Batches, Incoming
from glasswright.corpus.decide import decide
from glasswright.corpus.examine import Examiner
from glasswright.corpus.found import Inventory, Reader
from glasswright.corpus.shards import Shard
from glasswright.records.ledger import LedgerRow
from glasswright.records.recipe import Corpus, Source
from glasswright.store.ledger import ledger_table

BATCH_BYTES = 2**22  # of UTF-8: examined, it takes some 300 MB


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads shards; yields the number of bytes as they come in."""

    sources: Sequence[Source]
    readers: Sequence[Reader]  # one a source
    rules: Corpus
    batches: Batches

    def __call__(self, shard: Shard) -> Iterator[int]:
        cutter, inventory = _Cutter(self.batches), Inventory()
        source = self.sources[shard.source]
        reached = 0
        for found in self.readers[shard.source](shard.files, inventory):
            if cutter.add(decide(found, source, self.rules), found.text):
                yield inventory.num_bytes - reached
                reached = inventory.num_bytes
        cutter.close()
        yield inventory.num_bytes - reached
        incoming = Incoming(dropped=ledger_table(cutter.dropped), keys=cutter.keys, files=inventory.files)
        self.batches.put_read(shard.number, incoming)


class _Cutter:
    """The rows of a shard, cut into batches on disk. Memory holds the dropped rows and one batch."""

    def __init__(self, batches: Batches):
        self.dropped: list[LedgerRow] = []
        self.keys: dict[str, int] = {}  # of each batch, the number of its documents
        self._batches = batches
        self._rows: list[LedgerRow] = []
        self._texts: list[str] = []
        self._room = BATCH_BYTES

    def add(self, row: LedgerRow, text: str | None) -> bool:
        """Take a row; its text is to be examined if nothing speaks against it so far. True where a batch ends."""
        if row.is_kept:
            assert text is not None
            self._rows.append(row)
            self._texts.append(text)
        else:
            self.dropped.append(row)
        self._room -= row.bytes
        if self._room > 0:
            return False
        self.close()
        return True

    def close(self) -> None:
        """What comes next begins a new batch."""
        if self._rows:
            self.keys[self._batches.put(self._rows, self._texts)] = len(self._rows)
        self._rows, self._texts, self._room = [], [], BATCH_BYTES


@dataclass(frozen=True, slots=True)
class Examining:
    """Examines batches, each named by its key; yields the number of documents."""

    batches: Batches
    examiner: Examiner

    def __call__(self, key: str) -> Iterator[int]:
        yield self.batches.examine(key, self.examiner)
