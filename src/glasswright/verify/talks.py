"""The tokens of conversations: they spell what the parent's template writes, and what is learned is what was said.

spelled     every token stands for bytes; those of a conversation are its text, up to its end, or up to where the
            recipe cuts what is longer than a sequence
added       an added token is one token wherever the text has its content, and nowhere else
learned     the tokens that lie in an answer with all their bytes; `num_bytes` is what they spell
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from glasswright.errors import ClaimFalse
from glasswright.records.conversations import KEYS, Talk
from glasswright.records.recipe import Recipe
from glasswright.records.tokens import DocumentTokens
from glasswright.verify.decode import EDITED
from glasswright.verify.shards import Ids, Spelling
from glasswright.verify.turns import AT_ONCE, Template, Written
from glasswright.verify.vocabulary import Vocabulary

Run = tuple[int, int]


def written(
    documents: Iterable[tuple[str, bytes]], recipe: Recipe, template: Template, vocabulary: Vocabulary
) -> Iterator[tuple[str, tuple[Written, ...]]]:
    """(place, its conversations as the template writes them) of every document (place, text).

    Raises:  ClaimFalse if a document is none of the recipe's material; as `Template.write` does; Unknown if tokens do
             not spell it.
    """
    waiting, size = list[tuple[str, Talk]](), 0
    for where, text in documents:
        waiting.append((where, read(where, text, recipe)))
        size += len(text)
        if size > AT_ONCE:
            yield from _together(waiting, template, vocabulary)
            waiting, size = [], 0
    yield from _together(waiting, template, vocabulary)


def read(where: str, text: bytes, recipe: Recipe) -> Talk:
    """The talk that a document is.

    Raises:  ClaimFalse if it is none.
    """
    try:
        talk = Talk.from_text(text.decode())
    except ValueError as error:
        raise ClaimFalse(f"{where}: no {recipe.learns}: {error}", hint=EDITED) from error
    if tuple(talk.lists) != KEYS[recipe.learns]:
        raise ClaimFalse(f"{where}: expected {recipe.learns}, found {', '.join(talk.lists)}", hint=EDITED)
    return talk


def _together(
    talks: Sequence[tuple[str, Talk]], template: Template, vocabulary: Vocabulary
) -> Iterator[tuple[str, tuple[Written, ...]]]:
    if not talks:
        return
    for (where, _), conversations in zip(talks, template.write(talks), strict=True):
        for conversation in conversations:
            vocabulary.require_read(conversation.text, where)
        yield where, conversations


class TalkLook:
    """What a document of conversations has to be."""

    def __init__(self, recipe: Recipe, vocabulary: Vocabulary):
        self._vocabulary, self._spelling = vocabulary, Spelling(vocabulary.tokens)
        self._room, self._may_cut = recipe.train.sequence_length + 1, recipe.tokens.too_long == "cut"

    def __call__(self, entry: DocumentTokens, conversations: tuple[Written, ...], ids: Ids) -> str | None:
        """What is wrong with it, if anything is."""
        if (entry.second is None) != (len(conversations) == 1):
            return f"second: {entry.second}, of {len(conversations)} conversations"
        second, most = entry.second or len(ids), self._room // len(conversations)
        learned, num_bytes = list[Run](), 0
        for number, part in enumerate((ids[:second], ids[second:])[: len(conversations)]):
            conversation, first = conversations[number], number * second
            if (wrong := self._wrong(conversation, part, most)) is not None:
                return wrong if not first else f"of the second conversation, from token {first} on: {wrong}"
            ends = [0, *accumulate(len(self._vocabulary.tokens[id_]) for id_ in part)]
            for begin, end in _tokens_within(conversation.answers, ends):
                num_bytes += ends[end] - ends[begin]
                learned.append((first + begin, first + end))
        expected = tuple((begin, end - begin) for begin, end in _merged(learned))
        if entry.learned != expected:
            return _told(entry.learned, expected)
        if entry.num_bytes != num_bytes:
            return f"num_bytes: {entry.num_bytes}; what is learned spells {num_bytes}"
        return None if expected else "nothing of it is learned"

    def _wrong(self, conversation: Written, ids: Ids, most: int) -> str | None:
        text = conversation.text.encode("utf-8", "replace")
        if len(ids) > most:
            return f"{len(ids)} tokens, where a sequence has room for {most}"
        is_cut = self._may_cut and len(ids) == most
        return self._spelling.wrong(text, ids, may_stop=is_cut) or self._wrong_added(text, ids)

    def _wrong_added(self, text: bytes, ids: Ids) -> str | None:
        places = dict(self._vocabulary.added_in(text))
        special = frozenset(self._vocabulary.added.values())
        at = 0
        for number, id_ in enumerate(ids):
            due = places.get(at)
            if due != (id_ if id_ in special else None):
                return f"token {number}: id {id_}, where the tokenizer has {'none added' if due is None else due}"
            at += len(self._vocabulary.tokens[id_])
        return None


def _tokens_within(answers: Iterable[Run], ends: Sequence[int]) -> Iterator[Run]:
    """The tokens, [first, end), that lie in each answer; ends: where each token begins, and the last one ends."""
    for first, end in answers:
        begin, last = bisect_left(ends, first), bisect_right(ends, end) - 1
        if begin < last:
            yield begin, last


def _merged(runs: Iterable[Run]) -> list[Run]:
    merged = list[Run]()
    for begin, end in runs:
        if merged and merged[-1][1] == begin:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((begin, end))
    return merged


def _told(found: tuple[Run, ...] | None, expected: tuple[Run, ...]) -> str:
    """The first run that differs."""
    if found is None:
        return "learned: expected the runs of what the assistant says, found none stated"
    for number, (here, there) in enumerate(zip(found, expected, strict=False)):
        if here != there:
            return f"learned[{number}]: expected {list(there)}, found {list(here)}"
    return f"learned: expected {len(expected)} runs, found {len(found)}"
