"""How long a step takes here: a few steps of the recipe's own shape on random tokens, nothing saved."""

import tempfile
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import torch

from glasswright.model.weights import Weights
from glasswright.records.canonical import canonical_bytes
from glasswright.records.decoder import DecoderConfig
from glasswright.records.recipe import Recipe
from glasswright.records.tokens import DocumentTokens, TokenMap, TokenShard
from glasswright.train.effort import Effort
from glasswright.train.trainer import Trainer

NUM_TIMED_STEPS = 2


def probe(recipe: Recipe, *, effort: Effort) -> float:
    """Seconds per training step on this machine: the shortest of a few, after one to warm up."""
    num_steps = min(NUM_TIMED_STEPS + 1, recipe.train.num_steps)  # a short run has no schedule for more
    with tempfile.TemporaryDirectory(prefix="glasswright-probe-") as folder:
        write_tokens(Path(folder), recipe, num_steps=num_steps)
        with closing(Trainer(recipe, Path(folder), effort, _Zeros())) as trainer:
            return min(_timed(trainer, step) for step in range(1, num_steps + 1))


class _Zeros:
    """A parent whose weights nobody has read: a step takes as long with any."""

    def weights(self, config: DecoderConfig) -> Weights:
        return Weights({it.name: torch.zeros(it.shape) for it in config.parameters()})


def _timed(trainer: Trainer, step: int) -> float:
    started = time.perf_counter()
    trainer.step(step)
    return time.perf_counter() - started


def write_tokens(folder: Path, recipe: Recipe, *, num_steps: int) -> None:
    """Write a tokens folder of pseudo-random tokens, in documents that fill a sequence, enough for so many steps."""
    train, vocab_size = recipe.train, recipe.tokenizer.vocab_size
    num_documents, count = num_steps * train.batch_sequences, train.sequence_length + 1
    num_tokens, second = num_documents * count, count // 2 if recipe.learns == "preferences" else None
    token_N = np.random.default_rng(0).integers(vocab_size, size=num_tokens, dtype="<u4")
    (folder / "shards").mkdir()
    token_N.tofile(folder / "shards" / "00000.bin")
    token_map = TokenMap(
        tokenizer_sha256="",
        vocab_size=vocab_size,
        end_of_text=0,
        shards=(TokenShard(path="00000.bin", sha256="", num_tokens=num_tokens, bytes_per_token=4),),
        documents=tuple(
            DocumentTokens(
                document_id=f"{place}",
                split="train",
                first_token=place * count,
                num_tokens=count,
                num_bytes=count,
                second=second,
            )
            for place in range(num_documents)
        ),
    )
    (folder / "map.json").write_bytes(canonical_bytes(token_map.record()))
