"""Token ids to files: documents one after the other, cut into shards of equal size."""

import hashlib
from pathlib import Path

import numpy as np

from glasswright.records.tokens import TokenShard
from glasswright.store.atomic import write_atomic

MAX_SHARD_BYTES = 64 * 2**20


def token_dtype(vocab_size: int) -> np.dtype[np.unsignedinteger]:
    """The smallest unsigned type, little endian, that holds every id of a vocabulary."""
    return np.dtype("<u2") if vocab_size <= 2**16 else np.dtype("<u4")


class ShardWriter:
    """Appends token ids; a full shard goes to disk at once."""

    def __init__(self, folder: Path, vocab_size: int):
        self._folder = folder
        self._dtype = token_dtype(vocab_size)
        self._pending = bytearray()
        self.shards: list[TokenShard] = []
        self.num_tokens = 0
        folder.mkdir(parents=True, exist_ok=True)
        for stale in folder.glob("*.bin"):
            stale.unlink()

    def append(self, ids: list[int]) -> None:
        self._pending += np.array(ids, dtype=self._dtype).tobytes()
        self.num_tokens += len(ids)
        while len(self._pending) >= MAX_SHARD_BYTES:
            self._write(MAX_SHARD_BYTES)

    def finish(self) -> tuple[TokenShard, ...]:
        """Write what is left; the shards of the whole."""
        if self._pending:
            self._write(len(self._pending))
        return tuple(self.shards)

    def _write(self, size: int) -> None:
        data = bytes(self._pending[:size])
        del self._pending[:size]
        name = f"{len(self.shards):05d}.bin"
        write_atomic(self._folder / name, data)
        self.shards.append(
            TokenShard(
                path=name,
                sha256=hashlib.sha256(data).hexdigest(),
                num_tokens=size // self._dtype.itemsize,
                bytes_per_token=self._dtype.itemsize,
            )
        )
