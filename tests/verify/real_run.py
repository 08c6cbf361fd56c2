"""A run that was trained: the release of schema 1 in tests/fixtures, of six steps and four checkpoints."""

import json
import tarfile
from dataclasses import dataclass
from pathlib import Path

from glasswright.records.recipe import Recipe
from glasswright.records.tokens import TokenMap
from glasswright.records.transcript import StateRecord, StepRecord, TensorDigest
from glasswright.verify.recipe import read_recipe

FIXTURE = Path(__file__).resolve().parents[1] / "fixtures" / "schema-1.tar.xz"


@dataclass(frozen=True, slots=True)
class RealRun:
    folder: Path
    recipe: Recipe
    token_map: TokenMap
    steps: tuple[StepRecord, ...]  # without what they read
    states: tuple[StateRecord, ...]

    def checkpoint(self, step: int) -> Path:
        return self.folder / "checkpoints" / f"state-{step:08d}.safetensors"


def unpack(folder: Path) -> RealRun:
    """Unpack the fixture to `folder` and read it."""
    with tarfile.open(FIXTURE) as archive:
        archive.extractall(folder, filter="data")
    (release,) = folder.iterdir()
    return RealRun(
        folder=release,
        recipe=read_recipe((release / "recipe.yaml").read_bytes(), "recipe.yaml"),
        token_map=TokenMap.from_record(json.loads((release / "tokens" / "map.json").read_bytes())),
        steps=tuple(_step(record) for record in _lines(release / "transcript" / "steps.jsonl")),
        states=tuple(_state(record) for record in _lines(release / "transcript" / "states.jsonl")),
    )


def _lines(path: Path) -> list[dict]:
    return [json.loads(line)["determined"] for line in path.read_bytes().splitlines()]


def _step(record: dict) -> StepRecord:
    return StepRecord(**{name: value for name, value in record.items() if name != "sequences"}, reads="")


def _state(record: dict) -> StateRecord:
    tensors = tuple(TensorDigest(**{**tensor, "shape": tuple(tensor["shape"])}) for tensor in record["tensors"])
    return StateRecord(**{**record, "tensors": tensors})
