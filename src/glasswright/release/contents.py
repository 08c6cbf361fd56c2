"""What a release folder holds, read back from its files, and the roots that follow."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from glasswright.attest.merkle import merkle_root
from glasswright.attest.tensors import tensor_digest, tensors_root
from glasswright.records.canonical import canonical_bytes, digest, parse
from glasswright.records.recipe import Recipe
from glasswright.records.release import Roots
from glasswright.records.tokens import TokenMap
from glasswright.records.transcript import Schedule, StateRecord, StepRecord, transcript_leaves
from glasswright.store import tensors
from glasswright.store.ledger import read_ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """One part of the kept documents."""

    num_documents: int
    num_bytes: int
    num_tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """The roots, and what the card and the report tell."""

    roots: Roots
    num_documents: int  # seen
    num_kept: int
    num_bytes: int  # of the kept documents' texts
    kept_by_license: tuple[tuple[str, int], ...]  # SPDX expression and number of documents, most first
    dropped_by_reason: tuple[tuple[str, int], ...]
    num_tokens: int  # in the shards
    train: Split
    validation: Split
    vocab_size: int
    num_parameters: int
    num_tokens_read: int  # by all training steps
    steps: tuple[StepRecord, ...]
    validations: tuple[tuple[int, str], ...]  # (step, bits per byte)
    num_states: int
    num_checkpoints: int


def read_contents(recipe: Recipe, folder: Path) -> Contents:
    """Read the files of the release being made in `folder`."""
    rows = read_ledger(folder / "corpus" / "ledger.parquet")
    kept = [row for row in rows if row.is_kept]
    token_map = TokenMap.from_record(_record(folder / "tokens" / "map.json"))
    schedule = Schedule.from_record(_record(folder / "transcript" / "schedule.json"))
    steps = [StepRecord.from_record(record) for record in _determined(folder / "transcript" / "steps.jsonl")]
    states = [StateRecord.from_record(record) for record in _determined(folder / "transcript" / "states.jsonl")]
    weights = tensors.load(folder / "model" / "model.safetensors")
    return Contents(
        roots=Roots(
            numerics=recipe.numerics,
            recipe=recipe.digest,
            ledger=merkle_root(canonical_bytes(row.record()) for row in rows),
            tokens=digest(token_map.record()),
            transcript=merkle_root(transcript_leaves(schedule, steps, states)),
            weights=tensors_root(
                tensor_digest(name, tensors.dtype_name(array), array.shape, array.reshape(-1).view("u1").data)
                for name, array in weights.items()
            ),
        ),
        num_documents=len(rows),
        num_kept=len(kept),
        num_bytes=sum(row.bytes for row in kept),
        kept_by_license=_counted(row.license or "" for row in kept),
        dropped_by_reason=_counted(row.reason for row in rows if not row.is_kept),
        num_tokens=sum(shard.num_tokens for shard in token_map.shards),
        train=_split(token_map, "train"),
        validation=_split(token_map, "validation"),
        vocab_size=token_map.vocab_size,
        num_parameters=sum(array.size for array in weights.values()),
        num_tokens_read=sum(step.num_tokens for step in steps),
        steps=tuple(steps),
        validations=tuple(
            (step.step, step.validation_bits_per_byte) for step in steps if step.validation_bits_per_byte is not None
        ),
        num_states=len(states),
        num_checkpoints=len(list(folder.glob("checkpoints/*.safetensors"))),
    )


def _split(token_map: TokenMap, name: str) -> Split:
    part = [document for document in token_map.documents if document.split == name]
    return Split(
        num_documents=len(part),
        num_bytes=sum(document.num_bytes for document in part),
        num_tokens=sum(document.num_tokens for document in part),
    )


def _record(path: Path) -> dict[str, object]:
    record: dict[str, object] = parse(path.read_bytes(), str(path))
    return record


def _determined(path: Path) -> list[dict[str, object]]:
    lines = path.read_bytes().splitlines()
    return [parse(line, f"{path}:{number}")["determined"] for number, line in enumerate(lines, start=1)]


def _counted(values: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(values).items(), key=lambda item: (-item[1], item[0])))
