"""config.json and generation_config.json: every byte follows from the recipe and the token map.

Programs that load a model obey these files: code to run, tokens to suppress or to force, another activation. So no key
may be another, and none beyond.
"""

import json
from typing import Any

from glasswright.records.decoder import DecoderConfig
from glasswright.records.huggingface import to_hugging_face
from glasswright.verify.settings import require_exactly

CONFIG = "model/config.json"
GENERATION_CONFIG = "model/generation_config.json"


def check_config(data: bytes, config: DecoderConfig) -> None:
    """That config.json has the keys that transformers' class for the family names; decimals as the nearest binary64.

    Raises:  ClaimFalse naming the key that is missing, beyond or another.
    """
    require_exactly(data, _spelled(to_hugging_face(config)), CONFIG)


def check_generation_config(data: bytes, config: DecoderConfig) -> None:
    """Raises:  ClaimFalse naming the key of generation_config.json that is missing, beyond or another."""
    settings = to_hugging_face(config)
    expected = {key: settings[key] for key in ("bos_token_id", "eos_token_id")}
    require_exactly(data, _spelled(expected), GENERATION_CONFIG)


def _spelled(settings: dict[str, Any]) -> bytes:
    return json.dumps(settings, indent=2, sort_keys=True).encode() + b"\n"
