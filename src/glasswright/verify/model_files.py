"""config.json and generation_config.json: every byte follows from the recipe and the token map.

Programs that load a model obey these files: code to run, tokens to suppress or to force, another activation. So no key
may be another, and none beyond.
"""

import json
from typing import Any

from glasswright.records.decoder import decoder_of
from glasswright.records.huggingface import to_hugging_face
from glasswright.records.recipe import Recipe
from glasswright.verify.settings import require_exactly

CONFIG = "model/config.json"
GENERATION_CONFIG = "model/generation_config.json"


def check_config(data: bytes, recipe: Recipe, vocab_size: int, end_of_text: int) -> None:
    """Raises:  ClaimFalse naming the key of config.json that is missing, beyond or another."""
    require_exactly(data, _spelled(expected_config(recipe, vocab_size, end_of_text)), CONFIG)


def check_generation_config(data: bytes, end_of_text: int) -> None:
    """Raises:  ClaimFalse naming the key of generation_config.json that is missing, beyond or another."""
    require_exactly(data, _spelled(expected_generation_config(end_of_text)), GENERATION_CONFIG)


def expected_config(recipe: Recipe, vocab_size: int, end_of_text: int) -> dict[str, Any]:
    """The keys of config.json, as transformers' class for the family names them; decimals as the nearest binary64."""
    return to_hugging_face(decoder_of(recipe, vocab_size=vocab_size, end_of_text=end_of_text))


def expected_generation_config(end_of_text: int) -> dict[str, Any]:
    """The keys of generation_config.json."""
    return {"bos_token_id": end_of_text, "eos_token_id": end_of_text}


def _spelled(settings: dict[str, Any]) -> bytes:
    return json.dumps(settings, indent=2, sort_keys=True).encode() + b"\n"
