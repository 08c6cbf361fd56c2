"""What each token of a parent's tokenizer spells, read from its tokenizer.json without the library that applies it.

Read are byte-level vocabularies of BPE, behind steps that only cut a text: every token stands for bytes, and those of a
text are the text. An added token stands for its content; it is found first, wherever a text has it: of those that begin
at a place the longest, from left to right. Of texts that are learned, special tokens are left out: their names there
are characters. What is not read is named and UNKNOWN: it could turn a text into another one.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from glasswright.errors import ClaimFalse, Unknown
from glasswright.records.recipe import Recipe
from glasswright.records.tokens import TokenMap
from glasswright.verify.decode import EDITED
from glasswright.verify.settings import parse_object
from glasswright.verify.tokenizer import BYTE_OF, END_BYTE, TOKENIZER

MAX_ADDED = 2**12
Allowed = Mapping[str, tuple[Any, ...]]
CUTS: Mapping[str, Allowed] = {  # steps before the merges, with the keys that would change a text and what they may be
    "ByteLevel": {"add_prefix_space": (False,)},
    "Digits": {},
    "Split": {"behavior": ("Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous")},
}
BPE = {"type": ("BPE",), "dropout": (None, 0), "byte_fallback": (None, False)}
ADDED = {"lstrip": (False,), "rstrip": (False,), "single_word": (False,)}
WHAT_TO_DO = "a rebuild tells: `glasswright rebuild`"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The bytes of each id, and the added tokens that a text may hold."""

    tokens: list[bytes]  # END_BYTE: in no text
    added: Mapping[bytes, int]
    is_composed: bool  # texts are put into Unicode's normal form C first

    def require_read(self, text: str, where: str) -> None:
        """Raises:  Unknown if tokens spell another text than this one."""
        if self.is_composed and not unicodedata.is_normalized("NFC", text):
            raise Unknown(f"{where}: not in normal form C, into which the tokenizer puts it", hint=WHAT_TO_DO)

    def added_in(self, text: bytes) -> list[tuple[int, int]]:
        """Where in a text added tokens stand, and their ids."""
        if not self.added:
            return []
        names = sorted(self.added, key=len, reverse=True)
        found = re.finditer(b"|".join(map(re.escape, names)), text)
        return [(match.start(), self.added[match[0]]) for match in found]


def vocabulary_of(data: bytes, recipe: Recipe, token_map: TokenMap) -> Vocabulary:
    """The vocabulary in a tokenizer.json, for the recipe's material.

    Raises:  ClaimFalse naming the key that is wrong; Unknown naming the one that is not read.
    """
    parent = recipe.parent
    assert parent is not None, "our own tokenizers are read by `check_tokenizer`"
    if token_map.end_of_text != parent.ends_of_text[0]:
        raise ClaimFalse(
            f"tokens/map.json: end_of_text: expected {parent.ends_of_text[0]}, found {token_map.end_of_text}",
            hint=EDITED,
        )
    return spelled_by(data, recipe)


def spelled_by(data: bytes, recipe: Recipe) -> Vocabulary:
    """The vocabulary in a tokenizer.json, whatever ends a text.

    Raises:  ClaimFalse naming the key that is wrong; Unknown naming the one that is not read.
    """
    definition = parse_object(data, TOKENIZER)
    model = _object(definition.get("model"), "model")
    _require(model, BPE, "model")
    for number, step in enumerate(_steps(definition.get("pre_tokenizer"), "pretokenizers")):
        kind = step.get("type")
        if kind not in CUTS:
            raise _not_read(f"pre_tokenizer[{number}].type", kind)
        _require(step, CUTS[str(kind)], f"pre_tokenizer[{number}]")
    is_composed = [step.get("type") for step in _steps(definition.get("normalizer"), "normalizers")]
    if is_composed not in ([], ["NFC"]):
        raise _not_read("normalizer", is_composed)
    return _with_added(definition, _of_bytes(model, recipe.tokenizer.vocab_size), bool(is_composed), recipe)


def _with_added(definition: dict[str, Any], tokens: list[bytes], is_composed: bool, recipe: Recipe) -> Vocabulary:
    listed = definition.get("added_tokens") or []
    if not isinstance(listed, list) or len(listed) > MAX_ADDED:
        raise _not_read("added_tokens", f"other than a list of at most {MAX_ADDED}")
    added = {}
    for number, token in enumerate(listed):
        where = f"added_tokens[{number}]"
        _require(_object(token, where), ADDED, where)
        content, id_ = token.get("content"), token.get("id")
        if not isinstance(content, str) or not content or type(id_) is not int or id_ < 0:
            raise ClaimFalse(f"{TOKENIZER}: {where}: expected content and id", hint=EDITED)
        is_text = token.get("special") is True and recipe.learns == "texts"
        if id_ < len(tokens):
            tokens[id_] = END_BYTE if is_text else content.encode("utf-8", "replace")
        if not is_text:
            added[content.encode("utf-8", "replace")] = id_
    return Vocabulary(tokens, added, is_composed)


def _of_bytes(model: dict[str, Any], vocab_size: int) -> list[bytes]:
    """The bytes of each id by a byte-level vocabulary; those that it has not are in no text."""
    tokens = [END_BYTE] * vocab_size
    for token, id_ in _object(model.get("vocab"), "model.vocab").items():
        if type(id_) is not int or id_ < 0:
            raise ClaimFalse(f"{TOKENIZER}: model.vocab: {token!r:.60}: expected an id, found {id_!r:.60}", hint=EDITED)
        spelled = [BYTE_OF.get(character) for character in token]
        if id_ < vocab_size and None not in spelled:
            tokens[id_] = bytes(byte for byte in spelled if byte is not None)
    return tokens


def _steps(value: Any, inner: str) -> list[dict[str, Any]]:
    """The steps of a normalizer or a pre-tokenizer, in order."""
    if value is None:
        return []
    step = _object(value, inner)
    if step.get("type") != "Sequence":
        return [step]
    listed = step.get(inner)
    if not isinstance(listed, list):
        raise ClaimFalse(f"{TOKENIZER}: {inner}: expected a list", hint=EDITED)
    return [_object(each, inner) for each in listed]


def _require(value: dict[str, Any], allowed: Allowed, where: str) -> None:
    for key, values in allowed.items():
        if value.get(key) not in values:
            raise _not_read(f"{where}.{key}", value.get(key))


def _object(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ClaimFalse(f"{TOKENIZER}: {where}: expected an object, found {type(value).__name__}", hint=EDITED)
    return value


def _not_read(where: str, found: Any) -> Unknown:
    told = json.dumps(found, default=str)
    return Unknown(f"{TOKENIZER}: {where}: {told:.80}: not read here, so what its tokens spell", hint=WHAT_TO_DO)
