"""A run small enough for every test: two layers of width 16, tokens from a counter."""

from pathlib import Path

import numpy as np
import pytest

from glasswright.records.canonical import canonical_bytes
from glasswright.records.recipe import Recipe
from glasswright.records.tokens import DocumentTokens, TokenMap, TokenShard

VOCAB_SIZE = 300
DOCUMENT_TOKENS = (70, 5, 131, 33, 90, 64, 1, 200)  # the last two are for validation


@pytest.fixture
def recipe() -> Recipe:
    """A recipe whose batch of six sequences has three leaves, so that the tree has an odd node."""
    return Recipe.model_validate(
        {
            "name": "micro",
            "seed": 5,
            "sources": [{"name": "none", "kind": "python-docs"}],
            "tokenizer": {"vocab_size": VOCAB_SIZE},
            "model": {
                "hidden_size": 16,
                "num_layers": 2,
                "num_heads": 4,
                "num_kv_heads": 2,
                "intermediate_size": 24,
            },
            "train": {
                "num_steps": 7,
                "sequence_length": 12,
                "batch_sequences": 6,
                "leaf_sequences": 2,
                "segment_steps": 3,
                "schedule": {"warmup_steps": 2, "decay_steps": 3},
            },
        }
    )


@pytest.fixture
def tokens(tmp_path: Path) -> Path:
    """A tokens folder: pseudo-random ids in two shards."""
    folder = tmp_path / "tokens"
    (folder / "shards").mkdir(parents=True)
    num_tokens = sum(DOCUMENT_TOKENS)
    token_N = np.random.default_rng(1).integers(VOCAB_SIZE, size=num_tokens, dtype="<u2")
    cut = 100
    token_N[:cut].tofile(folder / "shards" / "00000.bin")
    token_N[cut:].tofile(folder / "shards" / "00001.bin")
    starts = np.cumsum((0, *DOCUMENT_TOKENS))
    token_map = TokenMap(
        tokenizer_sha256="",
        vocab_size=VOCAB_SIZE,
        end_of_text=0,
        shards=(
            TokenShard(path="00000.bin", sha256="", num_tokens=cut, bytes_per_token=2),
            TokenShard(path="00001.bin", sha256="", num_tokens=num_tokens - cut, bytes_per_token=2),
        ),
        documents=tuple(
            DocumentTokens(
                document_id=f"{place:064x}",
                split="validation" if place >= len(DOCUMENT_TOKENS) - 2 else "train",
                first_token=int(starts[place]),
                num_tokens=count,
                num_bytes=3 * count,
            )
            for place, count in enumerate(DOCUMENT_TOKENS)
        ),
    )
    (folder / "map.json").write_bytes(canonical_bytes(token_map.record()))
    return folder
