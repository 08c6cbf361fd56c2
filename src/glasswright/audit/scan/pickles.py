"""Pickle files, by their opcodes: what a load would import and call. The opcode reader is picklescan's."""

import pickletools
from pathlib import Path

from glasswright.errors import Misuse
from glasswright.records.verdict import Answer, Finding

MAX_NAMED = 5
PROTOCOL = b"\x80"  # the first opcode of every pickle since protocol 2
HINT = "do not load it; ask for safetensors, or load with `weights_only=True` in a sandbox"


def scan_pickle(file: Path, shown: str) -> Finding | None:
    """The finding of one file; None if there is no pickle in it.

    Raises:  Misuse if picklescan is not installed.
    """
    try:
        from picklescan.scanner import SafetyLevel, scan_file_path
    except ModuleNotFoundError as error:
        raise Misuse("scanning pickles needs the package picklescan", hint="pip install picklescan") from error
    claim = f"{shown}: loading it calls nothing unsafe"
    try:
        result = scan_file_path(str(file))
    except Exception as error:  # a reader of hostile files may fail in any way; that is an answer
        return Finding(
            claim=claim,
            answer=Answer.UNKNOWN,
            evidence=f"could not be read: {type(error).__name__}: {error}",
            hint=HINT,
        )
    named = sorted({f"{g.module}.{g.name}" for g in result.globals if g.safety is SafetyLevel.Dangerous})
    doubtful = sorted({f"{g.module}.{g.name}" for g in result.globals if g.safety is SafetyLevel.Suspicious})
    if named:
        return Finding(claim=claim, answer=Answer.REFUTED, evidence=f"it imports {_list(named)}", hint=HINT)
    if result.scan_err or _is_cut(file):
        return Finding(
            claim=claim,
            answer=Answer.UNKNOWN,
            evidence="it is not a whole pickle: reading its opcodes failed",
            hint=HINT,
        )
    if doubtful:
        return Finding(
            claim=claim,
            answer=Answer.UNKNOWN,
            evidence=f"it imports {_list(doubtful)}, on no list of safe names",
            hint=HINT,
        )
    if not result.globals and not result.scanned_files:
        return None
    return Finding(
        claim=claim, answer=Answer.PROVED, evidence=f"{len(result.globals)} imports, all on the list of safe names"
    )


def _is_cut(file: Path) -> bool:
    """Whether the first pickle of a file ends before its last opcode."""
    with file.open("rb") as opened:
        if opened.read(1) != PROTOCOL:
            return False
        opened.seek(0)
        try:
            return not any(opcode.name == "STOP" for opcode, _, _ in pickletools.genops(opened))
        except Exception:  # whatever a damaged stream makes the reader raise
            return True


def _list(names: list[str]) -> str:
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return ", ".join(names[:MAX_NAMED]) + more
