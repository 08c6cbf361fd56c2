"""tokenizer.json is the byte-level BPE of this format and nothing more: every byte of it follows from its merges.

    id 0            <|endoftext|>, the only special token
    1 to 256        the 256 bytes, each by the character that stands for it, in the order of the characters
    257 + i         what merge i joins: two tokens of before, to one that was not there

A pair that byte-level BPE learns always joins to a token of its own. For say it joined to one made before: the same
characters stood there, as yet untouched from outside; then the merges up to that one had joined them as they did
before, and no pair was left.

Source:  byte-level BPE, and the characters for bytes: Radford et al. 2019, section 2.2, and their encoder.py.
"""

import json
from typing import Any

from glasswright.errors import ClaimFalse
from glasswright.records.recipe import Recipe
from glasswright.records.tokens import TokenMap
from glasswright.verify.decode import EDITED
from glasswright.verify.settings import parse_object, require_exactly

TOKENIZER = "model/tokenizer.json"
TOKENIZER_CONFIG = "model/tokenizer_config.json"
END_OF_TEXT = "<|endoftext|>"
END_OF_TEXT_ID = 0
END_BYTE = b"\xff"  # what the end of text stands for where tokens are spelled out: no UTF-8 text has this byte

# A byte that prints stands for itself; the others are the characters from 256 on, in their order.
_PRINTING = (*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1))
_OTHERS = sorted(set(range(256)) - set(_PRINTING))
BYTE_OF = dict(
    sorted([*((chr(byte), byte) for byte in _PRINTING), *((chr(256 + n), byte) for n, byte in enumerate(_OTHERS))])
)

Merges = list[tuple[str, str]]


def check_tokenizer(data: bytes, recipe: Recipe, token_map: TokenMap) -> list[bytes]:
    """That tokenizer.json is the recipe's kind of tokenizer, of its size, with the map's end of text.

    Returns:  the bytes that each id stands for; END_BYTE for the end of text.
    Raises:   ClaimFalse naming the key.
    """
    if token_map.end_of_text != END_OF_TEXT_ID:
        raise ClaimFalse(f"tokens/map.json: end_of_text: expected {END_OF_TEXT_ID}, found {token_map.end_of_text}")
    model = parse_object(data, TOKENIZER).get("model")
    if not isinstance(model, dict) or not isinstance(model.get("vocab"), dict):
        raise ClaimFalse(f"{TOKENIZER}: model.vocab: expected an object", hint=EDITED)
    vocab, merges = model["vocab"], _merges(model.get("merges"))
    tokens = _joined(vocab, merges)
    if len(tokens) != recipe.tokenizer.vocab_size:
        raise ClaimFalse(
            f"{TOKENIZER}: model.merges: {len(merges)} merges make {len(tokens)} tokens; the recipe has "
            f"{recipe.tokenizer.vocab_size}",
            hint=EDITED,
        )
    require_exactly(data, _spelled(tokens, merges), TOKENIZER)
    return [END_BYTE if token == END_OF_TEXT else bytes(map(BYTE_OF.__getitem__, token)) for token in tokens]


def check_tokenizer_config(data: bytes) -> None:
    """That tokenizer_config.json names the tokenizer's class and end of text, and no template, token or code.

    Raises:  ClaimFalse naming the key.
    """
    require_exactly(data, expected_tokenizer_config(), TOKENIZER_CONFIG)


def expected_tokenizer_config() -> bytes:
    """`tokenizer_config.json`: the same for every tokenizer of this format."""
    settings = {
        "add_prefix_space": False,
        "clean_up_tokenization_spaces": False,
        "eos_token": END_OF_TEXT,
        "tokenizer_class": "PreTrainedTokenizerFast",
    }
    return json.dumps(settings, indent=2, sort_keys=True).encode() + b"\n"


def _merges(value: Any) -> Merges:
    if not isinstance(value, list):
        raise ClaimFalse(f"{TOKENIZER}: model.merges: expected a list", hint=EDITED)
    for number, pair in enumerate(value):
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(part, str) for part in pair):
            raise ClaimFalse(f"{TOKENIZER}: model.merges[{number}]: expected two tokens", hint=EDITED)
    return [(left, right) for left, right in value]


def _joined(vocab: dict[str, Any], merges: Merges) -> list[str]:
    """The token of each id. What a merge joins is looked up at once: merges could double a token without end."""
    tokens = dict.fromkeys(BYTE_OF)
    for number, (left, right) in enumerate(merges):
        where = f"{TOKENIZER}: model.merges[{number}]"
        for part in (left, right):
            if part not in tokens:
                raise ClaimFalse(f"{where}: joins {part!r:.60}, which is no byte and no earlier merge's", hint=EDITED)
        token = left + right
        if token in tokens or token == END_OF_TEXT:
            raise ClaimFalse(f"{where}: makes {token!r:.60}, which is there already", hint=EDITED)
        if token not in vocab:
            raise ClaimFalse(f"{where}: makes {token!r:.60}, which is not in model.vocab", hint=EDITED)
        tokens[token] = None
    return [END_OF_TEXT, *tokens]


def _spelled(tokens: list[str], merges: Merges) -> bytes:
    """The file, as the `tokenizers` package writes it."""
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    end_of_text = {
        "id": END_OF_TEXT_ID,
        "content": END_OF_TEXT,
        "single_word": False,
        "lstrip": False,
        "rstrip": False,
        "normalized": False,
        "special": True,
    }
    settings = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [end_of_text],
        "normalizer": None,
        "pre_tokenizer": byte_level,
        "post_processor": None,
        "decoder": byte_level | {"add_prefix_space": True},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": {token: number for number, token in enumerate(tokens)},
            "merges": merges,
        },
    }
    return json.dumps(settings, indent=2, ensure_ascii=False).encode()
