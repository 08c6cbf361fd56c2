"""`parents.json`: the models that a release was made from, each file and tensor of them with its digest.

files       what lies in the parent's folder and decides what it says; `parent.files` of the recipe is the digest
            of this list
tensors     the weights as training has them, in binary32 and by their names in a state: of a run that trains all of
            them they are the initial state
release     the root of a parent that is a release itself; a parent without one is unexplained weights
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from glasswright.records.canonical import digest
from glasswright.records.transcript import TensorDigest

PARENTS = "parents.json"
STATE_PREFIX = "model."  # of a tensor's name
# What of a parent's folder says how texts become tokens: carried by whatever descends from it, as it is.
TOKENIZER_FILES = (
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "chat_template.jinja",
)  # fmt: skip
ParentsSchema = Literal["glasswright/parents/1"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentFile:
    """A file of a parent's folder."""

    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentModel:
    """A model that another was made from."""

    name: str
    revision: str | None
    license: str
    release: str | None
    files: tuple[ParentFile, ...]  # ordered by path
    tensors: tuple[TensorDigest, ...]  # ordered by name

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "ParentModel":
        files = tuple(ParentFile(**file) for file in record["files"])
        tensors = tuple(TensorDigest(**{**it, "shape": tuple(it["shape"])}) for it in record["tensors"])
        return cls(**{**record, "files": files, "tensors": tensors})


@dataclass(frozen=True, slots=True, kw_only=True)
class Parents:
    """What `parents.json` says."""

    parents: tuple[ParentModel, ...]
    schema: ParentsSchema = "glasswright/parents/1"

    def record(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "Parents":
        return cls(schema=record["schema"], parents=tuple(map(ParentModel.from_record, record["parents"])))


def files_digest(files: tuple[ParentFile, ...]) -> str:
    """The digest by which a recipe names its parent's files."""
    return digest([asdict(file) for file in files])
