"""An edge of a lineage: what a model was made from, and how, so that anyone can make it again.

    lineage.json                in the folder of a child
    NAME.gguf.lineage.json      beside a child that is one file

Canonical JSON. Files and tensors are named with their digests, so a parent is found by what it is, wherever it lies.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from glasswright.errors import Misuse
from glasswright.records.canonical import MAX_EXACT_INTEGER, canonical_bytes, parse

MAX_EDGE_BYTES = 2**26
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Text = Annotated[str, Field(max_length=4096)]
Count = Annotated[int, Field(ge=0, le=MAX_EXACT_INTEGER, strict=True)]
Kind = Literal["copy", "convert", "quantize", "merge-adapter", "merge-linear", "merge-slerp"]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FileDigest(_Record):
    """A file by its name in the model's folder."""

    name: Text
    size_bytes: Count
    sha256: Sha256


class TensorDigest(_Record):
    """A tensor: the digest is that of its bytes as they lie in the file."""

    name: Text
    kind: Text
    shape: Annotated[tuple[Count, ...], Field(max_length=64)]
    sha256: Sha256


class Artifact(_Record):
    """A model, or an adapter: what it was called, and what it is."""

    name: Text
    files: Annotated[tuple[FileDigest, ...], Field(min_length=1)]
    tensors: tuple[TensorDigest, ...]


class Edge(_Record):
    """A child, and the parents it follows from in their order; of `merge-adapter` the adapter is the last."""

    record_schema: Annotated[Literal["glasswright/lineage/1"], Field(alias="schema")] = "glasswright/lineage/1"
    glasswright: Text
    kind: Kind
    parameters: dict[Text, Text]
    parents: Annotated[tuple[Artifact, ...], Field(min_length=1, max_length=64)]
    child: Artifact

    def record(self) -> dict[str, Any]:
        """The edge as the value that its file encodes."""
        return self.model_dump(by_alias=True)


def edge_bytes(edge: Edge) -> bytes:
    """The one encoding of an edge."""
    return canonical_bytes(edge.record())


def edge_from(data: bytes, where: str) -> Edge:
    """Decode an edge.

    Raises:  Misuse naming `where` and the field that is not as it should be.
    """
    try:
        return Edge.model_validate(parse(data, where))
    except ValidationError as error:
        problem = error.errors()[0]
        told = f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}"
        raise Misuse(
            f"{where}: no record of a lineage: {told}", hint="take it away, or fetch the child again"
        ) from error
