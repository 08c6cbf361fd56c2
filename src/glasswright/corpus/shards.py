"""The files of the sources, cut in shards that any worker can read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from glasswright.corpus.found import Opened
from glasswright.corpus.sources.files import Entry

SHARD_BYTES = 2**22  # a longer file is a shard of its own
SHARD_FILES = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """Some files of one source."""

    number: int  # among all shards of the recipe
    source: int  # place of the source in the recipe
    files: tuple[Entry, ...]


def shards(opened: Sequence[Opened]) -> list[Shard]:
    """The files of all sources, in order; a source without files has none."""
    runs = [(source, run) for source, one in enumerate(opened) for run in _runs(one.files)]
    return [Shard(number=number, source=source, files=run) for number, (source, run) in enumerate(runs)]


def _runs(files: Sequence[Entry]) -> Iterator[tuple[Entry, ...]]:
    run: list[Entry] = []
    room = SHARD_BYTES
    for file in files:
        run.append(file)
        room -= file.num_bytes
        if room <= 0 or len(run) == SHARD_FILES:
            yield tuple(run)
            run, room = [], SHARD_BYTES
    if run:
        yield tuple(run)
