"""Training on a GPU, as far as it can be shown without one: on an emulated GPU, and on one that computes nothing."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from tests.families.cases import CASES  # noqa: E402
from tests.families.test_training import recipe as recipe_of  # noqa: E402
from tests.kernels.cuda.emulation import DESCENDING, Emulation  # noqa: E402
from tests.train.test_bits import variant  # noqa: E402

from glasswright.errors import Misuse  # noqa: E402
from glasswright.kernels import backends  # noqa: E402
from glasswright.kernels.backends.cuda import Cuda  # noqa: E402
from glasswright.kernels.cuda import launches  # noqa: E402
from glasswright.model.positions import Rotation  # noqa: E402
from glasswright.records.recipe import Recipe  # noqa: E402
from glasswright.train import rehearsal  # noqa: E402
from glasswright.train.effort import Effort, default_effort  # noqa: E402
from glasswright.train.trainer import Trainer  # noqa: E402

ONE = Effort(num_threads=1, leaves_at_once=1)
SEGMENT = 3

On = Callable[[str], None]


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> On:
    """on("gpu") has everything that follows computed by an emulated GPU, on("cpu") by the processor again."""

    def switch(place: str, gpu: Emulation | None = None) -> None:
        monkeypatch.undo()
        if place == "gpu":
            kernels = {n: Cuda(names, gpu or Emulation(DESCENDING)) for n, names in backends.STAND_INS.items()}
            monkeypatch.setattr(backends, "on", lambda _: kernels[backends._numerics.get()])

    return switch


def steps(trainer: Trainer, first: int, last: int) -> tuple[Any, ...]:
    """What a run has to show for some steps: their records, and the state after the last."""
    return *(trainer.step(step) for step in range(first, last + 1)), trainer.state_record(last)


@pytest.mark.parametrize("numerics", [1, 2])
def test_a_run_on_a_gpu_is_the_processors_and_goes_on_there_and_back(
    recipe: Recipe, tokens: Path, on: On, numerics: int
):
    recipe = variant(recipe, {"numerics": numerics, "model": {"tied_embeddings": numerics == 1}})
    shown, states = {}, {}
    for place in ("cpu", "gpu"):
        on(place)
        with closing(Trainer(recipe, tokens, ONE)) as trainer:
            shown[place] = steps(trainer, 1, SEGMENT)
            states[place] = {name: values.copy() for name, values in trainer.tensors().items()}
    assert shown["gpu"] == shown["cpu"]
    for place, other in (("cpu", "gpu"), ("gpu", "cpu")):
        on(place)
        with closing(Trainer(recipe, tokens, ONE)) as trainer:
            trainer.load(states[other])
            shown[place] = steps(trainer, SEGMENT + 1, SEGMENT + 1)
    assert shown["gpu"] == shown["cpu"]


def test_a_gpu_that_computes_one_kernel_otherwise_is_noticed(recipe: Recipe, tokens: Path, on: On):
    found = []
    for gpu in (Emulation(), Emulation(changes={"add": ("a[i] + b[i]", "a[i] + b[i] * 1.0000001f")})):
        on("gpu", gpu)
        with closing(Trainer(recipe, tokens, ONE)) as trainer:
            found.append(steps(trainer, 1, 1))
    assert found[0] != found[1]


@pytest.mark.parametrize("numerics", [1, 2])
@pytest.mark.parametrize("kind", ["muon", "adamw"])
def test_all_of_a_step_of_llamas_family_has_kernels_and_its_tensors_lie_on_the_gpu(
    recipe: Recipe, numerics: int, kind: str
):
    rehearsal.rehearse(variant(recipe, {"numerics": numerics, "train": {"optimizer": {"kind": kind}}}))


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_family_has_kernels_for_all_of_a_step(name: str):
    rehearsal.rehearse(recipe_of(name))


@pytest.mark.parametrize("name", ["gpt2", "gemma2", "deepseek_v3"])
def test_another_familys_step_on_a_gpu_is_the_processors(name: str, tokens: Path, on: On):
    shown = []
    for place in ("cpu", "gpu"):
        on(place)
        with closing(Trainer(recipe_of(name), tokens, ONE)) as trainer:
            shown.append(steps(trainer, 1, 1))
    assert shown[0] == shown[1]


def test_a_tensor_that_lies_elsewhere_is_noticed(recipe: Recipe, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("glasswright.model.decoder.Rotation", lambda model, _: Rotation(model, "cpu"))
    with pytest.raises(ValueError, match="cos_Te: expected .* on meta, got .* on cpu"):
        rehearsal.rehearse(recipe)


def test_a_family_without_kernels_is_refused_by_the_kernels_name_before_any_work(
    recipe: Recipe, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(launches, "LAUNCHES", {k: v for k, v in launches.LAUNCHES.items() if k != "swiglu_backward"})
    with pytest.raises(Misuse, match="the kernel swiglu_backward is not there for GPUs") as refused:
        rehearsal.rehearse(recipe)
    assert "--device cpu" in str(refused.value.hint)


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is here")
def test_a_gpu_that_is_not_there_is_misuse(recipe: Recipe, tokens: Path):
    for ask in (
        lambda: rehearsal.require_device(recipe, "cuda"),
        lambda: Trainer(recipe, tokens, default_effort(1, "cuda")),
    ):
        with pytest.raises(Misuse, match="no GPU is here that torch can use"):
            ask()


def test_on_a_gpu_leaves_are_computed_one_at_a_time():
    assert default_effort(8, "cpu").leaves_at_once == 8
    assert default_effort(8, "cuda").leaves_at_once == 1
