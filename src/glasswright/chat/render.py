"""A stranger's chat template, rendered in a process of its own that ends in any case."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from glasswright.errors import Misuse
from glasswright.foreign import bounded, shown

MAX_TEMPLATE_CHARACTERS = 2**18
PATIENCE_SECONDS = 60  # for the process as a whole, on a machine with other work; its own time is bounded by itself
REASONING = ("reasoning_content", "thinking", "reasoning")
HINT = "`glasswright scan` says what a template does; take the model's own from where it was published"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """What a template is given: of JSON's types alone."""

    messages: Sequence[Mapping[str, Any]]
    tools: Sequence[Mapping[str, Any]] | None = None
    documents: Sequence[Mapping[str, Any]] | None = None
    add_generation_prompt: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)  # what a model's own template asks for beside these


@dataclass(frozen=True, slots=True)
class Rendered:
    """The text of a conversation, and the runs of its characters, [first, end), that the template marks as answers."""

    text: str
    answers: tuple[tuple[int, int], ...]


def render(
    template: str,
    conversations: Sequence[Conversation],
    *,
    at: datetime,
    special_tokens: Mapping[str, str] | None = None,
) -> list[str]:
    """The text of each conversation: `rendered` without its marks."""
    return [it.text for it in rendered(template, conversations, at=at, special_tokens=special_tokens)]


def rendered(
    template: str,
    conversations: Sequence[Conversation],
    *,
    at: datetime,
    special_tokens: Mapping[str, str] | None = None,
) -> list[Rendered]:
    """Each conversation, as `apply_chat_template` of transformers gives it.

    at:              the time that the template is told, if it asks
    special_tokens:  by the names of tokenizer_config.json: {"bos_token": "<s>"}

    Raises:  Misuse saying what the template is, or did: too long, not jinja, without end, out of its bounds, or not
             content with the conversation.
    """
    if len(template) > MAX_TEMPLATE_CHARACTERS:
        raise Misuse(
            f"chat template: {len(template):,} characters, where at most {MAX_TEMPLATE_CHARACTERS:,} are run", hint=HINT
        )
    variables = [_variables(conversation, special_tokens or {}) for conversation in conversations]
    answer = _asked({"template": template, "variables": variables, "at": at.isoformat()})
    if "error" in answer:
        raise Misuse(f"chat template: {shown(answer['error'][:1000])}", hint=HINT)
    return [
        Rendered(text, tuple((first, end) for first, end in answers))
        for text, answers in zip(answer["texts"], answer["answers"], strict=True)
    ]


def _variables(conversation: Conversation, special_tokens: Mapping[str, str]) -> dict[str, Any]:
    return {
        **special_tokens,
        **conversation.more,
        "messages": [_with_reasoning(message) for message in conversation.messages],
        "tools": conversation.tools,
        "documents": conversation.documents,
        "add_generation_prompt": conversation.add_generation_prompt,
    }


def _with_reasoning(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a model thought has had three names, and each template knows one of them."""
    thought = next((message[name] for name in REASONING if message.get(name) is not None), None)
    return message if thought is None else {"thinking": thought, **message, "reasoning_content": thought}


def _asked(request: dict[str, Any]) -> dict[str, Any]:
    data = json.dumps(request).encode()
    try:
        told = bounded.answer(["-m", "glasswright.chat.child"], data, patience_seconds=PATIENCE_SECONDS)
    except bounded.Unbounded as error:
        return {"error": f"is not run: {error}"}
    except bounded.TooMuch:
        return {"error": "takes more time or memory than it is given"}
    except bounded.Failed as error:
        return {"error": f"cannot be run: {error}"}
    answer: dict[str, Any] = json.loads(told)
    return answer
