"""What a release folder holds, read back from its files, and the roots that follow."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from glasswright.attest.merkle import merkle_root
from glasswright.attest.parts import files_root
from glasswright.attest.salted import blinded
from glasswright.attest.tensors import CHUNK_BYTES, tensor_digest_of_hashes, tensors_root
from glasswright.records.canonical import canonical_bytes, digest, parse
from glasswright.records.outcome import outcome_of
from glasswright.records.parents import PARENTS, ParentModel, Parents
from glasswright.records.private import BLINDED, PRIVATE, SALT
from glasswright.records.recipe import Recipe
from glasswright.records.release import (
    BESIDE_MODEL_PART,
    PARENTS_PART,
    PRIVATE_PART,
    FileEntry,
    Manifest,
    Roots,
    weights_of,
)
from glasswright.records.tokens import TokenMap
from glasswright.records.transcript import StateRecord, StepRecord
from glasswright.store import tensors
from glasswright.store.ledger import read_ledger
from glasswright.store.transcript import TRANSCRIPT, read_transcript


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
    not_read: tuple[tuple[str, int], ...]  # end of the name and number of files, of kinds that are not read
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
    parents: tuple[ParentModel, ...]


def read_contents(recipe: Recipe, folder: Path, manifest: Manifest) -> Contents:
    """Read the files of the release being made in `folder`, whose digests are in `manifest`."""
    entries = {entry.path: entry for entry in manifest.files}
    rows = read_ledger(folder / "corpus" / "ledger.parquet")
    kept = [row for row in rows if row.is_kept]
    token_map = TokenMap.from_record(parse((folder / "tokens" / "map.json").read_bytes(), "tokens/map.json"))
    events = [event for event, _ in read_transcript(folder / TRANSCRIPT)]
    steps = tuple(event for event in events if isinstance(event, StepRecord))
    weights = tensors.load(folder / weights_of(recipe))
    return Contents(
        roots=Roots(
            numerics=recipe.numerics,
            parts=_salted(
                folder,
                {
                    "ledger": merkle_root(canonical_bytes(row.record()) for row in rows),
                    "model": _model_root(entries),
                    "recipe": recipe.digest,
                    "tokens": digest(token_map.record()),
                    "transcript": merkle_root(canonical_bytes(event.record()) for event in events),
                    "weights": _weights_root(weights, entries[weights_of(recipe)]),
                }
                | _root_of_file(folder, PARENTS, PARENTS_PART)
                | _root_of_file(folder, PRIVATE, PRIVATE_PART),
            ),
        ),
        num_documents=len(rows),
        num_kept=len(kept),
        num_bytes=sum(row.bytes for row in kept),
        kept_by_license=_counted(row.license or "" for row in kept),
        dropped_by_reason=_counted(row.reason for row in rows if not row.is_kept),
        not_read=outcome_of(rows).not_read,
        num_tokens=sum(shard.num_tokens for shard in token_map.shards),
        train=_split(token_map, "train"),
        validation=_split(token_map, "validation"),
        vocab_size=token_map.vocab_size,
        num_parameters=sum(array.size for array in weights.values()),
        num_tokens_read=sum(step.num_tokens for step in steps),
        steps=steps,
        validations=tuple(
            (step.step, step.validation_bits_per_byte) for step in steps if step.validation_bits_per_byte is not None
        ),
        num_states=sum(isinstance(event, StateRecord) for event in events),
        num_checkpoints=len(list(folder.glob("checkpoints/*.safetensors"))),
        parents=_parents(folder),
    )


def _root_of_file(folder: Path, name: str, part: str) -> dict[str, str]:
    """The part that is the digest of one record, of a release that has it."""
    path = folder / name
    return {part: digest(parse(path.read_bytes(), name))} if path.exists() else {}


def _salted(folder: Path, parts: dict[str, str]) -> dict[str, str]:
    """The parts as they are stated: of a private release those that follow from the documents are salted."""
    if not (folder / SALT).exists():
        return parts
    salt = (folder / SALT).read_bytes()
    return parts | {name: blinded(salt, name, parts[name]) for name in BLINDED}


def _parents(folder: Path) -> tuple[ParentModel, ...]:
    path = folder / PARENTS
    return Parents.from_record(parse(path.read_bytes(), PARENTS)).parents if path.exists() else ()


def _model_root(entries: dict[str, FileEntry]) -> str:
    files = (entry for path, entry in entries.items() if path.startswith("model/") and path not in BESIDE_MODEL_PART)
    return files_root({entry.path: entry.sha256 or "" for entry in files})


def _weights_root(weights: dict[str, np.ndarray], entry: FileEntry) -> str:
    """The root of the weights from the chunks that their file's entry lists."""
    hashes = map(bytes.fromhex, (entry.chunks or ())[1:])
    return tensors_root(
        tensor_digest_of_hashes(
            name, tensors.dtype_name(array), array.shape, islice(hashes, -(-array.nbytes // CHUNK_BYTES))
        )
        for name, array in weights.items()
    )


def _split(token_map: TokenMap, name: str) -> Split:
    part = [document for document in token_map.documents if document.split == name]
    return Split(
        num_documents=len(part),
        num_bytes=sum(document.num_bytes for document in part),
        num_tokens=sum(document.num_tokens for document in part),
    )


def _counted(values: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(values).items(), key=lambda item: (-item[1], item[0])))
