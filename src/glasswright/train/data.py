"""Token ids from memory-mapped shards."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from glasswright.errors import DigestMismatch, Misuse
from glasswright.records.canonical import parse
from glasswright.records.tokens import TokenMap
from glasswright.records.transcript import Span


class TokenReader:
    """The tokens of a folder that holds `map.json` and its shards."""

    def __init__(self, folder: Path):
        self.map = TokenMap.from_record(parse((folder / "map.json").read_bytes(), str(folder / "map.json")))
        self._shards = [
            _map_shard(folder / "shards" / s.path, s.num_tokens, s.bytes_per_token) for s in self.map.shards
        ]
        self._ends = np.cumsum([shard.num_tokens for shard in self.map.shards])

    def read(self, spans: Iterable[Span]) -> np.ndarray:
        """The token ids of the spans, end to end: int64."""
        pieces = [piece for span in spans for piece in self._pieces(span)]
        return np.concatenate(pieces).astype(np.int64)

    def _pieces(self, span: Span) -> Iterator[np.ndarray]:
        first = self.map.documents[span.document].first_token + span.start
        count = span.count
        at = int(np.searchsorted(self._ends, first, side="right"))
        while count:
            shard = self._shards[at]
            start = first - int(self._ends[at] - len(shard))
            piece = shard[start : start + count]
            yield piece
            first, count, at = first + len(piece), count - len(piece), at + 1


def _map_shard(path: Path, num_tokens: int, bytes_per_token: int) -> np.ndarray:
    if not path.is_file():
        raise Misuse(f"{path}: the token shard is missing", hint="build again; what is stale is made anew")
    expected = num_tokens * bytes_per_token
    if path.stat().st_size != expected:
        raise DigestMismatch(
            str(path), recorded=f"{expected} bytes", found=f"{path.stat().st_size} bytes", hint="build again"
        )
    return np.memmap(path, dtype=f"<u{bytes_per_token}", mode="r")
