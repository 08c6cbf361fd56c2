"""Where a build happens and how hard it works. Nothing here can change a bit of the release."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from glasswright.records.progress import Report, silent
from glasswright.train.effort import Effort


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The circumstances of one build."""

    base: Path  # what relative paths in the recipe are relative to
    work: Path  # stages' folders lie here
    effort: Effort
    locations: Mapping[str, Path] = field(default_factory=dict)  # source name -> where it lies here
    mirror: Path | None = None  # local copies of git repositories
    parent: Path | None = None  # where the recipe's parent lies here, if not where the recipe says
    salt: bytes | None = None  # of a private recipe, as its file has it
    with_checkpoints: bool = False  # release the states at all segment boundaries, so that segments can be replayed
    report: Report = silent
