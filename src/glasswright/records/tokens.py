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
    """Where one kept document's tokens lie in the concatenated shards.

    A text ends with the end-of-text token, and every token is learned. Of a conversation only the runs in `learned`
    are: [first, count], counted from the document's first token, in order and apart. A preference is two
    conversations, the chosen one and from token `second` on the rejected one.
    """

    document_id: str
    split: Split
    first_token: int
    num_tokens: int
    num_bytes: int  # UTF-8 bytes of the text that its learned tokens spell: the unit of bits per byte
    learned: tuple[tuple[int, int], ...] | None = None  # none: all
    second: int | None = None

    def __post_init__(self) -> None:
        end = 0
        for number, run in enumerate(self.learned or ()):
            if len(run) != 2 or run[0] < end + (number > 0) or run[1] < 1 or sum(run) > self.num_tokens:
                raise ValueError(f"learned[{number}]: expected a run of tokens after the one before, got {list(run)}")
            end = sum(run)
        if self.second is not None and not 0 < self.second < self.num_tokens:
            raise ValueError(f"second: expected a token after the first, got {self.second}")

    @property
    def room(self) -> int:
        """The tokens that there have to be room for, so that it fits: of a preference each conversation has half."""
        return self.num_tokens if self.second is None else 2 * max(self.second, self.num_tokens - self.second)

    def record(self) -> dict[str, Any]:
        """As it is written: without what it does not have."""
        return {key: value for key, value in asdict(self).items() if value is not None}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "DocumentTokens":
        learned = record.get("learned")
        if learned is None:
            return cls(**record)
        return cls(**{**record, "learned": tuple((first, count) for first, count in learned)})


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenMap:
    """The shards and the documents in them, in the order of the ledger (by document id)."""

    tokenizer_sha256: str
    vocab_size: int
    end_of_text: int  # token id
    shards: tuple[TokenShard, ...]
    documents: tuple[DocumentTokens, ...]

    def record(self) -> dict[str, Any]:
        return {**asdict(self), "documents": [document.record() for document in self.documents]}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "TokenMap":
        return cls(
            tokenizer_sha256=record["tokenizer_sha256"],
            vocab_size=record["vocab_size"],
            end_of_text=record["end_of_text"],
            shards=tuple(TokenShard(**shard) for shard in record["shards"]),
            documents=tuple(DocumentTokens.from_record(document) for document in record["documents"]),
        )
