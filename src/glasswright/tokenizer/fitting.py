"""Conversations that are longer than a sequence of training: refused, cut or dropped, as the recipe says, and counted.

A document has room for `train.sequence_length` + 1 tokens: what is read, and the last one that is predicted. The two
conversations of a preference have half of it each.
"""

from collections.abc import Sequence
from typing import Literal

from glasswright.errors import Misuse
from glasswright.tokenizer.encoded import Said


class Fitting:
    """The rule of a recipe, and what it met so far."""

    def __init__(self, sequence_length: int, too_long: Literal["cut", "drop"] | None):
        self._room, self._too_long = sequence_length + 1, too_long
        self.num_cut = self.num_dropped = 0
        self._refused: list[tuple[int, str]] = []

    def fitted(self, where: str, conversations: Sequence[Said]) -> Sequence[Said] | None:
        """What is learned from of a document; none where that is nothing."""
        most = self._room // len(conversations)
        longest = max(len(each.ids) for each in conversations)
        if longest <= most:
            return conversations
        if self._too_long is None:
            self._refused.append((longest, where))
            return None
        if self._too_long == "cut":
            cut = [each.first(most) for each in conversations]
            if all(any(each.is_learned) for each in cut):
                self.num_cut += 1
                return cut
        self.num_dropped += 1
        return None

    def require(self) -> None:
        """Raises:  Misuse if documents were too long and the recipe does not say what becomes of them."""
        if not self._refused:
            return
        longest, where = max(self._refused)
        raise Misuse(
            f"{len(self._refused)} conversations are longer than train.sequence_length = {self._room - 1}: the longest "
            f"has {longest} tokens ({where})",
            hint="make train.sequence_length longer, as far as the parent takes it, or say tokens.too_long (`derive "
            "--too-long`): cut (keeps their beginnings) or drop",
        )

    @property
    def told(self) -> str:
        """What became of documents that were too long; nothing where none was."""
        counts = {"cut": self.num_cut, "dropped": self.num_dropped}
        told = [f"{count} {what}" for what, count in counts.items() if count]
        return f"longer than {self._room} tokens: {', '.join(told)}" if told else ""
