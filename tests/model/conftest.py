"""Small models with weights everywhere, so that nothing is hidden behind a zero."""

from collections.abc import Callable

import pytest

from glasswright.model import ops
from glasswright.model.decoder import Decoder
from glasswright.records.decoder import DecoderConfig
from glasswright.records.model import Model


@pytest.fixture
def make_model() -> Callable[..., Decoder]:
    """A model of random weights; keywords replace the description's."""

    def make(**changes: object) -> Decoder:
        shape = {"hidden_size": 24, "num_layers": 2, "num_heads": 6, "num_kv_heads": 2, "intermediate_size": 40}
        ends = {"vocab_size": 90, "max_positions": 64, "begin_of_text": 0, "ends_of_text": (0,)}
        ends |= {key: changes.pop(key) for key in ends.keys() & changes}
        model = Decoder(DecoderConfig(model=Model(**{**shape, **changes}), **ends))  # type: ignore[arg-type]
        for purpose, parameter in enumerate(model.parameters()):
            ops.uniform_(parameter, seed=1, purpose=purpose, half_width=0.5)
        return model

    return make
