"""What is stated of the files of a folder by the files around them."""

from functools import cached_property
from pathlib import Path

from glasswright.corpus.evidence.tree import MAX_EVIDENCE_BYTES, Tree
from glasswright.corpus.sources.files import read, walk


class Surroundings:
    """The evidence files below a folder, whichever of its files are read as documents."""

    def __init__(self, root: Path):
        self._root = root.absolute()

    def __getstate__(self) -> dict[str, Path]:
        return {"_root": self._root}  # another process reads the evidence itself

    @cached_property
    def tree(self) -> Tree:
        """Raises:  Misuse if the folder cannot be listed."""
        files = {entry.path: entry for entry in walk(self._root) if entry.reason is None}
        return Tree(files, lambda path: read(files[path], MAX_EVIDENCE_BYTES))
