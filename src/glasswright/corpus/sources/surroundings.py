"""What is stated of the files of a folder by the files around them."""

from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path

from glasswright.corpus.evidence.tree import MAX_EVIDENCE_BYTES, Tree
from glasswright.corpus.sources.files import Entry, read, walk


class Surroundings:
    """The evidence files of a source, whichever of its files are read as documents."""

    def __init__(self, listed: Callable[[], list[Entry]]):
        self._listed = listed

    @classmethod
    def below(cls, root: Path) -> "Surroundings":
        """Those below a folder."""
        return cls(partial(walk, root.absolute()))

    def __getstate__(self) -> dict[str, Callable[[], list[Entry]]]:
        return {"_listed": self._listed}  # another process reads the evidence itself

    @cached_property
    def tree(self) -> Tree:
        """Raises:  Misuse if the files cannot be listed. One that cannot be read stops the source when it is asked:
        who knows what it says."""
        files = {entry.path: entry for entry in self._listed() if entry.reason is None}
        return Tree(files, lambda path: read(files[path], MAX_EVIDENCE_BYTES))
