"""Pickle files, by their opcodes: what a load would import and call. The opcode reader is picklescan's."""

import io
import logging
import pickletools
from collections.abc import Callable
from typing import Any

from glasswright.audit.scan.bounds import named
from glasswright.audit.scan.item import Item
from glasswright.audit.scan.kinds import PICKLES, SEVEN_ZIP, compression
from glasswright.errors import Misuse
from glasswright.records.verdict import Answer, Finding

MAX_PICKLE_BYTES = 2**26
MAX_READS = 2_000_000  # one an opcode and one an argument: the opcodes of a pickle are held in memory
PROTOCOL = b"\x80"  # the first opcode of every pickle since protocol 2
TORCH = (".bin", ".pt", ".pth", ".ckpt")
HINT = "do not load it; ask for safetensors, or load with `weights_only=True` in a sandbox"


class Beginning(io.BytesIO):
    """The first bytes of a file, which remembers whether a reader came to their end."""

    def __init__(self, data: bytes):
        super().__init__(data)
        self.num_reads, self.is_at_end = 0, False

    def read(self, size: int | None = -1) -> bytes:
        data = b"" if self.num_reads >= MAX_READS else super().read(size)
        self.num_reads += 1
        self.is_at_end |= size is None or size < 0 or len(data) < size
        return data

    def readline(self, size: int | None = -1) -> bytes:
        line = super().readline(size)
        self.num_reads += 1
        self.is_at_end |= not line.endswith(b"\n")
        return line


def scan_pickle(item: Item) -> Finding | None:
    """The finding of one file; of one that only begins as a pickle does, as numbers may, only if it imports something.

    Raises:  Misuse if picklescan is not installed.
    """
    claim = f"{item.shown}: loading it calls nothing unsafe"
    data = item.beginning(MAX_PICKLE_BYTES)
    packed = "7z" if data.startswith(SEVEN_ZIP) else compression(data)
    if packed is not None:
        return _unknown(claim, f"it is compressed with {packed}: what is in it was not looked into")
    try:
        imports, was_read, is_bounded = _imports(item, data)
    except Misuse:
        raise
    except Exception as error:  # a reader of hostile files may fail in any way; that is an answer
        return _unknown(claim, f"could not be read: {type(error).__name__}: {str(error)[:200]}")
    if dangerous := imports["dangerous"]:
        return Finding(claim=claim, answer=Answer.REFUTED, evidence=f"it imports {named(dangerous)}", hint=HINT)
    number = sum(map(len, imports.values()))
    if number == 0 and not item.name.endswith(PICKLES):
        return None
    if is_bounded:
        read = f"{len(data):,} of {item.size_bytes:,} bytes, at most {MAX_READS:,} pieces"
        return _unknown(claim, f"only its beginning was looked at: {read}")
    if not was_read or _is_cut(data):
        return _unknown(claim, "it is not a whole pickle: reading its opcodes failed")
    if doubtful := imports["suspicious"]:
        return _unknown(claim, f"it imports {named(doubtful)}, on no list of safe names")
    return Finding(claim=claim, answer=Answer.PROVED, evidence=f"{number} imports, all on the list of safe names")


def _imports(item: Item, data: bytes) -> tuple[dict[str, list[str]], bool, bool]:
    """Names by safety; whether all could be read; whether a reader came to the bound."""
    try:
        from picklescan import scanner
    except ModuleNotFoundError as error:
        raise Misuse("scanning pickles needs the package picklescan", hint="pip install picklescan") from error
    logging.getLogger("picklescan").disabled = True  # it would write names of the file to the terminal
    file = Beginning(data)
    result = _read(scanner, item.name, file)
    found: dict[str, list[str]] = {level.value: [] for level in scanner.SafetyLevel}
    for name in result.globals:
        found[name.safety.value].append(f"{name.module}.{name.name}")
    is_bounded = file.num_reads > MAX_READS or (file.is_at_end and len(data) < item.size_bytes)
    return {level: sorted(set(names)) for level, names in found.items()}, not result.scan_err, is_bounded


def _read(scanner: Any, name: str, file: Beginning) -> Any:
    """As the file's own loader reads it: torch, NumPy, or pickle after pickle."""
    if name.endswith(TORCH):
        try:
            return scanner.scan_pytorch(file, "")
        except scanner.InvalidMagicError:
            file.seek(0)
    read: Callable[..., Any] = scanner.scan_numpy if name.endswith(".npy") else scanner.scan_pickle_bytes
    return read(file, "")


def _is_cut(data: bytes) -> bool:
    """Whether the first pickle of a file ends before its last opcode."""
    if not data.startswith(PROTOCOL):
        return False
    try:
        return not any(opcode.name == "STOP" for opcode, _, _ in pickletools.genops(data))
    except Exception:  # whatever a damaged stream makes the reader raise
        return True


def _unknown(claim: str, evidence: str) -> Finding:
    return Finding(claim=claim, answer=Answer.UNKNOWN, evidence=evidence, hint=HINT)
