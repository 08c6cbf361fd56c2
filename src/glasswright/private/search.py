"""Whether words of private documents are in a folder: whole sentences, runs of their tokens, digests they are known by.

    sentence    at least 8 words in a row that no full stop, question or exclamation mark or line end parts
    words       letters and digits, in small letters: how they are set, marked up, wrapped and quoted does not matter;
                in Chinese, Japanese, Thai, Lao, Khmer and Burmese, which set no spaces, each letter
    run         16 tokens in a row of a document, from every 16th on, so each 31 in a row hold one
    digest      a document's id, and the sha256 of its text

A file is looked at as it is, with the escapes of JSON and HTML undone (twice, for JSON in JSON), and unpacked: gzip,
zstd, zip, Parquet. Tokens are looked for as numbers of 2 and of 4 bytes, and in decimal. Of safetensors the header is
read and no tensor: the weights are held to the training that gives them.

Not found are words that were turned into others, encrypted, or packed in another way. What the parent and the program
brought along was there before the documents were read: it is not looked at, and a sentence of it is no secret.
"""

import gzip
import html
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
import zstandard

from glasswright.records.parents import TOKENIZER_FILES
from glasswright.records.progress import Progress, Report, silent
from glasswright.store.documents import read_documents
from glasswright.store.ledger import read_ledger
from glasswright.store.tokens import open_tokens

MIN_WORDS = 8
RUN = 16  # tokens
MAX_UNPACKED = 2**30  # bytes of one file
MAX_NESTED = 4  # packed in packed
SHOWN_WORDS = 12
END = re.compile(r"[.!?]+\s|[\u3002\uff01\uff1f]+|[\n\r]+")
UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
WORD = re.compile(rf"[{UNSPACED}]|(?:(?![{UNSPACED}])\w)+")
DIGEST = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))')
STANDS_FOR = {"b": " ", "f": " ", "n": "\n", "r": "\n", "t": " "}
BROUGHT_ALONG = ("code/", "parent/", *(f"model/{name}" for name in TOKENIZER_FILES))
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # odd, so no token is lost: the golden ratio's

Ids = npt.NDArray[np.uint32]


@dataclass(frozen=True, slots=True, order=True)
class Left:
    """A sentence, or a run of tokens, of a document in a file."""

    path: str
    document_id: str
    words: str  # the first of them


def left_in(folder: Path, release: Path, report: Report = silent) -> list[Left]:
    """What of the documents of `release` is in the files of `folder`, ordered by file."""
    sentences, digests, runs = _sentences(release), _digests(release), _Runs(release)
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    found = set()
    for number, path in enumerate(paths):
        report(Progress(what="search", done=number, total=len(paths), unit="files"))
        name = path.relative_to(folder).as_posix()
        if name.startswith(BROUGHT_ALONG):
            continue
        here = {it for data in _unpacked(_read(path)) for it in (*_said_in(data, sentences), *_named_in(data, digests))}
        here |= {it for data in _unpacked(_read(path)) for it in runs.within(data)}
        found |= {(name, document_id, words) for words, document_id in here}
    report(Progress(what="search", done=len(paths), total=len(paths), unit="files"))
    known = _known_before(folder, sentences) if found else set()
    return sorted(
        Left(name, document_id, " ".join(words.split()[:SHOWN_WORDS]))
        for name, document_id, words in found
        if words not in known
    )


def _known_before(folder: Path, sentences: "Sentences") -> set[str]:
    """The sentences that parent and program brought along."""
    paths = [path for path in folder.rglob("*") if path.relative_to(folder).as_posix().startswith(BROUGHT_ALONG)]
    texts = (data for path in paths if path.is_file() for data in _unpacked(_read(path)))
    return {words for data in texts for words, _ in _said_in(data, sentences)}


def sentences_of(text: str) -> Iterator[str]:
    """The sentences of a text that are long enough to be known by, as their words."""
    for sentence in END.split(text):
        words = WORD.findall(sentence.casefold())
        if len(words) >= MIN_WORDS:
            yield " ".join(words)


Sentences = Mapping[str, list[tuple[str, str]]]  # first words -> (sentence, document id)


def _sentences(release: Path) -> Sentences:
    found: dict[str, list[tuple[str, str]]] = {}
    for document_id, text in read_documents(release / "corpus" / "documents"):
        for said in _said(text):
            for sentence in sentences_of(said):
                found.setdefault(_first(sentence.split()), []).append((sentence, document_id))
    return found


def _said(text: str) -> Iterator[str]:
    """A document's text; of a conversation, which is a record, each text in it."""
    try:
        yield from _texts_in(json.loads(text))
    except (ValueError, RecursionError):
        yield text


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts_in(inner)
    elif isinstance(value, str):
        yield value


def _said_in(data: bytes, sentences: Sentences) -> Iterator[tuple[str, str]]:
    """The sentences, each with its document, that the bytes hold as text."""
    text = data.decode("utf-8", "replace")
    for seen in dict.fromkeys([text, once := _unescaped(text), _unescaped(once)]):
        words = WORD.findall(seen.casefold())
        for place in range(len(words) - MIN_WORDS + 1):
            for sentence, document_id in sentences.get(_first(words[place : place + MIN_WORDS]), ()):
                if " ".join(words[place : place + sentence.count(" ") + 1]) == sentence:
                    yield sentence, document_id


def _digests(release: Path) -> Mapping[str, str]:
    """What a document is known by, and its id."""
    rows = read_ledger(release / "corpus" / "ledger.parquet")
    return {name: row.document_id for row in rows for name in (row.document_id, row.sha256)}


def _named_in(data: bytes, digests: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for found in DIGEST.findall(data):
        name = found.decode()
        if name in digests:
            yield f"digest {name}", digests[name]


def _first(words: list[str]) -> str:
    return " ".join(words[:MIN_WORDS])


def _unescaped(text: str) -> str:
    return html.unescape(ESCAPE.sub(_stands_for, text))


def _stands_for(escape: re.Match[str]) -> str:
    if escape[1] is not None:
        return chr(int(escape[1], 16))
    return STANDS_FOR.get(escape[2], escape[2])


class _Runs:
    """The runs of tokens of a release's documents."""

    def __init__(self, release: Path):
        tokens = open_tokens(release / "tokens")
        self._ids: list[tuple[str, Ids]] = []
        for document in tokens.map.documents:
            ids = tokens.read(document.first_token, document.num_tokens).astype(np.uint32)
            whole = len(ids) // RUN * RUN
            self._ids += [(document.document_id, run) for run in ids[:whole].reshape(-1, RUN)]
        known = [_hashes(run)[0] for _, run in self._ids]
        self._known = np.array(known, dtype=np.uint64)

    def within(self, data: bytes) -> Iterator[tuple[str, str]]:
        """The runs, in words of decimal digits, each with its document, that the bytes hold as numbers."""
        for ids in _as_ids(data):
            hashes = _hashes(ids)
            for place in np.flatnonzero(np.isin(hashes, self._known)):
                yield from self._equal(ids[place : place + RUN], hashes[place])

    def _equal(self, run: Ids, its_hash: np.uint64) -> Iterator[tuple[str, str]]:
        for number in np.flatnonzero(self._known == its_hash):
            document_id, known = self._ids[number]
            if np.array_equal(known, run):
                yield "tokens " + " ".join(map(str, run)), document_id


def _as_ids(data: bytes) -> Iterator[Ids]:
    """The bytes as numbers of 2 and 4 bytes from every byte on, and the numbers that stand there in decimal."""
    for width, kind in ((2, "<u2"), (4, "<u4")):
        for skipped in range(width):
            whole = (len(data) - skipped) // width
            yield np.frombuffer(data, kind, count=max(whole, 0), offset=min(skipped, len(data))).astype(np.uint32)
    yield np.array([int(digits) for digits in re.findall(rb"\b\d{1,9}\b", data)], dtype=np.uint32)


def _hashes(ids: Ids) -> npt.NDArray[np.uint64]:
    """A number for each run of the ids, equal for equal runs."""
    if len(ids) < RUN:
        return np.zeros(0, dtype=np.uint64)
    num_runs = len(ids) - RUN + 1
    total = np.zeros(num_runs, dtype=np.uint64)
    for place in range(RUN):
        total = total * MULTIPLIER + ids[place : place + num_runs].astype(np.uint64)
    return total


def _read(path: Path) -> bytes:
    """What of a file can hold words."""
    with path.open("rb") as file:
        if path.suffix != ".safetensors":
            return file.read()
        return file.read(int.from_bytes(file.read(8), "little"))


def _unpacked(data: bytes, depth: int = 0) -> Iterator[bytes]:
    """The bytes, and what is packed in them."""
    yield data
    if depth < MAX_NESTED:
        for begin, unpack in PACKED.items():
            if data.startswith(begin):
                yield from chain.from_iterable(_unpacked(inner, depth + 1) for inner in unpack(data))


def _zip(data: bytes) -> Iterator[bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist():
            with archive.open(member) as file:
                yield file.read(MAX_UNPACKED)


def _parquet(data: bytes) -> Iterator[bytes]:
    table = pq.ParquetFile(io.BytesIO(data))
    yield repr(table.schema_arrow.metadata).encode()
    for batch in table.iter_batches():
        for column in batch.columns:
            yield "\n".join(map(str, column.to_pylist())).encode()


def _stream(opened: Callable[[io.BytesIO], Any], data: bytes) -> Iterator[bytes]:
    with opened(io.BytesIO(data)) as file:
        yield file.read(MAX_UNPACKED)


PACKED: Mapping[bytes, Callable[[bytes], Iterator[bytes]]] = {
    b"\x1f\x8b": partial(_stream, lambda file: gzip.GzipFile(fileobj=file)),
    b"\x28\xb5\x2f\xfd": partial(_stream, lambda file: zstandard.ZstdDecompressor().stream_reader(file)),
    b"PK\x03\x04": _zip,
    b"PAR1": _parquet,
}
