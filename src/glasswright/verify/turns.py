"""What is learned of a conversation, found anew: the chat template is rendered again, and told apart as the rule says.

    marked       a template with `{% generation %}` says it
    not marked   text(0..k) from where text(0..k-1, prompt for an answer) ends, for every message k of the assistant
    preference   text(all) from where text(prompt, prompt for an answer) ends

Places are those of bytes in UTF-8. Rendering takes jinja and no more, in a process that ends in any case; what cannot
be rendered within its bounds is UNKNOWN.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from glasswright.chat import Conversation, Rendered, marks_answers, rendered
from glasswright.errors import ClaimFalse, Misuse, Unknown
from glasswright.records.conversations import ASSISTANT, TOLD_TIME, Messages, Talk

Span = tuple[int, int]  # [first, end)
AT_ONCE = 2**20  # characters of contents in one process


@dataclass(frozen=True, slots=True)
class Written:
    """A conversation as the template writes it."""

    text: str
    answers: tuple[Span, ...]  # bytes, in order


@dataclass(frozen=True, slots=True)
class Template:
    """A chat template, and the special tokens it may name."""

    text: str
    special_tokens: Mapping[str, str]

    def write(self, talks: Sequence[tuple[str, Talk]]) -> list[tuple[Written, ...]]:
        """The conversations of each document (where it is, what it says).

        Raises:  Unknown if it cannot be rendered; ClaimFalse if what was said cannot be told.
        """
        asked = [list(self._asked(talk)) for _, talk in talks]
        if len(talks) > 1 and sum(map(_size, (each for some in asked for each in some))) > AT_ONCE:
            return self._apart(talks)
        try:
            texts = iter(
                rendered(
                    self.text,
                    [each for some in asked for each in some],
                    at=TOLD_TIME,
                    special_tokens=self.special_tokens,
                )
            )
        except Misuse as error:
            if len(talks) > 1:
                return self._apart(talks)
            raise Unknown(f"{talks[0][0]}: {error}", hint="the template does not run here") from error
        mine = ([next(texts) for _ in some] for some in asked)
        return [tuple(self._written(where, talk, its)) for (where, talk), its in zip(talks, mine, strict=True)]

    def _apart(self, talks: Sequence[tuple[str, Talk]]) -> list[tuple[Written, ...]]:
        return [*self.write(talks[: len(talks) // 2]), *self.write(talks[len(talks) // 2 :])]

    def _asked(self, talk: Talk) -> Iterator[Conversation]:
        """Of each conversation the whole, then what tells its answers apart."""
        for messages in talk.conversations:
            yield _conversation(messages)
            for before, end in self._answers(talk, messages):
                yield _conversation(messages[:before], is_asked=True)
                yield _conversation(messages[:end])

    def _answers(self, talk: Talk, messages: Messages) -> list[Span]:
        """Which messages are answers."""
        if talk.num_given:
            return [(talk.num_given, len(messages))]
        if marks_answers(self.text):
            return []
        return [(place, place + 1) for place, message in enumerate(messages) if message.role == ASSISTANT]

    def _written(self, where: str, talk: Talk, texts: list[Rendered]) -> Iterator[Written]:
        for messages in talk.conversations:
            whole = texts.pop(0)
            spans = list(whole.answers) if marks_answers(self.text) and not talk.num_given else []
            for _ in self._answers(talk, messages):
                before, with_it = texts.pop(0).text, texts.pop(0).text
                if not (with_it.startswith(before) and whole.text.startswith(with_it)):
                    raise ClaimFalse(f"{where}: what the assistant said cannot be told from what the template writes")
                spans.append((len(before), len(with_it)))
            places = [place for span in spans for place in span]
            if places != sorted(places) or (places and places[-1] > len(whole.text)):
                raise ClaimFalse(f"{where}: the template marks answers that are not in the order of the text")
            yield Written(whole.text, tuple(_in_bytes(whole.text, spans)))


def _in_bytes(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    at = num_bytes = 0
    for first, end in spans:
        begin = num_bytes + len(text[at:first].encode("utf-8", "replace"))
        at, num_bytes = end, begin + len(text[first:end].encode("utf-8", "replace"))
        yield begin, num_bytes


def _conversation(messages: Messages, *, is_asked: bool = False) -> Conversation:
    said = [{"role": message.role, "content": message.content} for message in messages]
    return Conversation(messages=said, add_generation_prompt=is_asked)


def _size(conversation: Conversation) -> int:
    return sum(len(message["content"]) + 64 for message in conversation.messages)
