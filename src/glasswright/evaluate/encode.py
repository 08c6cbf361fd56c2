"""A request as tokens: what is fed, and what is judged.

    fed      context tokens, then the continuation's but its last
    judged   the continuation's tokens, each by what stands before it

As lm-evaluation-harness 0.4 has it, so that scores are comparable: spaces at a context's end are the continuation's;
context and continuation are encoded together, and those beyond as many as the context alone has are the continuation's;
behind an empty context stands the token that begins a text, or ends one where none begins it.

A long text is judged in windows: each token once, the first window from the text's beginning, each later one behind one
token, the last as far back as the model reaches.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from glasswright.errors import Misuse
from glasswright.evaluate.items import Malformed, Request

MAX_WINDOW = 2048  # tokens that are fed at once of a long text


class Tokens(NamedTuple):
    """A request's tokens."""

    context: tuple[int, ...]
    continuation: tuple[int, ...]

    @property
    def fed(self) -> tuple[int, ...]:
        return self.context + self.continuation[:-1]


class Encoder(Protocol):
    """A tokenizer."""

    def encode(self, text: str, *, has_special: bool = True) -> list[int]:
        """The ids of a text, and of what the tokenizer puts around it."""


def encoded(request: Request, tokenizer: Encoder, begins: int | None, place: str) -> Tokens:
    """The tokens of a request.

    begins:  the token before a text that stands behind nothing

    Raises:  Malformed if the continuation has no tokens; Misuse if a token before the text is needed and there is none.
    """
    context, continuation = request
    if context:
        kept = context.rstrip()
        continuation, context = context[len(kept) :] + continuation, kept
    if context:
        before = tokenizer.encode(context)
        after = tokenizer.encode(context + continuation)[len(before) :]
    else:
        before, after = [], tokenizer.encode(continuation, has_special=False)
    if not before:
        before, after = _behind_nothing(after, begins)
    if not after:
        raise Malformed(f"{place}: {request.continuation!r} has no tokens", hint="such a choice has no probability")
    return Tokens(tuple(before), tuple(after))


def windows(text: Sequence[int], begins: int, longest: int) -> Iterator[Tokens]:
    """The windows that a long text is judged in, of at most `longest` tokens each."""
    whole = (begins, *text)
    for start in range(1, len(whole), longest):
        end = min(start + longest, len(whole))
        yield Tokens(whole[max(0, end - 1 - longest) : start], whole[start:end])


def require_begins(begins: int | None) -> int:
    """The token before a text.

    Raises:  Misuse if there is none.
    """
    if begins is None:
        raise Misuse(
            "the model has no token that begins or ends a text, to stand before one that stands behind nothing",
            hint="config.json says which they are: bos_token_id, eos_token_id",
        )
    return begins


def _behind_nothing(after: list[int], begins: int | None) -> tuple[list[int], list[int]]:
    before = require_begins(begins)
    return ([before], after[1:]) if after[:1] == [before] else ([before], after)
