"""A process in a foreign float mode trains to the same bits, and keeps its mode; a switch in a step is said."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from glasswright import kernels
from glasswright.kernels.float_mode import FloatModeChanged
from glasswright.records.canonical import canonical_bytes
from glasswright.records.recipe import Recipe
from glasswright.train.effort import Effort
from glasswright.train.objective import NextTokens
from glasswright.train.trainer import Trainer

ONE = Effort(num_threads=1, leaves_at_once=1)
FLUSH_TO_ZERO = 0x8000

pytestmark = pytest.mark.skipif(
    platform.machine() != "x86_64", reason="did not run: sets the float mode as the C library of x86-64 lays it out"
)

MODES = ("upward", "flush to zero", "subnormals read as zero")

# Trains two steps four times in each mode that something else has set, and prints the state roots.
PROGRAM = """
import contextlib, ctypes, ctypes.util, json, os, sys
from pathlib import Path
import numpy as np
from glasswright import kernels
from glasswright.model import guard
from glasswright.records.canonical import parse
from glasswright.records.recipe import Recipe
from glasswright.train.effort import Effort
from glasswright.train.trainer import Trainer

recipe = Recipe.model_validate(parse(Path(sys.argv[1]).read_bytes(), "recipe"))
math = ctypes.CDLL(ctypes.util.find_library("m"))

ordinary, guarded = (ctypes.c_uint32 * 8)(), guard.exact_float_mode  # fenv_t: the x87's seven words, then MXCSR
math.fegetenv(ordinary)

def set_mode(mode):
    if mode == "upward":
        assert math.fesetround(0x800) == 0
    else:
        environment = (ctypes.c_uint32 * 8)(*ordinary)
        environment[7] |= {"flush to zero": 0x8000, "subnormals read as zero": 0x40}[mode]
        math.fesetenv(environment)
    return kernels.native().float_mode()

def root(between=lambda: None):
    trainer = Trainer(recipe, Path(sys.argv[2]), Effort(num_threads=2, leaves_at_once=2))
    trainer.tensors()["model.model.embed_tokens.weight"].view(np.uint32)[:, 0] = 71362  # 1e-40
    trainer.step(1)
    between()
    trainer.step(2)
    trainer.close()
    return trainer.state_record(2).root

for mode in sys.argv[3:]:
    found = {"from a hook": root(lambda: set_mode(mode)), "before": root()}
    os.environ["GLASSWRIGHT_KERNELS"] = "definition"
    found["definitions"] = root()
    guard.exact_float_mode = contextlib.nullcontext
    found["unguarded definitions"] = root()
    found["the mode is kept"] = kernels.native().float_mode() == set_mode(mode)
    print(json.dumps(found))
    del os.environ["GLASSWRIGHT_KERNELS"]
    guard.exact_float_mode = guarded
    math.fesetenv(ordinary)
"""


@pytest.fixture
def small(recipe: Recipe) -> Recipe:
    """Small enough for the definitions. Of an untied embedding, rows that no gradient moves stay subnormal."""
    resolved = recipe.resolved()
    model = {**resolved["model"], "num_layers": 1, "tied_embeddings": False}
    train = {**resolved["train"], "batch_sequences": 2, "leaf_sequences": 1, "sequence_length": 6}
    return Recipe.model_validate({**resolved, "model": model, "train": train})


def root_in_an_ordinary_process(recipe: Recipe, tokens: Path) -> str:
    """What the program trains, here."""
    with closing(Trainer(recipe, tokens, ONE)) as trainer:
        trainer.tensors()["model.model.embed_tokens.weight"].view(np.uint32)[:, 0] = 71362
        for step in (1, 2):
            trainer.step(step)
        return trainer.state_record(2).root


def test_a_foreign_mode_of_the_process_changes_no_bit_and_is_kept(small: Recipe, tokens: Path, tmp_path: Path) -> None:
    (tmp_path / "recipe.json").write_bytes(canonical_bytes(small.resolved()))
    environment = {name: value for name, value in os.environ.items() if name != "GLASSWRIGHT_KERNELS"}
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, str(tmp_path / "recipe.json"), str(tokens), *MODES]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    root = root_in_an_ordinary_process(small, tokens)
    for mode, line in zip(MODES, result.stdout.splitlines(), strict=True):
        found = json.loads(line)
        # The sabotage: unguarded, NumPy's arithmetic, which the definitions are made of, goes by the process's mode.
        assert found.pop("unguarded definitions") != root, mode
        assert found == {"from a hook": root, "before": root, "definitions": root, "the mode is kept": True}, mode


@pytest.fixture
def _mode_switched_by_a_leaf(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    honest = NextTokens.leaf

    def leaf(self: NextTokens, step: int, index: int):
        if step == 2:
            kernels.native().set_float_mode(FLUSH_TO_ZERO)
        return honest(self, step, index)

    monkeypatch.setattr(NextTokens, "leaf", leaf)
    yield
    kernels.native().set_float_mode(0)


@pytest.mark.parametrize("leaves_at_once", [1, 2])
@pytest.mark.usefixtures("_mode_switched_by_a_leaf")
def test_a_mode_that_is_switched_within_a_step_ends_it_with_its_name(
    recipe: Recipe, tokens: Path, leaves_at_once: int
) -> None:
    with closing(Trainer(recipe, tokens, Effort(num_threads=1, leaves_at_once=leaves_at_once))) as trainer:
        trainer.step(1)
        with pytest.raises(FloatModeChanged, match="float.*mode .* was changed on the way: flush to zero") as changed:
            trainer.step(2)
    assert changed.value.mode == FLUSH_TO_ZERO
    assert kernels.native().float_mode() == 0


def test_a_mode_that_is_switched_between_the_pieces_of_a_step_ends_it_too(
    recipe: Recipe, tokens: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Trainer(recipe, tokens, ONE)) as trainer:
        honest = trainer.optimizer.norm
        monkeypatch.setattr(
            trainer.optimizer, "norm", lambda g: (honest(g), kernels.native().set_float_mode(FLUSH_TO_ZERO))[0]
        )
        with pytest.raises(FloatModeChanged, match="^step 1: .*flush to zero"):
            trainer.step(1)
