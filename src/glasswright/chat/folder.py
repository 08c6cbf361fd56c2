"""What a model folder says of its chat: which template, and the special tokens that the template may name.

chat_template.jinja          the template alone; where there is none, `chat_template` of
tokenizer_config.json        a text, or a list of named ones; and the texts of special tokens
"""

import re
from collections.abc import Mapping
from typing import Any

from glasswright.errors import Misuse

CONFIG = "tokenizer_config.json"
TEMPLATE = "chat_template.jinja"
SPECIAL = tuple(f"{name}_token" for name in ("bos", "eos", "unk", "sep", "pad", "cls", "mask"))
GENERATION = re.compile(r"\{%-?\s*generation\s*-?%\}")  # as transformers looks for it


def special_tokens(config: Mapping[str, Any]) -> dict[str, str]:
    """The texts of special tokens by the names of tokenizer_config.json: {"bos_token": "<s>"}."""
    said = {name: config.get(name) for name in SPECIAL}
    texts = {name: it.get("content") if isinstance(it, dict) else it for name, it in said.items()}
    return {name: text for name, text in texts.items() if isinstance(text, str)}


def template_of(config: Mapping[str, Any], file: str | None) -> str | None:
    """The chat template, as it is written; of several, the one named "default".

    file:  the text of chat_template.jinja, where it is there

    Raises:  Misuse if it is no text.
    """
    if file is not None:
        return file
    said = config.get("chat_template")
    if isinstance(said, list):
        named = {it.get("name"): it.get("template") for it in said if isinstance(it, dict)}
        said = named.get("default")
    if said is not None and not isinstance(said, str):
        raise Misuse(f"{CONFIG}: chat_template: expected a text, found {type(said).__name__}")
    return said


def marks_answers(template: str) -> bool:
    """Whether a template says itself what the assistant said, by `{% generation %}`."""
    return GENERATION.search(template) is not None
