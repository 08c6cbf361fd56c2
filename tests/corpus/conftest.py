"""A corpus from a few files, as the tests write it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from glasswright.corpus import collect
from glasswright.records.ledger import LedgerRow
from glasswright.records.recipe import Corpus, Recipe
from glasswright.store.documents import read_documents
from glasswright.store.ledger import read_ledger


class Collected:
    """What `collect` wrote, ready to be looked at."""

    def __init__(self, out: Path):
        self.out = out
        self.rows: list[LedgerRow] = read_ledger(out / "ledger.parquet")
        self.by_path = {row.path: row for row in self.rows}
        self.texts = dict(read_documents(out / "documents"))

    def reason(self, path: str) -> str:
        return self.by_path[path].reason

    def text(self, path: str) -> str:
        return self.texts[self.by_path[path].document_id]


@pytest.fixture
def collected(tmp_path: Path) -> Callable[..., Collected]:
    """`collected({"a.txt": b"..."}, license="MIT")` writes the files below a folder and collects them."""

    def run(files: dict[str, bytes], *, rules: dict[str, Any] | None = None, **source: Any) -> Collected:
        root = tmp_path / "in"
        for path, data in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
        source = {"name": "here", "kind": "folder", "path": "in", **source}
        recipe = Recipe(name="test", sources=[source], corpus=Corpus(**(rules or {})))  # type: ignore[arg-type]
        collect(recipe, base=tmp_path, out=tmp_path / "out")
        return Collected(tmp_path / "out")

    return run
