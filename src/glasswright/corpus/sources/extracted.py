"""The text of a PDF, page by page, or of a Word file: taken out by `extracting`, in a process of its own."""

import hashlib
import io
import json
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from glasswright.corpus.decode import clean, without_surrogates
from glasswright.corpus.evidence.statements import statements
from glasswright.corpus.found import Found
from glasswright.corpus.sources import extracting
from glasswright.corpus.sources.archive import has_too_many_members, is_bomb
from glasswright.corpus.sources.aside import set_aside
from glasswright.errors import Unknown
from glasswright.foreign import bounded
from glasswright.records.sources import WORD

ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # names a stream of the container that holds it
MACROS = "vbaproject.bin"
PATIENCE = 20  # times its own seconds, on a machine with other work


def extracted(path: str, data: bytes, media_type: str) -> Iterator[Found]:
    """The pages of a PDF or the whole of a Word file; or one `Found` that says why there is none."""
    reason = _refused(data) if media_type == WORD else None
    told = {"reason": reason} if reason else _taken(path, data, media_type)
    if told["reason"]:
        yield set_aside(path, data, media_type, told["reason"])
        return
    texts = [clean(without_surrogates(text).text).strip() for text in told["texts"]]
    raw_sha256, stated = hashlib.sha256(data).hexdigest(), tuple(statements("\n\n".join(texts)))
    for number, text in enumerate(texts, start=1):
        yield Found(
            path=path if len(texts) == 1 else f"{path}#{number}",
            media_type=media_type,
            text=text,
            raw_sha256=raw_sha256,
            num_raw_bytes=len(data),
            title=_word(told["title"]),
            author=_word(told["author"]),
            statements=stated,
        )


def _refused(data: bytes) -> str | None:
    """Why a Word file is not given to its reader at all."""
    if not data.startswith(b"PK"):
        return "document_encrypted" if ENCRYPTED in data else "document_not_readable"
    if has_too_many_members(data):
        return "archive_too_large"
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if is_bomb(archive, len(data)):
                return "archive_too_large"
            has_macros = any(name.lower().endswith(MACROS) for name in archive.namelist())
    except (zipfile.BadZipFile, struct.error, ValueError, OSError, RuntimeError, OverflowError):
        return "document_not_readable"
    return "document_has_macros" if has_macros else None


def _taken(path: str, data: bytes, media_type: str) -> dict[str, Any]:
    """Raises:  Unknown where a busy machine, and not the file, is why there is no answer: that may not decide a bit."""
    patience = PATIENCE * extracting.seconds_for(len(data))
    try:
        told: dict[str, Any] = json.loads(
            bounded.answer([str(Path(extracting.__file__)), media_type], data, patience_seconds=patience)
        )
    except bounded.Unbounded as error:
        hint = "read it on Linux, or take it out of the folder: a corpus is the same on every machine"
        raise Unknown(f"{path}: {error}", hint=hint) from error
    except bounded.Unsettled as error:
        hint = "the machine is busy, or its memory ran out: run the same command again, which goes on"
        raise Unknown(f"{path}: reading it did not come to an end within {patience} s", hint=hint) from error
    except bounded.TooMuch:
        return {"reason": "document_takes_too_much"}
    except bounded.Failed:
        return {"reason": "document_not_readable"}
    return told


def _word(said: str | None) -> str | None:
    return clean(without_surrogates(said).text).strip() or None if said else None
