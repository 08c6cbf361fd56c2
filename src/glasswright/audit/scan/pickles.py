"""Pickle files: what a load would import and call, in them and in the pickles that lie in their own bytes.

PROVED needs all of it: every opcode read, every import on a list of safe names, nothing behind the last pickle, and no
extension code or persistent id, which mean whatever the loader has agreed on. torch agrees on storages.
"""

import io
import re
from dataclasses import dataclass, field
from typing import Any

from glasswright.audit.scan.bounds import named
from glasswright.audit.scan.encoded import unfolded
from glasswright.audit.scan.item import Item
from glasswright.audit.scan.kinds import NAMED, PROTOCOLS
from glasswright.audit.scan.opcodes import Machine, may_be_opcodes
from glasswright.audit.scan.pickle_names import judged
from glasswright.audit.scan.pickle_values import Broken, Heard, Name
from glasswright.audit.scan.says import proved, refuted, unknown
from glasswright.records.verdict import Finding

MAX_PICKLE_BYTES = 2**26
MAX_PICKLES = 10_000  # one behind the other in a file
MAX_DEPTH = 3  # pickles in the bytes of a pickle
MAX_PLACES = 200  # where in some bytes a pickle may begin
MAX_INNER_OPCODES = 4_000_000  # of all of those in a file
MAX_INNER_BYTES = 2**20
MAX_BYTES_AMONG_NUMBERS = 2**16  # of a pickle that begins somewhere in other bytes
TORCH_MAGIC = 0x1950A86A20F9469CFC6C  # the first of the five pickles in a file that torch wrote before it took to zip
NUM_PICKLES_OF_TORCH = 5
BEGINNING = re.compile(rb"\x80[\x02-\x05]")
PICKLE_NAMES = next(ends for ends, kinds in NAMED if kinds[0] == "pickle")
LOADS_BYTES = Name("torch.storage", "_load_from_bytes")  # as pickles, which are read, or as the zip of torch
ZIP = b"PK"
HINT = "do not load it; ask for safetensors, or load with `weights_only=True` in a sandbox"


@dataclass
class Load:
    """All that would be heard if a file were loaded."""

    heard: Heard = field(default_factory=Heard)
    num_pickles: int = 0
    is_torch: bool = False
    broken: str | None = None  # why the first pickle could not be read to its end
    num_bytes_behind: int = 0  # the last pickle


def scan_pickle(item: Item) -> Finding | None:
    """The finding of one file; of one that only begins as a pickle does, as numbers may, only if it imports something.

    Raises:  Misuse if picklescan is not installed.
    """
    claim = f"{item.shown}: loading it calls nothing unsafe"
    data = item.beginning(MAX_PICKLE_BYTES)
    load = _load(data)
    inner = _inner(load.heard.constants)
    unsafe, unlisted = judged((*load.heard.names, *inner.names))
    if unsafe:
        return refuted(claim, f"it imports {named(unsafe)}", hint=HINT)
    is_silent = not (load.heard.names or load.heard.odd or load.heard.persistent)
    if is_silent and load.broken and not item.name.endswith(PICKLE_NAMES) and not data.startswith(PROTOCOLS):
        return None
    if doubt := _doubt(item, len(data), load, unlisted, {**load.heard.odd, **inner.odd}):
        return unknown(claim, doubt, hint=HINT)
    number = len(load.heard.names)
    return proved(claim, f"{load.heard.num_opcodes} opcodes, {number} imports, all on the list of safe names")


def _doubt(item: Item, num_read: int, load: Load, unlisted: list[str], odd: dict[str, None]) -> str | None:
    """Why a pickle that imports nothing unsafe is not safe for that."""
    if num_read < item.size_bytes and not load.is_torch:
        return f"only its beginning was looked at: {num_read:,} of {item.size_bytes:,} bytes"
    if load.broken:
        return f"it is not a whole pickle: {load.broken}"
    if unlisted:
        return f"it imports {named(unlisted)}, on no list of safe names"
    if odd:
        return named(odd)
    if not all(_is_storage(identity) for identity in load.heard.persistent):
        return "it has persistent ids: what they stand for is its loader's to say"
    if LOADS_BYTES in load.heard.names and any(constant.startswith(ZIP) for constant in load.heard.constants):
        return f"{LOADS_BYTES} loads an archive that lies in its bytes"
    if load.heard.persistent and not (load.is_torch or _is_in_torch_zip(item)):
        return "it has persistent ids as torch writes them, and is no file of torch"
    if load.num_bytes_behind:
        return f"{load.num_bytes_behind:,} bytes behind its last pickle are none"
    return None


def _load(data: bytes) -> Load:
    """Pickle after pickle, as a loader that goes on would read them."""
    load, file = Load(), io.BytesIO(data)
    while file.tell() < len(data) and load.num_pickles < MAX_PICKLES:
        begins_at = file.tell()
        try:
            value = Machine(file, load.heard).run()
        except Broken as error:
            load.broken = str(error) if load.num_pickles == 0 or load.is_torch else None
            load.num_bytes_behind = len(data) - begins_at
            return load
        load.num_pickles += 1
        load.is_torch |= load.num_pickles == 1 and value == TORCH_MAGIC
        if load.is_torch and load.num_pickles == NUM_PICKLES_OF_TORCH:
            load.heard.names |= _names_of_one(file)
            return load  # numbers follow
    load.num_bytes_behind = len(data) - file.tell()
    load.broken = "there is nothing in it" if not data else None
    return load


def _names_of_one(file: io.BytesIO) -> dict[Name, None]:
    """What a whole pickle imports that stands where torch's numbers should; nothing, as a rule."""
    heard = Heard()
    try:
        Machine(file, heard).run()
    except Broken:
        return {}
    return heard.names


def _is_storage(identity: Any) -> bool:
    return (
        isinstance(identity, tuple) and len(identity) > 1 and identity[0] == "storage" and isinstance(identity[1], Name)
    )


def _is_in_torch_zip(item: Item) -> bool:
    return item.depth > 0 and item.name in ("data.pkl", "constants.pkl")


@dataclass
class _Inner:
    """The pickles that lie in the constants of a pickle, and in theirs."""

    found: Heard = field(default_factory=Heard)
    num_left: int = MAX_INNER_OPCODES

    def look(self, constants: list[bytes], depth: int = 0) -> None:
        if depth == MAX_DEPTH:
            return
        for constant in (each for given in constants for each in (given, *unfolded(given))):
            for begins_at in _places(constant):
                if self.num_left <= 0:
                    self.found.odd[f"pickles of more than {MAX_INNER_OPCODES:,} opcodes may lie in its bytes"] = None
                    return
                end = begins_at + MAX_BYTES_AMONG_NUMBERS if begins_at else len(constant)
                heard = _load(constant[begins_at:end]).heard
                self.num_left -= heard.num_opcodes + 1
                if begins_at == 0 or judged(heard.names)[0]:  # among numbers anything may look like a name
                    self.found.names |= heard.names
                    self.found.odd |= heard.odd
                    self.look(heard.constants, depth + 1)


def _inner(constants: list[bytes]) -> Heard:
    """What the pickles that lie in some constants would import or ask for."""
    inner = _Inner()
    inner.look(constants)
    return inner.found


def _places(constant: bytes) -> list[int]:
    """Where in some bytes a pickle may begin that imports something."""
    if b"\x93" not in constant and b"\n" not in constant:  # neither STACK_GLOBAL nor a GLOBAL's lines
        return []
    places = [found.start() for found, _ in zip(BEGINNING.finditer(constant), range(MAX_PLACES), strict=False)]
    return places if 0 in places or not may_be_opcodes(constant[:MAX_INNER_BYTES]) else [0, *places]
