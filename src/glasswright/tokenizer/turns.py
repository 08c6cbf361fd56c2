"""Conversations as their parent's chat template writes them, and what of that the assistant said.

    marked        a template that has `{% generation %}` says itself what was said
    not marked    of an answer, what is written with it and is not where the prompt for it ends the conversation: the
                  one text has to begin the other, and that the text of the whole
    preferences   what follows the prompt, with the prompt for an answer behind it, in either conversation

The end of a turn is learned with it. What `system`, `user` and `tool` say never is. Templates run in a process that has
bounds (`chat`): what is too much for one is halved, until it is one text.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from glasswright.chat import Conversation, Rendered, marks_answers, rendered
from glasswright.errors import Misuse
from glasswright.records.conversations import ASSISTANT, TOLD_TIME, Messages, Talk
from glasswright.tokenizer.encoded import Runs, Said, said
from glasswright.tokenizer.parent import ParentTokenizer

BATCH_CHARACTERS = 2**20  # of contents, and so much for each message beside them
MESSAGE_CHARACTERS = 64
TAKE_OUT = "take the document out (`corpus.remove`), or derive from a model whose template writes it"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Some of a conversation's messages, to be written."""

    where: str
    messages: Messages
    is_asked: bool  # with the prompt for an answer behind them

    @property
    def size(self) -> int:
        return sum(len(message.content) + MESSAGE_CHARACTERS for message in self.messages)


@dataclass(frozen=True, slots=True)
class _Conversation:
    """A conversation whose texts are being written."""

    where: str
    messages: Messages
    num_given: int  # messages of a preference's prompt; 0: it is none

    def wanted(self, *, is_marked: bool) -> Iterator[_Wanted]:
        """In pairs what stands before an answer and with it; then the whole. So the first that is refused is named."""
        if self.num_given:
            yield _Wanted(self.where, self.messages[: self.num_given], True)
        elif not is_marked:
            for place in self.answers:
                where = f"{self.where}: message {place + 1}"
                yield _Wanted(where, self.messages[:place], True)
                yield _Wanted(where, self.messages[: place + 1], False)
        yield _Wanted(self.where, self.messages, False)

    @property
    def answers(self) -> list[int]:
        """The places of the assistant's messages."""
        return [place for place, message in enumerate(self.messages) if message.role == ASSISTANT]


class Turns:
    """Conversations to tokens, by the tokenizer and the template of a parent.

    Raises:  Misuse if the parent has no template.
    """

    def __init__(self, tokenizer: ParentTokenizer):
        template = tokenizer.template
        if template is None:
            raise Misuse(
                f"{tokenizer.folder}: the parent has no chat template, which says how a conversation is written",
                hint="derive from the instruct version of the model, or from documents of texts",
            )
        self._tokenizer, self._template = tokenizer, template
        self._is_marked = marks_answers(template)

    def said(self, documents: Sequence[tuple[str, Talk]]) -> list[list[Said]]:
        """The conversations of each document (where it is, what it says), which are one or two.

        Raises:  Misuse naming document and message if the template refuses it, or does not say what of it was said.
        """
        conversations = [
            [_Conversation(where, messages, talk.num_given) for messages in talk.conversations]
            for where, talk in documents
        ]
        flat = [conversation for pair in conversations for conversation in pair]
        written = self._written(flat)
        encodings = self._tokenizer.written([whole.text for whole, _ in written])
        tokens = iter(
            said(encoding.ids, encoding.offsets, answers)
            for encoding, (_, answers) in zip(encodings, written, strict=True)
        )
        return [[next(tokens) for _ in pair] for pair in conversations]

    def _written(self, conversations: Sequence[_Conversation]) -> list[tuple[Rendered, Runs]]:
        """The text of each, and the characters that are learned."""
        wanted = [list(it.wanted(is_marked=self._is_marked)) for it in conversations]
        texts = iter(self._rendered([text for texts in wanted for text in texts]))
        found = []
        for conversation, its in zip(conversations, wanted, strict=True):
            *parts, whole = [next(texts) for _ in its]
            answers = self._answers(conversation, whole, parts)
            if not any(end > first for first, end in answers):
                raise self._refused(conversation.where, "nothing of it is marked as said by the assistant")
            found.append((whole, answers))
        return found

    def _answers(self, conversation: _Conversation, whole: Rendered, parts: Sequence[Rendered]) -> Runs:
        if conversation.num_given:
            prompt = parts[0].text
            self._require_begins(conversation.where, prompt, whole.text)
            return ((len(prompt), len(whole.text)),)
        if self._is_marked:
            places = [place for answer in whole.answers for place in answer]
            if places != sorted(places) or (places and places[-1] > len(whole.text)):
                raise self._refused(conversation.where, "it marks answers that are not in the order of the text")
            return whole.answers
        runs = []
        for place, before, with_it in zip(conversation.answers, parts[::2], parts[1::2], strict=True):
            where = f"{conversation.where}: message {place + 1}"
            self._require_begins(where, before.text, with_it.text)
            self._require_begins(where, with_it.text, whole.text)
            runs.append((len(before.text), len(with_it.text)))
        return tuple(runs)

    def _require_begins(self, where: str, beginning: str, text: str) -> None:
        if not text.startswith(beginning):
            raise self._refused(where, "what is written up to it does not begin what is written with more messages")

    def _rendered(self, wanted: Sequence[_Wanted]) -> list[Rendered]:
        if len(wanted) > 1 and sum(it.size for it in wanted) > BATCH_CHARACTERS:
            return self._halved(wanted)
        asked = [
            Conversation(
                messages=[{"role": message.role, "content": message.content} for message in it.messages],
                add_generation_prompt=it.is_asked,
            )
            for it in wanted
        ]
        try:
            return rendered(self._template, asked, at=TOLD_TIME, special_tokens=self._tokenizer.special_tokens)
        except Misuse as error:
            if len(wanted) > 1:
                return self._halved(wanted)
            raise self._refused(wanted[0].where, str(error)) from error

    def _halved(self, wanted: Sequence[_Wanted]) -> list[Rendered]:
        middle = len(wanted) // 2
        return self._rendered(wanted[:middle]) + self._rendered(wanted[middle:])

    def _refused(self, where: str, why: str) -> Misuse:
        return Misuse(f"{where}: the template of {_name(self._tokenizer.folder)}: {why}", hint=TAKE_OUT)


def _name(folder: Path) -> str:
    return f"the parent in {folder}"
