"""A document as tokens: which of them are learned, and how many bytes these spell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

Runs = tuple[tuple[int, int], ...]  # [first, end), in order and apart


@dataclass(frozen=True, slots=True)
class Encoded:
    """What the token map has of a document, and the tokens."""

    ids: list[int]
    num_bytes: int  # that the learned tokens spell
    learned: Runs | None = None  # [first, count]; none: all
    second: int | None = None  # where the rejected conversation of a preference begins


@dataclass(frozen=True, slots=True)
class Said:
    """A conversation as tokens."""

    ids: list[int]
    is_learned: list[bool]

    def first(self, most: int) -> "Said":
        """Its first tokens, `most` of them."""
        return Said(self.ids[:most], self.is_learned[:most])


def said(ids: list[int], places: Sequence[tuple[int, int]], answers: Runs) -> Said:
    """A conversation of which answers are learned.

    places:   the characters of each token, [first, end)
    answers:  the characters that are learned; a token that reaches out of them is not
    """
    runs = iter(answers)
    run = next(runs, None)
    is_learned = []
    for first, end in places:
        while run is not None and run[1] <= first:
            run = next(runs, None)
        is_learned.append(run is not None and run[0] <= first and end <= run[1])
    return Said(ids, is_learned)


def joined(conversations: Sequence[Said], num_bytes: Sequence[int]) -> Encoded:
    """One document of one conversation, or of two.

    num_bytes:  that each id spells
    """
    ids = [token for each in conversations for token in each.ids]
    is_learned = [learned for each in conversations for learned in each.is_learned]
    return Encoded(
        ids=ids,
        num_bytes=sum(num_bytes[token] for token, learned in zip(ids, is_learned, strict=True) if learned),
        learned=tuple(_runs(is_learned)),
        second=len(conversations[0].ids) if len(conversations) > 1 else None,
    )


def _runs(is_learned: Sequence[bool]) -> Iterator[tuple[int, int]]:
    first = 0
    for learned, run in groupby(is_learned):
        count = sum(1 for _ in run)
        if learned:
            yield first, count
        first += count
