"""Models that transformers writes, one for each shape of each family."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.families.cases import CASES, Case
from tests.train.conftest import tokens  # noqa: F401 (a fixture)

SHAPES = [(name, number) for name, case in CASES.items() for number in range(len(case.shapes))]
TOKENS_ST = torch.randint(0, 90, (2, 40), generator=torch.Generator().manual_seed(1))


@dataclass(frozen=True)
class Written:
    """A folder that transformers wrote, and the model that it wrote."""

    folder: Path
    theirs: torch.nn.Module
    case: Case


@pytest.fixture(scope="session")
def cache_of_written() -> dict[tuple[str, int], Written]:
    return {}


@pytest.fixture(params=SHAPES, ids=lambda it: f"{it[0]}-{it[1]}")
def written(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    cache_of_written: dict[tuple[str, int], Written],
) -> Iterator[Written]:
    """A model of random weights: no gain is one, no bias is zero, so that nothing is hidden behind them."""
    if request.param not in cache_of_written:
        name, number = request.param
        cache_of_written[request.param] = write(CASES[name], number, tmp_path_factory.mktemp(name))
    return cache_of_written[request.param]


def write(case: Case, number: int, folder: Path, dtype: torch.dtype = torch.float32) -> Written:
    import transformers

    config = getattr(transformers, case.config)(**case.shapes[number])
    with torch.random.fork_rng():
        torch.manual_seed(number)  # the same model in every run, whatever was drawn before
        theirs: Any = transformers.AutoModelForCausalLM.from_config(config).eval()
    generator = torch.Generator().manual_seed(number)
    with torch.no_grad():
        for parameter in (*theirs.parameters(), *selections(theirs)):
            noise = torch.rand(parameter.shape, generator=generator) - 0.5
            width = parameter.shape[-1] if parameter.dim() > 1 else 4
            parameter.add_(noise * (2.0 / width**0.5))
    theirs = theirs.to(dtype)
    theirs.save_pretrained(folder)
    return Written(folder, theirs.float(), case)


def selections(theirs: torch.nn.Module) -> Iterator[torch.Tensor]:
    """Buffers that are stored as parameters are: the biases of routers' choices."""
    return (buffer for name, buffer in theirs.named_buffers() if name.endswith("e_score_correction_bias"))
