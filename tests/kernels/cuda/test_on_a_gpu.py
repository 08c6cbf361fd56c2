"""Every kernel on the GPU of this machine: golden digests, the edges of the number line, beyond one tile; and a run."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from tests.kernels import test_golden  # noqa: E402
from tests.kernels.cases import CASES, Draw  # noqa: E402
from tests.kernels.cuda.test_kernels import BEYOND, EDGES, difference  # noqa: E402
from tests.train.conftest import recipe, tokens  # noqa: E402, F401  (fixtures)
from tests.train.test_bits import variant  # noqa: E402

from glasswright.kernels import native  # noqa: E402
from glasswright.kernels.cuda import device, launches  # noqa: E402
from glasswright.kernels.cuda.arrays import OnArrays  # noqa: E402
from glasswright.records.recipe import Recipe  # noqa: E402
from glasswright.train.effort import default_effort  # noqa: E402
from glasswright.train.trainer import Trainer  # noqa: E402

SEGMENT = 3
GOLDEN = dict(
    line.split(maxsplit=1)[::-1] for line in Path(test_golden.__file__).with_name("golden.txt").read_text().splitlines()
)


@pytest.fixture(scope="module")
def gpu() -> Any:
    """The kernels of the GPU that is here."""
    if not device.is_there():
        pytest.skip("did not run: no GPU is here")
    return OnArrays(device.Device())


@pytest.mark.parametrize("name", [name for name in GOLDEN if name.split()[0] in launches.LAUNCHES])
def test_a_kernel_has_its_golden_digest(gpu: Any, twins: Any, name: str):
    assert test_golden.digest(twins, gpu, name) == GOLDEN[name]


@pytest.mark.parametrize("name", launches.LAUNCHES)
def test_a_kernel_has_the_bits_of_the_processors(gpu: Any, name: str):
    for n in EDGES:
        assert not difference(name, gpu, native(), *CASES[name](Draw(n, 3), n)), n
    for call in BEYOND.get(name, ()):
        assert not difference(name, gpu, native(), *call())


@pytest.mark.usefixtures("gpu")
@pytest.mark.parametrize("numerics", [1, 2])
def test_a_run_is_the_processors_and_goes_on_there_and_back(recipe: Recipe, tokens: Path, numerics: int):  # noqa: F811
    recipe = variant(recipe, {"numerics": numerics, "model": {"tied_embeddings": numerics == 1}})
    shown, states = {}, {}
    for place in ("cpu", "cuda"):
        with closing(Trainer(recipe, tokens, default_effort(1, place))) as trainer:
            shown[place] = [trainer.step(step) for step in range(1, SEGMENT + 1)]
            states[place] = {name: values.copy() for name, values in trainer.tensors().items()}
            shown[place].append(trainer.state_record(SEGMENT))
    assert shown["cuda"] == shown["cpu"]
    for place, other in (("cpu", "cuda"), ("cuda", "cpu")):
        with closing(Trainer(recipe, tokens, default_effort(1, place))) as trainer:
            trainer.load(states[other])
            shown[place] = [trainer.step(SEGMENT + 1), trainer.state_record(SEGMENT + 1)]
    assert shown["cuda"] == shown["cpu"]
