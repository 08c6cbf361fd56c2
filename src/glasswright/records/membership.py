"""A proof that a text is, or is not, among the private documents of a release: JSON, from its owner to whoever asks.

    in     the key of one row: the row's id follows from it and the text's letters. It opens no other row
    out    the keys of all rows, in their order: no id follows from its key and the text's letters. Who has them can ask
           of any text he has whether it is among the documents; of what he does not have he learns nothing

For each ledger and text there is a proof of one kind alone: a key fits a row by its sha256, and an id one text.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal["in", "out"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """The proof."""

    kind: Kind
    root: str  # of the release
    letters: str  # sha256 of the text's letters
    keys: tuple[str, ...]  # hexadecimal

    def record(self) -> dict[str, Any]:
        return asdict(self)
