"""Token ids on disk, and where each document's tokens lie."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Split = Literal["train", "validation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenShard:
    """A file of little-endian unsigned 16- or 32-bit token ids."""

    path: str  # relative to the folder of shards
    sha256: str
    num_tokens: int
    bytes_per_token: int

    def __post_init__(self) -> None:
        if self.num_tokens < 1:
            raise ValueError(f"num_tokens: a shard holds at least one token, got {self.num_tokens}")
        if self.bytes_per_token not in (2, 4):
            raise ValueError(f"bytes_per_token: expected 2 or 4, got {self.bytes_per_token}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentTokens:
    """Where one kept document's tokens lie in the concatenated shards; the last one is the end-of-text token."""

    document_id: str
    split: Split
    first_token: int
    num_tokens: int
    num_bytes: int  # UTF-8 bytes of its text: the unit of bits per byte


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenMap:
    """The shards and the documents in them, in the order of the ledger (by document id)."""

    tokenizer_sha256: str
    vocab_size: int
    end_of_text: int  # token id
    shards: tuple[TokenShard, ...]
    documents: tuple[DocumentTokens, ...]

    def record(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "TokenMap":
        return cls(
            tokenizer_sha256=record["tokenizer_sha256"],
            vocab_size=record["vocab_size"],
            end_of_text=record["end_of_text"],
            shards=tuple(TokenShard(**shard) for shard in record["shards"]),
            documents=tuple(DocumentTokens(**document) for document in record["documents"]),
        )
