"""A step says what no step can have: each value is refused by step and field, though every root fits."""

from pathlib import Path
from typing import Any

import pytest
from tests.attacks.forging import change_lines, events, refused, reroot

NEGATIVE, INFINITE, NAN = "0xbf800000", "0x7f800000", "0x7fc00000"
VALUES: list[tuple[int, str, Any]] = [
    (2, "loss_nats", NEGATIVE),
    (2, "loss_nats", NAN),
    (2, "loss_nats", "1.5"),
    (3, "gradient_norm", NEGATIVE),
    (3, "gradient_norm", INFINITE),
    (3, "clip", "0xc0000000"),  # -2
    (3, "clip", "0x3f000001"),
    (4, "num_tokens", 10**6),
    (4, "num_tokens", -1),
    (4, "validation_bits_per_byte", NEGATIVE),
    (4, "validation_bits_per_byte", None),
    (3, "validation_bits_per_byte", "0x40000000"),  # a validation that the recipe does not ask for
]


def forge(release: Path, step: int = 2, field: str = "loss_nats", value: Any = NEGATIVE) -> None:
    change_lines(release / "transcript.jsonl", lambda lines: events(lines, "step")[step - 1].update({field: value}))
    reroot(release)


@pytest.mark.parametrize(("step", "field", "value"), VALUES)
def test_a_value_that_no_step_has(release: Path, step: int, field: str, value: Any) -> None:
    forge(release, step, field, value)
    refused(release, step="steps", evidence=rf"step {step}: .*{field}")
