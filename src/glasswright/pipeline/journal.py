"""Keeps the record of a build that others watch (records.building), next to the reports of its progress."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from glasswright.errors import GlasswrightError
from glasswright.records.building import BUILDS, BUILT, Building
from glasswright.records.canonical import canonical_bytes
from glasswright.records.progress import Progress, Report
from glasswright.records.recipe import Recipe
from glasswright.store.atomic import write_atomic

WRITTEN_EVERY_S = 1.0


class Journal:
    """Passes every report of progress on, and writes it down now and then."""

    def __init__(self, recipe: Recipe, *, work: Path, out: Path, report: Report):
        self.path = work / BUILDS / f"{recipe.digest[:12]}.json"
        self.report, self.written_at = report, float("-inf")
        self.building = Building(
            name=recipe.name,
            recipe=recipe.digest,
            out=str(out),
            num_steps=recipe.train.num_steps,
            started_at=datetime.now(UTC).isoformat(timespec="seconds"),
            stages={},
            stage="start",
            done=0,
            total=None,
            unit="",
            ended=None,
        )

    def __call__(self, progress: Progress) -> None:
        self.report(progress)
        if progress.is_news:
            return
        self.building = replace(
            self.building, stage=progress.what, done=progress.done, total=progress.total, unit=progress.unit
        )
        if time.monotonic() - self.written_at >= WRITTEN_EVERY_S:
            self._write()

    def begin(self, stage: str, folder: Path) -> None:
        """A stage begins, or is found to have ended before."""
        stages = {**self.building.stages, stage: folder.name}
        self.building = replace(self.building, stages=stages, stage=stage, done=0, total=None, unit="")
        self._write()

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Write down how the build ends, if it is not killed."""
        ended = BUILT
        try:
            self._write()
            yield
        except BaseException as error:
            ended = str(error) if isinstance(error, GlasswrightError) else type(error).__name__
            raise
        finally:
            self.building = replace(self.building, ended=ended)
            self._write()

    def _write(self) -> None:
        """A disk that does not take this may take what matters: the build goes on."""
        self.written_at = time.monotonic()
        with suppress(OSError, GlasswrightError):
            self.path.parent.mkdir(exist_ok=True)
            write_atomic(self.path, canonical_bytes(self.building.record()))
