"""The weights of a model folder, read into float32 tensors: every one that is wanted, and no other.

    model.safetensors                      one file, or
    model.safetensors.index.json           {"weight_map": {TENSOR: FILE}}: shards beside it

What the files say is held against what is wanted before any memory is taken. Then each tensor is read once, in pieces,
into the place it stays in: no other copy of it exists at any time, and nothing is mapped that could change later.
"""

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NoReturn

import numpy as np
import torch

from glasswright.errors import Misuse
from glasswright.kernels import native
from glasswright.model.folder import A_MODEL, ModelFolder
from glasswright.records.progress import Report, of_bytes, silent
from glasswright.store import tensors
from glasswright.store.floats import HALVES, widen

ONE_FILE = "model.safetensors"
INDEX = "model.safetensors.index.json"
PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
MAX_SHARDS = 10_000
PIECE = 2**17  # elements read at a time: they stay in the processor's cache until they lie where they belong


@dataclass(frozen=True, slots=True)
class Stored:
    """A tensor of a file: where it lies, and in what type."""

    file: str
    place: tensors.Place
    offset: int  # of its first byte


@dataclass(slots=True)
class Weights:
    """Tensors by name, in float32.

    halves:    those that were stored in 16 bits, with their type
    left_out:  what is stored and not read
    """

    tensors: dict[str, torch.Tensor] = field(default_factory=dict)
    halves: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


def read_weights(
    folder: ModelFolder,
    wanted: Mapping[str, tuple[int, ...]],
    *,
    file: str | None = None,
    is_unused: Callable[[str], bool] = lambda name: False,  # noqa: ARG005
    prefix: str = "",
    same: Mapping[str, str] | None = None,
    report: Report = silent,
) -> Weights:
    """Read the tensors that are wanted, by name and shape.

    file:       that they lie in, if it is none of a model's
    is_unused:  whether some writers store a name that nothing is computed with
    prefix:     of names, which some writers leave out
    same:       names that some writers store as well, each with the wanted tensor that it has to be equal to

    Raises:  Misuse naming the file, and the tensor, that is missing, unexpected, of another shape or type, unequal, or
             holds NaN or an infinity.
    """
    same = same or {}
    stored = _with_prefix(stored_in(folder, file) if file else stored_weights(folder), prefix, wanted)
    left_out = [name for name in stored if name not in wanted and is_unused(name)]
    for name in left_out:
        del stored[name]
    _require_what_is_wanted(folder.path, stored, wanted, same)
    weights = Weights(halves={name: stored[name].place.dtype for name in wanted if stored[name].place.dtype in HALVES})
    weights.left_out = left_out
    done, total = 0, sum(it.place.size_bytes for it in stored.values())
    for file, names in _by_file(stored).items():
        with folder.opened(file) as opened:
            for name in names:
                report(of_bytes("read", done, total))
                if name in wanted:
                    weights.tensors[name] = _filled(opened, stored[name], folder.path)
                done += stored[name].place.size_bytes
    report(of_bytes("read", total, total))
    for name in same.keys() & stored.keys():
        with folder.opened(stored[name].file) as opened:
            _require_same(opened, stored[name], weights.tensors[same[name]], same[name], folder.path)
    return weights


def files_of_weights(folder: ModelFolder) -> set[str]:
    """The files that a folder's weights lie in, and the index of several.

    Raises:  Misuse if there are none, or the index is none.
    """
    found = {it.file for it in stored_weights(folder).values()}
    return found if folder.has(ONE_FILE) else {INDEX, *found}


def stored_weights(folder: ModelFolder) -> dict[str, Stored]:
    """Everything that the folder's files hold, by name.

    Raises:  Misuse naming the file that is missing or not sound.
    """
    if folder.has(ONE_FILE):
        return stored_in(folder, ONE_FILE)
    if not folder.has(INDEX):
        _refuse_nothing(folder)
    weight_map = folder.json(INDEX).get("weight_map")
    where = folder.path / INDEX
    if not isinstance(weight_map, dict) or not all(isinstance(file, str) for file in weight_map.values()):
        raise Misuse(f"{where}: weight_map: expected an object of tensors and their files")
    files = sorted(set(weight_map.values()))
    if len(files) > MAX_SHARDS:
        raise Misuse(f"{where}: {len(files)} files, where at most {MAX_SHARDS} are read")
    stored: dict[str, Stored] = {}
    for file in files:
        found = stored_in(folder, file)
        for name in found.keys() & stored.keys():
            raise Misuse(f"{where}: tensor {name!r} is in {stored[name].file} and in {file}")
        stored |= found
    for name, file in weight_map.items():
        if name not in stored or stored[name].file != file:
            raise Misuse(f"{folder.path / file}: tensor {name!r} is missing", hint=f"{INDEX} says that it is there")
    return stored


def stored_in(folder: ModelFolder, file: str) -> dict[str, Stored]:
    """Everything that one of its files holds, by name.

    Raises:  Misuse naming the file, if it is not there or not sound.
    """
    with folder.opened(file) as opened:
        places, start = tensors.read_places(opened, str(folder.path / file))
    return {place.name: Stored(file, place, start + place.begin) for place in places}


def _refuse_nothing(folder: ModelFolder) -> NoReturn:
    pickles = [path.name for pattern in PICKLES for path in folder.path.glob(pattern)]
    if pickles:
        raise Misuse(
            f"{folder.path / min(pickles)}: a pickle, which can run code as it is read, is not loaded",
            hint="convert it to safetensors where it may do harm to nothing (`save_pretrained` of transformers writes "
            "that); `glasswright scan FOLDER` says what is in it",
        )
    raise Misuse(f"{folder.path}: neither {ONE_FILE} nor {INDEX} is there", hint=A_MODEL)


def _with_prefix(stored: dict[str, Stored], prefix: str, wanted: Container[str]) -> dict[str, Stored]:
    """The same by the names wanted, where none of the file's begins with the prefix."""
    if not prefix or any(name.startswith(prefix) for name in stored):
        return stored
    return {name if name in wanted else prefix + name: it for name, it in stored.items()}


def _require_what_is_wanted(
    folder: Path, stored: Mapping[str, Stored], wanted: Mapping[str, tuple[int, ...]], same: Mapping[str, str]
) -> None:
    shapes = {**wanted, **{name: wanted[other] for name, other in same.items()}}
    for name, it in stored.items():
        where = f"{folder / it.file}: tensor {name!r}"
        if name not in shapes:
            raise Misuse(f"{where} is not one of this architecture", hint="config.json and the weights disagree")
        if it.place.shape != shapes[name]:
            raise Misuse(
                f"{where}: expected shape {shapes[name]}, found {it.place.shape}",
                hint="config.json and the weights disagree",
            )
        if it.place.dtype not in ("F32", *HALVES):
            raise Misuse(
                f"{where}: expected F32, BF16 or F16, found {it.place.dtype}",
                hint="it does not become binary32 without a change; take the model's files before they were quantized",
            )
    missing = [name for name in wanted if name not in stored]
    if missing:
        raise Misuse(f"{folder}: tensor {missing[0]!r} is missing", hint=f"{len(missing)} are missing in all")


def _by_file(stored: Mapping[str, Stored]) -> dict[str, list[str]]:
    """The names in each file, in the order they lie in."""
    names: dict[str, list[str]] = {}
    for name, it in sorted(stored.items(), key=lambda item: item[1].offset):
        names.setdefault(it.file, []).append(name)
    return names


def _filled(file: BinaryIO, stored: Stored, folder: Path) -> torch.Tensor:
    tensor = torch.empty(stored.place.shape)
    flat = tensor.numpy().reshape(-1)
    for begin, piece in _pieces(file, stored, folder):
        flat[begin : begin + len(piece)] = piece
    return tensor


def _require_same(file: BinaryIO, stored: Stored, other: torch.Tensor, name: str, folder: Path) -> None:
    flat = other.numpy().reshape(-1)
    for begin, piece in _pieces(file, stored, folder):
        if not np.array_equal(flat[begin : begin + len(piece)].view(np.uint32), piece.view(np.uint32)):
            raise Misuse(
                f"{folder / stored.file}: tensor {stored.place.name!r} is not equal to {name!r}",
                hint="config.json says that the two are one (`tie_word_embeddings`)",
            )


def _pieces(file: BinaryIO, stored: Stored, folder: Path) -> Iterator[tuple[int, np.ndarray]]:
    """A tensor's elements in float32, piece by piece, each in the same memory as the one before."""
    num_elements = int(np.prod(stored.place.shape, dtype=np.int64))
    wide = np.empty(min(PIECE, num_elements), np.float32)
    raw = wide if stored.place.dtype == "F32" else np.empty(wide.shape, np.uint16)
    file.seek(stored.offset)
    for begin in range(0, num_elements, PIECE):
        length = min(PIECE, num_elements - begin)
        if file.readinto(raw[:length].view(np.uint8).data) != raw.itemsize * length:  # type: ignore[attr-defined]
            raise Misuse(f"{folder / stored.file}: truncated while it was read")
        if raw is not wide:
            widen(raw[:length], stored.place.dtype, wide[:length])
        _require_finite(wide[:length], begin, stored, folder)
        yield begin, wide[:length]


def _require_finite(piece: np.ndarray, begin: int, stored: Stored, folder: Path) -> None:
    at = native().first_not_finite(piece)
    if at >= 0:
        index = [int(i) for i in np.unravel_index(begin + at, stored.place.shape)]
        raise Misuse(
            f"{folder / stored.file}: tensor {stored.place.name!r}: {piece[at]} at {index}",
            hint="a weight is a number; get the file again, or ask who made it",
        )
