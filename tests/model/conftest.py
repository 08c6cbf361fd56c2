"""Small models with weights everywhere, so that nothing is hidden behind a zero."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from glasswright.model import ops
from glasswright.model.config import LlamaConfig
from glasswright.model.llama import Llama


@pytest.fixture
def make_model() -> Callable[..., Llama]:
    """A model of random weights; keywords replace the configuration's."""

    def make(**changes: object) -> Llama:
        shape = {
            "vocab_size": 90,
            "hidden_size": 24,
            "num_layers": 2,
            "num_heads": 6,
            "num_kv_heads": 2,
            "intermediate_size": 40,
            "max_positions": 64,
            "rope_theta": Decimal(10000),
            "norm_epsilon": Decimal("0.00001"),
            "tied_embeddings": True,
            "end_of_text": 0,
        }
        model = Llama(LlamaConfig(**{**shape, **changes}))  # type: ignore[arg-type]
        for purpose, parameter in enumerate(model.parameters()):
            ops.uniform_(parameter, seed=1, purpose=purpose, half_width=0.5)
        return model

    return make
