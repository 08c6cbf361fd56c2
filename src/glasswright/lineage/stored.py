"""A model as it lies in files: safetensors, one or many, in a folder or alone; or one GGUF file.

Nothing is loaded. What the headers say is held against the files before any tensor is read, and then one tensor is
read at a time, so a checkpoint that is larger than memory is looked at as well.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from gguf import GGMLQuantizationType

from glasswright.errors import Misuse, Unknown
from glasswright.foreign import NotRead, gguf, opened, size_of
from glasswright.lineage.narrow import widened
from glasswright.model import weights
from glasswright.model.folder import ModelFolder
from glasswright.records.decoder import DecoderConfig
from glasswright.records.families import family_of
from glasswright.records.huggingface import from_hugging_face

CONFIG = "config.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensor:
    """Where a tensor lies, in which type. The shape is as NumPy has it, the longest stride first."""

    file: str
    kind: str
    shape: tuple[int, ...]
    offset: int
    size_bytes: int


@dataclass(frozen=True)
class Stored:
    """A model's files. `path` is as the user named it; `header` is that of a GGUF file."""

    path: Path
    files: ModelFolder
    tensors: Mapping[str, Tensor]
    header: gguf.Header | None = None

    def raw(self, name: str) -> np.ndarray:
        """A tensor's bytes.

        Raises:  Misuse if the file does not hold them any more.
        """
        tensor = self.tensors[name]
        data = np.empty(tensor.size_bytes, np.uint8)
        with self.files.opened(tensor.file) as file:
            file.seek(tensor.offset)
            if file.readinto(data.data) != tensor.size_bytes:  # type: ignore[attr-defined]
                raise Misuse(f"{self.files.path / tensor.file}: truncated while it was read")
        return data

    def numbers(self, name: str) -> np.ndarray:
        """A tensor's numbers in float32: exactly, or as `gguf` decodes them.

        Raises:  Unknown if its type is none that becomes float32 without a change.
        """
        tensor = self.tensors[name]
        return widened(self.raw(name), tensor.kind, self.where(name)).reshape(tensor.shape)

    def where(self, name: str) -> str:
        """A tensor in words."""
        return f"{self.path}: tensor {name!r}"

    def find(self, name: str) -> str | None:
        """The name under which a parameter is stored: some writers leave out the first part, or add one."""
        if name in self.tensors:
            return name
        shorter = name.partition(".")[2]
        if shorter in self.tensors:
            return shorter
        return self._longer.get(name)

    @cached_property
    def _longer(self) -> dict[str, str]:
        return {name.partition(".")[2]: name for name in self.tensors}

    @cached_property
    def config(self) -> DecoderConfig:
        """The description of the model in a folder.

        Raises:  Unknown if there is none, or one of a family that is not supported.
        """
        if self.header is not None or not self.files.has(CONFIG):
            raise Unknown(f"{self.path}: there is no {CONFIG}, so what its tensors are is not known")
        try:
            return from_hugging_face(self.files.json(CONFIG), str(self.files.path / CONFIG))
        except Misuse as error:
            raise Unknown(str(error), hint=error.hint) from error

    def parameter(self, name: str) -> np.ndarray:
        """The numbers of a parameter that the description names.

        Raises:  Unknown if no tensor is stored for it.
        """
        found = self.find(name)
        if found is None:
            raise Unknown(f"{self.path}: tensor {name!r} is not there")
        return self.numbers(found)

    def is_unused(self, name: str) -> bool:
        """Whether nothing is computed with a tensor, by what its family says."""
        try:
            model = self.config.model
        except Unknown:
            return False
        return family_of(model.family).is_unused(name, model.num_layers)


def read_stored(path: Path, *, weights_file: str | None = None) -> Stored:
    """A model by a folder (a release, or one in Hugging Face's layout), a safetensors file or a GGUF file.

    weights_file:  the one file of the folder to read, where it is not called as a model's are

    Raises:  Misuse naming the file that is not there or not sound.
    """
    if path.is_dir():
        folder = ModelFolder(path / "model" if (path / "release.json").is_file() else path)
        found = weights.stored_in(folder, weights_file) if weights_file else weights.stored_weights(folder)
        return Stored(path, folder, _from_safetensors(found))
    files = ModelFolder(path.parent)
    with _named(path) as file:
        is_gguf = file.read(len(gguf.MAGIC)) == gguf.MAGIC
    if is_gguf:
        return _from_gguf(path, files)
    return Stored(path, files, _from_safetensors(weights.stored_in(files, path.name)))


@contextmanager
def _named(path: Path) -> Iterator[BinaryIO]:
    try:
        with opened(path) as file:
            yield file
    except NotRead as error:
        raise Misuse(str(error), hint="name a model folder, a safetensors file or a GGUF file") from error


def _from_safetensors(stored: Mapping[str, weights.Stored]) -> dict[str, Tensor]:
    return {
        name: Tensor(
            file=it.file, kind=it.place.dtype, shape=it.place.shape, offset=it.offset, size_bytes=it.place.size_bytes
        )
        for name, it in stored.items()
    }


def _from_gguf(path: Path, files: ModelFolder) -> Stored:
    with _named(path) as file:
        header = gguf.Header(file, size_of(file), is_whole=True)
        try:
            header.read()
            start = gguf.require_apart(header)
        except (gguf.Wrong, gguf.Unread) as error:
            raise Misuse(f"{path}: not a sound GGUF file: {error}", hint="fetch it again") from error
    tensors: dict[str, Tensor] = {}
    for it in header.tensors:
        if it.name in tensors:
            raise Misuse(f"{path}: not a sound GGUF file: tensor {it.name[:80]!r} stands twice", hint="fetch it again")
        tensors[it.name] = Tensor(
            file=path.name,
            kind=_kind(it.kind),
            shape=it.shape[::-1],
            offset=start + it.begins_at,
            size_bytes=gguf.size_bytes_of(it),
        )
    return Stored(path, files, tensors, header)


def _kind(number: Any) -> str:
    try:
        return GGMLQuantizationType(number).name
    except ValueError:
        return f"type {number}"
