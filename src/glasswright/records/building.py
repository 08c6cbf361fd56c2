"""What a build says of itself while it runs, for whoever watches: WORK/builds/KIND-DIGEST.json, one a recipe.

Nothing rests on it. Whether the build still runs, the lock of the work folder says, and what a training step was, the
transcript: here is only which stage it is in, how far that has come, and which folders are its own.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

BUILDS = "builds"  # below a work folder
BUILDING_SCHEMA = "glasswright/building/1"
BUILT = "built"


@dataclass(frozen=True, slots=True, kw_only=True)
class Building:
    """One build of one recipe in one work folder."""

    name: str
    recipe: str  # digest
    out: str  # where the release is to be
    num_steps: int
    started_at: str
    stages: Mapping[str, str]  # those begun: name -> folder below the work folder
    stage: str  # what it is at: a stage, or a part of finishing the release
    done: int
    total: int | None
    unit: str
    ended: str | None  # None while it runs, or if it was killed; BUILT; or what stopped it

    def record(self) -> dict[str, Any]:
        return {"schema": BUILDING_SCHEMA, **asdict(self), "stages": dict(self.stages)}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "Building":
        """Raises:  KeyError, TypeError or ValueError if it is none."""
        fields = dict(record)
        if fields.pop("schema") != BUILDING_SCHEMA:
            raise ValueError(f"schema: expected {BUILDING_SCHEMA!r}, found {record['schema']!r}")
        return cls(**fields)
