"""Conversations and preferences as the texts of documents: canonical JSON, so each has one spelling.

    conversations    {"messages": [{"content": TEXT, "role": ROLE}, ...]}
    preferences      {"chosen": [...], "prompt": [...], "rejected": [...]}

What a document is to be called equal by (its digest, its license, its removal) is this text; what is read, mended and
masked in it are the contents.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from glasswright.records.canonical import canonical_bytes
from glasswright.records.sources import Material

SYSTEM, USER, ASSISTANT, TOOL = ROLES = ("system", "user", "assistant", "tool")
KEYS: Mapping[Material, tuple[str, ...]] = {
    "conversations": ("messages",),
    "preferences": ("prompt", "chosen", "rejected"),
}
# What a chat template is told that asks for the time: the same at every build, so that a conversation has one text.
TOLD_TIME = datetime(2024, 7, 26)  # without a zone, as templates know none


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody said."""

    role: str
    content: str


Messages = tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation, or the two of a preference: lists of messages by the keys of their kind."""

    lists: Mapping[str, Messages]

    @classmethod
    def from_text(cls, text: str) -> "Talk":
        """The talk that a document's text spells.

        Raises:  ValueError if it is none, or spelled in another way.
        """
        try:
            record = json.loads(text)
        except RecursionError as error:
            raise ValueError("nested without end") from error
        keys = next((keys for keys in KEYS.values() if isinstance(record, dict) and record.keys() == set(keys)), None)
        if keys is None:
            raise ValueError("expected an object with messages, or with prompt, chosen and rejected")
        talk = cls({key: tuple(map(_message, _list(record[key]))) for key in keys})
        if talk.text() != text:
            raise ValueError("not in its one spelling")
        return talk

    def text(self) -> str:
        """The text of the document."""
        lists = {
            key: [{"role": it.role, "content": it.content} for it in messages] for key, messages in self.lists.items()
        }
        return canonical_bytes(lists).decode()

    def contents(self) -> list[str]:
        """What is said, message by message."""
        return [message.content for messages in self.lists.values() for message in messages]

    def saying(self, contents: Sequence[str]) -> "Talk":
        """The same with other contents, as many as there are messages."""
        said: Iterator[str] = iter(contents)
        return Talk(
            {key: tuple(Message(it.role, next(said)) for it in messages) for key, messages in self.lists.items()}
        )

    @property
    def conversations(self) -> tuple[Messages, ...]:
        """What is learned from: the one conversation, or the chosen and the rejected one."""
        if "messages" in self.lists:
            return (self.lists["messages"],)
        prompt = self.lists["prompt"]
        return (prompt + self.lists["chosen"], prompt + self.lists["rejected"])

    @property
    def num_given(self) -> int:
        """How many messages at the beginning are the prompt of a preference."""
        return len(self.lists.get("prompt", ()))


def said(text: str, material: Material) -> str:
    """The words of a document: its text, or the contents of its messages, a blank line between them."""
    return text if material == "texts" else "\n\n".join(Talk.from_text(text).contents())


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"expected a list of messages, found {type(value).__name__}")
    return value


def _message(value: Any) -> Message:
    if not isinstance(value, dict) or value.keys() != {"role", "content"}:
        raise ValueError("expected messages with role and content")
    if value["role"] not in ROLES or not isinstance(value["content"], str):
        raise ValueError(f"expected a role of {', '.join(ROLES)}, and a text")
    return Message(value["role"], value["content"])
