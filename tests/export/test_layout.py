"""What llama.cpp would compute otherwise has no place in a GGUF file, and is told by its part."""

from typing import Any

import pytest

from glasswright.errors import Misuse
from glasswright.export.layout import architecture_of
from glasswright.records.model import Model

OLMO_3 = {"family": "olmo3", "hidden_size": 32, "num_heads": 4, "num_kv_heads": 4}
REFUSED: list[tuple[dict[str, Any], str]] = [
    (OLMO_3 | {"rope_theta": 10000}, "positions.window_theta: 500000 beside rope_theta 10000"),
    (OLMO_3 | {"tied_embeddings": True}, "tied_embeddings: True, where llama.cpp's architecture olmo2 has False"),
    (OLMO_3 | {"attention": {"full_every": 2}}, "attention.full_every: 2"),
    (OLMO_3 | {"attention": {"head_size": 16}}, "attention.head_size: 16"),
    ({"family": "olmo2", "attention": {"bias": True, "output_bias": True}}, "attention.bias: True"),
    ({"family": "mistral", "attention": {"window": 8}}, "attention.window: 8"),
    ({"family": "gemma2", "attention": {"head_size": 16}}, "family gemma2: no GGUF of it is written"),
]


@pytest.mark.parametrize(("description", "message"), REFUSED)
def test_a_part_that_llama_cpp_has_not_is_named(description: dict[str, Any], message: str) -> None:
    with pytest.raises(Misuse, match=message):
        architecture_of(Model.model_validate(description))


def test_what_it_has_is_its_architecture() -> None:
    assert architecture_of(Model.model_validate(OLMO_3)).name == "olmo2"
