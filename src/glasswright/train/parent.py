"""The model that training begins from: its files by their digests, and its weights, held to the record of them.

FOLDER                              a folder in Hugging Face's layout
RELEASE/model                       a release's, of whose root the record tells
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glasswright.errors import Misuse
from glasswright.foreign import size_of
from glasswright.model import huggingface
from glasswright.model.folder import ModelFolder
from glasswright.model.weights import Weights, files_of_weights
from glasswright.records.decoder import DecoderConfig
from glasswright.records.huggingface import from_hugging_face
from glasswright.records.parents import STATE_PREFIX, TOKENIZER_FILES, ParentFile, ParentModel, files_digest
from glasswright.records.progress import Report, of_bytes, silent
from glasswright.records.recipe import Parent
from glasswright.records.transcript import TensorDigest
from glasswright.train.digests import digests_of

CONFIG, GENERATION = "config.json", "generation_config.json"
PIECE_BYTES = 2**22


@dataclass(frozen=True, slots=True)
class ParentFolder:
    """Where a parent lies on this machine, and what is on record of it."""

    path: Path
    record: ParentModel

    def weights(self, config: DecoderConfig, report: Report = silent) -> Weights:
        """Its weights, as they are on record.

        Raises:  Misuse naming the key that config.json has otherwise than `config`, or the tensor that is another one.
        """
        found, weights = huggingface.read(model_folder(self.path), report)
        _require_same(config, found, self.path)
        recorded = {it.name: it for it in self.record.tensors}
        for it in _digests(weights):
            if recorded.get(it.name) != it:
                raise Misuse(
                    f"{self.path}: tensor {it.name.removeprefix(STATE_PREFIX)} is not the one on record",
                    hint="the parent has changed since; get the files again, or derive from it as it is now",
                )
        return Weights(weights.tensors)  # what becomes of them is written in binary32


def named(
    path: Path, *, name: str, license: str, revision: str | None = None, report: Report = silent
) -> tuple[Parent, DecoderConfig]:
    """The section of a recipe that names the model in a folder as its parent, and the model.

    Raises:  Misuse if it is no model that is read, or has no token that ends a text.
    """
    folder = ModelFolder(model_folder(path))
    config = from_hugging_face(folder.json(CONFIG), str(folder.path / CONFIG))
    if not config.ends_of_text:
        raise Misuse(f"{folder.path / CONFIG}: eos_token_id: expected the token that ends a text, found none")
    parent = Parent(
        name=name,
        path=path.resolve().name,
        revision=revision,
        license=license,
        files=files_digest(hashed_files(path, report)),
        max_positions=config.max_positions,
        begin_of_text=config.begin_of_text,
        ends_of_text=config.ends_of_text,
    )
    return parent, config


def model_folder(path: Path) -> Path:
    """Where in a parent's folder the model lies."""
    return path / "model" if (path / "release.json").is_file() else path


def describe(path: Path, parent: Parent, report: Report = silent) -> ParentModel:
    """Read a parent's files and put them on record.

    Raises:  Misuse if a file is not there or cannot be read, or they are not those that the recipe names.
    """
    files = hashed_files(path, report)
    if files_digest(files) != parent.files:
        raise Misuse(
            f"{path}: not the files that the recipe names as its parent's: expected {parent.files[:12]}, found "
            f"{files_digest(files)[:12]}",
            hint="the parent has changed since the recipe was written; `glasswright derive` writes one anew",
        )
    _, weights = huggingface.read(model_folder(path), report)
    return ParentModel(
        name=parent.name,
        revision=parent.revision,
        license=parent.license,
        release=release_root(path),
        files=files,
        tensors=_digests(weights),
    )


def hashed_files(path: Path, report: Report = silent) -> tuple[ParentFile, ...]:
    """The files that decide what a parent says, ordered by name."""
    folder = ModelFolder(model_folder(path))
    beside = (name for name in (GENERATION, *TOKENIZER_FILES) if folder.has(name))
    names = sorted({CONFIG, TOKENIZER_FILES[0], *beside, *files_of_weights(folder)})
    return tuple(_hashed(folder, name, report) for name in names)


def tokenizer_files(path: Path, record: ParentModel) -> Iterator[tuple[str, bytes]]:
    """What of a parent's files says how texts become tokens: (name, bytes).

    Raises:  Misuse if one is not the one on record.
    """
    folder = ModelFolder(model_folder(path))
    for file in record.files:
        if file.path in TOKENIZER_FILES:
            data = folder.read(file.path)
            if hashlib.sha256(data).hexdigest() != file.sha256:
                raise Misuse(f"{folder.path / file.path}: has changed while it was read", hint="run the command again")
            yield file.path, data


def release_root(path: Path) -> str | None:
    """The root of a parent that is a release: `verify` says whether it is what the root says."""
    if not (path / "release.json").is_file():
        return None
    root = json.loads((path / "release.json").read_bytes()).get("root")
    return root if isinstance(root, str) else None


def _digests(weights: Weights) -> tuple[TensorDigest, ...]:
    return digests_of({f"{STATE_PREFIX}{name}": tensor.numpy() for name, tensor in weights.tensors.items()})


def _hashed(folder: ModelFolder, name: str, report: Report) -> ParentFile:
    digest, size = hashlib.sha256(), 0
    with folder.opened(name) as file:
        total = size_of(file)
        while piece := file.read(PIECE_BYTES):
            digest.update(piece)
            size += len(piece)
            report(of_bytes("parent", size, total))
    return ParentFile(path=name, size_bytes=size, sha256=digest.hexdigest())


def _require_same(expected: DecoderConfig, found: DecoderConfig, path: Path) -> None:
    if found == expected:
        return
    said, there = (_flat(it) for it in (expected, found))
    key = next(key for key in sorted(said.keys() | there.keys()) if said.get(key) != there.get(key))
    raise Misuse(
        f"{path}: {key}: the recipe has {said.get(key)}, the parent {there.get(key)}",
        hint="a recipe with a parent has the parent's model; `glasswright derive` writes it",
    )


def _flat(config: DecoderConfig) -> dict[str, Any]:
    flat: dict[str, Any] = {
        key: getattr(config, key) for key in ("vocab_size", "max_positions", "begin_of_text", "ends_of_text")
    }
    _flatten(config.model.model_dump(mode="json"), "model.", flat)
    return flat


def _flatten(values: dict[str, Any], place: str, flat: dict[str, Any]) -> None:
    for key, value in values.items():
        if isinstance(value, dict):
            _flatten(value, f"{place}{key}.", flat)
        else:
            flat[place + key] = value
