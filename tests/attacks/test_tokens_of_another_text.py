"""The shards hold tokens that do not spell the documents; token map and every root fit."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.attacks.forging import change, refused, reroot


def _beyond(ids: Any) -> None:
    ids[17] = 300


def _far_beyond(ids: Any) -> None:
    ids[17] = 65535


def _another(ids: Any) -> None:
    ids[17] = 5 if ids[17] != 5 else 6


def _swapped(ids: Any) -> None:
    place = int(np.flatnonzero(ids[:-1] != ids[1:])[3])
    ids[place], ids[place + 1] = ids[place + 1], ids[place]


def _end_within(ids: Any) -> None:
    ids[17] = 0


def forge(release: Path, edit: Callable[[Any], None] = _another) -> None:
    """Edit the ids of the one shard."""
    path = release / "tokens" / "shards" / "00000.bin"
    ids = np.fromfile(path, "<u2")
    edit(ids)
    ids.tofile(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    change(release / "tokens" / "map.json", lambda token_map: token_map["shards"][0].update(sha256=digest))
    reroot(release)


EDITS = [
    (_beyond, r"token 17: .*300"),
    (_far_beyond, r"token 17: .*65535"),
    (_another, r"document [0-9a-f]{12}"),
    (_swapped, r"document [0-9a-f]{12}"),
    (_end_within, r"document [0-9a-f]{12}"),
]


@pytest.mark.parametrize(("edit", "evidence"), EDITS, ids=[edit.__name__[1:] for edit, _ in EDITS])
def test_tokens_that_do_not_spell_the_documents(release: Path, edit: Callable[[Any], None], evidence: str) -> None:
    forge(release, edit)
    refused(release, step="texts", evidence=evidence)
