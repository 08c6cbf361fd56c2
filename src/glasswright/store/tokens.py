"""Token ids from disk: memory-mapped, so a step reads only what it trains on."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from glasswright.errors import Misuse
from glasswright.records.canonical import parse
from glasswright.records.tokens import TokenMap
from glasswright.records.transcript import Span

HINT = "the folder is damaged; build the tokens again"


class TokenReader:
    """The shards of a corpus as one run of token ids."""

    def __init__(self, token_map: TokenMap, shards: Sequence[npt.NDArray[Any]]):
        self.map = token_map
        self._shards = shards
        self._starts = np.cumsum([0, *(len(shard) for shard in shards)])

    def __len__(self) -> int:
        return int(self._starts[-1])

    def read(self, first: int, count: int) -> npt.NDArray[np.int64]:
        """Tokens `first` to `first + count - 1`.

        Raises:  ValueError if they are not all there.
        """
        if first < 0 or count < 0 or first + count > len(self):
            raise ValueError(f"tokens {first} to {first + count - 1}: there are {len(self)}")
        result = np.empty(count, dtype=np.int64)
        done = 0
        shard = int(np.searchsorted(self._starts, first, side="right")) - 1
        while done < count:
            start = first + done - int(self._starts[shard])
            piece = self._shards[shard][start : start + count - done]
            result[done : done + len(piece)] = piece
            done += len(piece)
            shard += 1
        return result

    def read_spans(self, spans: Iterable[Span]) -> npt.NDArray[np.int64]:
        """The tokens of spans of documents, end to end."""
        starts = ((self.map.documents[span.document].first_token + span.start, span.count) for span in spans)
        return np.concatenate([self.read(first, count) for first, count in starts])


def open_tokens(folder: Path) -> TokenReader:
    """The tokens that `build` wrote to `folder`: map.json and shards/.

    Raises:  Misuse if the map is absent or damaged, or a shard is absent or of another size.
    """
    try:
        data = (folder / "map.json").read_bytes()
    except OSError as error:
        raise Misuse(f"{folder / 'map.json'}: cannot be read: {error.strerror}", hint=HINT) from error
    token_map = TokenMap.from_record(parse(data, str(folder / "map.json")))
    shards = []
    for shard in token_map.shards:
        path = folder / "shards" / shard.path
        expected = shard.num_tokens * shard.bytes_per_token
        found = path.stat().st_size if path.is_file() else None
        if found != expected:
            told = "no such file" if found is None else f"found {found}"
            raise Misuse(f"{path}: expected {expected} bytes, {told}", hint=HINT)
        shards.append(np.memmap(path, dtype=f"<u{shard.bytes_per_token}", mode="r"))
    return TokenReader(token_map, shards)
