"""Conversations and preferences as rows of JSONL, or of one list in JSON, in the shapes that they are passed around in.

    conversations    {"messages": [{"role", "content"}, ...]}                OpenAI, TRL, Hugging Face
                     {"conversations": [{"from", "value"}, ...]}             ShareGPT
                     what is asked and what is answered, a column each       `PAIRS`
    preferences      {"prompt", "chosen", "rejected"}, each a text or messages; where `chosen` and `rejected` begin with
                     the prompt, they are taken without it; where there is none, it is their common beginning

A row is a document, and its text what `records.conversations` spells. One that is none is dropped with the reason.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path
from typing import Any

from glasswright.corpus.decode import clean, without_surrogates
from glasswright.corpus.found import Found, Inventory, Opened
from glasswright.corpus.sources.containers import open_containers
from glasswright.corpus.sources.files import Entry, open_entry
from glasswright.corpus.sources.jsonl import json_objects
from glasswright.corpus.sources.limits import Growth
from glasswright.corpus.sources.row import Row
from glasswright.corpus.sources.streams import Hashed
from glasswright.corpus.sources.surroundings import Surroundings
from glasswright.corpus.sources.table import LEDGER_BYTES, found_in
from glasswright.corpus.talks import fault
from glasswright.records.conversations import ASSISTANT, ROLES, USER, Message, Messages, Talk
from glasswright.records.sources import JSON_LINES, SourceKind

LISTS = {"messages": ("role", "content"), "conversations": ("from", "value")}
PAIRS = (  # what is asked, what more is given with it, what is answered
    ("instruction", "input", "output"),
    ("prompt", None, "completion"),
    ("prompt", None, "response"),
    ("question", None, "answer"),
)
ROLE_OF = {**{role: role for role in ROLES}, "human": USER, "gpt": ASSISTANT}
SAYS_MORE = ("tools", "functions", "system", "history")  # of a row: without it, the conversation is another


class NotATalk(Exception):
    """A row is no conversation or preference that is read; its argument is the reason code."""


def open_talks(root: Path, *, kind: SourceKind, uri: str, include: tuple[str, ...]) -> Opened:
    """The conversations or preferences of one file, or of every JSONL file below a folder."""
    surroundings = Surroundings.below(root) if root.is_dir() else None
    return open_containers(root, kind, uri=uri, include=include, documents=TalkReader(kind, surroundings))


@dataclass(frozen=True, slots=True)
class TalkReader:
    """Gives the rows of a file, with what the files around it state of their license."""

    kind: SourceKind
    surroundings: Surroundings | None  # None where the source is one file

    def __call__(self, entry: Entry, inventory: Inventory) -> Iterator[Found]:
        around = self.surroundings.tree.statements(entry.path) if self.surroundings else ()
        growth, seen = Growth(entry.place, entry.num_bytes), set[bytes]()
        with open_entry(entry) as file:
            hashed = Hashed(entry, file, inventory)
            for row in json_objects(entry, hashed):
                growth.add(max(row.num_raw_bytes, LEDGER_BYTES))
                found = _found(f"{entry.path}#{row.number}", row, READ[self.kind], _is_again(row, seen))
                yield replace(found, statements=(*found.statements, *around))
            hashed.finish()


def _is_again(row: Row, seen: set[bytes]) -> bool:
    """Whether another row of the file had this one's id."""
    name = row.values.get("id")
    if not isinstance(name, str | int):
        return False
    key = hashlib.blake2b(repr(name).encode("utf-8", "backslashreplace"), digest_size=16).digest()
    is_again = key in seen
    seen.add(key)
    return is_again


def _found(path: str, row: Row, read: Callable[[Mapping[str, Any]], Talk], is_again: bool) -> Found:
    text, reason, num_replaced = None, None, 0
    try:
        talk = read(row.values)
        whole = [without_surrogates(content) for content in talk.contents()]
        talk = talk.saying([clean(content.text) for content in whole])
        text, num_replaced = talk.text(), sum(content.num_replaced for content in whole)
        reason = fault(talk) or ("duplicate_row_id" if is_again else None)
    except NotATalk as error:
        reason = str(error)
    return found_in(path, JSON_LINES, row, text, num_replaced=num_replaced, reason=reason)


def _conversation(row: Mapping[str, Any]) -> Talk:
    for column, names in LISTS.items():
        if column in row:
            _require_no_more(row, SAYS_MORE)
            return Talk({"messages": _messages(row[column], *names)})
    for asked, given, answered in PAIRS:
        if isinstance(row.get(asked), str) and isinstance(row.get(answered), str):
            _require_no_more(row, SAYS_MORE)
            more = row.get(given) if given else None
            question = f"{row[asked]}\n\n{more}" if isinstance(more, str) and more.strip() else row[asked]
            return Talk({"messages": (Message(USER, question), Message(ASSISTANT, row[answered]))})
    raise NotATalk("not_a_conversation")


def _preference(row: Mapping[str, Any]) -> Talk:
    if "chosen" not in row or "rejected" not in row:
        raise NotATalk("not_a_preference")
    _require_no_more(row, SAYS_MORE)
    chosen, rejected = (_spoken(row[column], ASSISTANT) for column in ("chosen", "rejected"))
    if chosen == rejected:
        raise NotATalk("no_difference")
    prompt = _spoken(row["prompt"], USER) if row.get("prompt") is not None else _common(chosen, rejected)
    if chosen[: len(prompt)] == prompt == rejected[: len(prompt)]:
        chosen, rejected = chosen[len(prompt) :], rejected[len(prompt) :]
    return Talk({"prompt": prompt, "chosen": chosen, "rejected": rejected})


def _common(chosen: Messages, rejected: Messages) -> Messages:
    pairs = zip(chosen, rejected, strict=False)
    return tuple(ours for ours, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _spoken(value: Any, role: str) -> Messages:
    """A text that is said in a role, or messages."""
    return (Message(role, value),) if isinstance(value, str) else _messages(value, *LISTS["messages"])


def _messages(value: Any, role: str, content: str) -> Messages:
    if not isinstance(value, list) or not all(isinstance(message, dict) for message in value):
        raise NotATalk("not_a_conversation")
    return tuple(_message(message, role, content) for message in value)


def _message(message: Mapping[str, Any], role: str, content: str) -> Message:
    _require_no_more(message, message.keys() - {role, content})
    if not isinstance(message.get(role), str) or ROLE_OF.get(message[role]) is None:
        raise NotATalk("unknown_role")
    if message.get(content) is None:
        raise NotATalk("empty_message")
    if not isinstance(message[content], str):
        raise NotATalk("not_a_conversation")
    return Message(ROLE_OF[message[role]], message[content])


def _require_no_more(value: Mapping[str, Any], columns: Sequence[str] | set[str]) -> None:
    """A call of a tool, a picture, a weight: learned without it, what is said would be something else."""
    if any(value.get(column) for column in columns):
        raise NotATalk("says_more_than_messages")


READ: Mapping[SourceKind, Callable[[Mapping[str, Any]], Talk]] = {
    "conversations": _conversation,
    "preferences": _preference,
}
