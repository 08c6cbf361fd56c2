"""Graphs of ONNX and TensorFlow: operators that leave the graph, and files that they name.

    ONNX         tensors whose bytes lie in another file; operators of a domain that needs a library of its own
    SavedModel   operators that read or write files, or call Python
    vocabulary   a sentencepiece model, which is a message too and holds neither

Which of them a file is, its fields say: each schema has those that it must and may have.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from glasswright.audit.scan.bounds import named
from glasswright.audit.scan.config_wrongs import leaves
from glasswright.audit.scan.configs import scan_json
from glasswright.audit.scan.item import Item
from glasswright.audit.scan.says import proved, refuted, unknown
from glasswright.audit.scan.wire import NoMessage, Wire
from glasswright.records.verdict import Finding

HINT = "do not run it; look at the graph with a viewer that runs nothing"
MAX_DEPTH = 24
Path = tuple[int, ...]

# Messages within messages: schema -> field -> schema.  Source:  onnx.proto3; tensorflow's saved_model, graph, function.
ONNX: dict[str, dict[int, str]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {13: "external"},
    "external": {},
}
TENSORFLOW: dict[str, dict[int, str]] = {
    "saved model": {2: "meta graph"},
    "meta graph": {2: "graph"},
    "graph": {1: "node", 2: "library"},
    "library": {1: "function"},
    "function": {3: "node"},
    "node": {},
}
DOMAINS = frozenset(
    """ai.onnx ai.onnx.ml ai.onnx.training ai.onnx.preview.training ai.onnx.preview com.microsoft
    com.microsoft.experimental com.microsoft.nchwc com.ms.internal.nhwc org.pytorch.aten pkg.onnxscript.torch_lib
    pkg.onnxscript.torch_lib.common""".split()
)
FILE_OPERATORS = frozenset(
    """ReadFile WriteFile MatchingFiles PyFunc PyFuncStateless EagerPyFunc ImmutableConst LoadDataset SaveDataset
    SaveDatasetV2 TextLineDataset TFRecordDataset TFRecordDatasetV2 FixedLengthRecordDataset FixedLengthRecordDatasetV2
    SqlDataset CSVDataset CSVDatasetV2 WholeFileReader WholeFileReaderV2 TextLineReader TextLineReaderV2 TFRecordReader
    TFRecordReaderV2 FixedLengthRecordReader FixedLengthRecordReaderV2 LMDBReader LMDBDataset SnapshotDataset
    SnapshotDatasetV2 CreateSummaryFileWriter ImportEvent DebugIdentity DebugIdentityV2 DebugIdentityV3 DumpTensor Rpc
    TryRpc RemoteCall FileSystemSetConfiguration DistributedSave BigQueryReader""".split()
)
DOUBTFUL_OPERATORS = frozenset(("PrintV2", "InitializeTableFromTextFile", "InitializeTableFromTextFileV2"))
MAX_FINGERPRINT_BYTES = 1_000
SENTENCEPIECE = {1, 2, 3, 4, 5}


def scan_onnx(item: Item) -> Iterator[Finding]:
    """The finding of an ONNX graph."""
    claim = f"{item.shown}: its graph stays inside its folder and its operators"
    wrong, doubts = list[str](), list[str]()
    try:
        with _wire(item) as wire:
            if not _has(wire, {1, 7}):
                raise NoMessage("no graph of ONNX is in it")
            for schema, span in _messages(wire, ONNX, "model"):
                if schema == "external":
                    _external(item, *_pair(wire, span), wrong, doubts)
                elif schema == "node":
                    _operator(wire, span, wrong, doubts)
            number = wire.num_fields
    except NoMessage as error:
        yield unknown(claim, f"could not be read: {error}")
        return
    yield _answer(claim, wrong, doubts, f"{number} fields read; no file outside, no operator of a strange domain")


def scan_tensorflow(item: Item) -> Iterator[Finding]:
    """The finding of a SavedModel or a frozen graph of TensorFlow, told apart by where its nodes lie."""
    claim = f"{item.shown}: its graph touches no file and calls no Python"
    operators: set[str] = set()
    try:
        with _wire(item) as wire:
            schema = "saved model" if any(True for _ in _of(wire, (2, 2, 1, 2))) else "graph"
            for found, span in _messages(wire, TENSORFLOW, schema):
                if found == "node":
                    operators |= {wire.text(value) for value in wire.spans(span, 2)}
    except NoMessage as error:
        yield unknown(claim, f"could not be read: {error}")
        return
    if not operators and item.name == "fingerprint.pb" and item.size_bytes < MAX_FINGERPRINT_BYTES:
        yield proved(claim, "a fingerprint: numbers, and no graph")
        return
    if not operators:
        yield unknown(claim, "no operator of TensorFlow is in it")
        return
    wrong = [f"it has the operator {name}" for name in sorted(operators & FILE_OPERATORS)]
    doubts = [f"its operator {name} may name a file" for name in sorted(operators & DOUBTFUL_OPERATORS)]
    yield _answer(claim, wrong, doubts, f"{len(operators)} operators, none of which does")


def scan_keras_metadata(item: Item) -> Iterator[Finding]:
    """The findings of the JSON that Keras keeps beside a SavedModel, one a layer."""
    try:
        with _wire(item) as wire:
            texts = [wire.text(span) for span in _of(wire, (1, 5))]
    except NoMessage as error:
        yield unknown(f"{item.shown}: loading runs no code from the repository", f"could not be read: {error}")
        return
    yield from scan_json(item.within("layers.json", f"[{','.join(texts)}]".encode()))


def scan_vocabulary(item: Item) -> Iterator[Finding]:
    """The finding of a sentencepiece model: pieces, settings, and nothing that is run."""
    claim = f"{item.shown}: it is a vocabulary"
    try:
        with _wire(item) as wire:
            numbers = {number for number, _ in wire.fields(wire.whole)}
            pieces = sum(1 for _ in _of(wire, (1, 1)))
    except NoMessage as error:
        yield unknown(claim, f"could not be read: {error}")
        return
    if numbers <= SENTENCEPIECE and pieces:
        yield proved(claim, f"{pieces} pieces")
    else:
        yield unknown(claim, "it is none of sentencepiece")


@contextmanager
def _wire(item: Item) -> Iterator[Wire]:
    with item.open() as file:
        yield Wire(cast(BinaryIO, io.BufferedReader(_Raw(file), 2**16)), item.size_bytes)


class _Raw(io.RawIOBase):
    """What BufferedReader asks of a file, and nothing that closes it."""

    def __init__(self, file: BinaryIO):
        self.file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self.file.seek(offset, whence)

    def tell(self) -> int:
        return self.file.tell()

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        data = self.file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _has(wire: Wire, numbers: set[int]) -> bool:
    return numbers <= {number for number, _ in wire.fields(wire.whole)}


def _of(wire: Wire, path: Path, span: tuple[int, int] | None = None) -> Iterator[tuple[int, int]]:
    """The spans at a path of field numbers."""
    for found in wire.spans(span or wire.whole, path[0]):
        if len(path) == 1:
            yield found
        else:
            yield from _of(wire, path[1:], found)


def _messages(wire: Wire, schemas: dict[str, dict[int, str]], root: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Every message that the schemas know, from the root down."""
    left = [(root, wire.whole, 0)]
    while left:
        schema, span, depth = left.pop()
        yield schema, span
        if depth > MAX_DEPTH:
            raise NoMessage(f"graphs more than {MAX_DEPTH} deep")
        inner = schemas[schema]
        if inner:
            for number, value in wire.fields(span):
                if number in inner and isinstance(value, tuple):
                    left.append((inner[number], value, depth + 1))


def _pair(wire: Wire, span: tuple[int, int]) -> tuple[str, str]:
    pair = {number: wire.text(value) for number, value in wire.fields(span) if isinstance(value, tuple)}
    return pair.get(1, ""), pair.get(2, "")


def _external(item: Item, key: str, value: str, wrong: list[str], doubts: list[str]) -> None:
    if key != "location":
        return
    if leaves(value) or not value:
        wrong.append(f"the bytes of a tensor lie at {value[:120]!r}, outside")
    elif item.is_beside is not None and not item.is_beside(value):
        doubts.append(f"{value[:120]}, which it names, is not here")
    else:
        item.names_numbers(value)


def _operator(wire: Wire, span: tuple[int, int], wrong: list[str], doubts: list[str]) -> None:
    texts = {number: value for number, value in wire.fields(span) if number in (4, 7) and isinstance(value, tuple)}
    domain = wire.text(texts[7]) if 7 in texts else ""
    operator = wire.text(texts[4]) if 4 in texts else ""
    if operator in ("PyOp", "PythonOp", "PyCustomOp"):
        wrong.append(f"its operator {operator} calls Python")
    elif domain and domain not in DOMAINS:
        doubts.append(f"its operator {domain[:60]}.{operator[:60]} needs a library of its own")


def _answer(claim: str, wrong: list[str], doubts: list[str], evidence: str) -> Finding:
    if wrong:
        return refuted(claim, named(dict.fromkeys(wrong)), hint=HINT)
    if doubts:
        return unknown(claim, named(dict.fromkeys(doubts)), hint=HINT)
    return proved(claim, evidence)
