"""A description is bounded before anything is listed of it."""

import pytest
from pydantic import ValidationError

from glasswright.records.model import Model


def test_a_model_of_more_tensors_than_are_ever_listed_is_refused() -> None:
    Model(num_layers=12_500)
    with pytest.raises(ValidationError, match="num_layers: expected at most 200000 tensors in all, got 12501 layers"):
        Model(num_layers=12_501)


def test_a_head_size_that_is_the_usual_one_is_left_out() -> None:
    with pytest.raises(ValidationError, match="head_size is hidden_size / num_heads where it is left out"):
        Model(hidden_size=128, num_heads=4, attention={"head_size": 32})
