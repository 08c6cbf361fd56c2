"""Looks at a folder again and again: the work folder of builds, where the newest is the one meant, or a release."""

import json
from collections.abc import Callable
from pathlib import Path

from glasswright.curve import Curve
from glasswright.errors import Misuse
from glasswright.records.building import BUILDS, BUILT, Building
from glasswright.records.canonical import parse
from glasswright.records.tokens import TokenMap
from glasswright.store.lock import is_used
from glasswright.store.transcript import TRANSCRIPT
from glasswright.watch.standing import Standing, State, ended_at, milliseconds
from glasswright.watch.tail import Tail

Watcher = Callable[[], Standing]


def watcher(place: Path) -> Watcher:
    """What looks at `place` when it is called.

    Raises:  Misuse if it is neither a release nor a folder in which something was built. A look raises Misuse if what
             is there cannot be read, ClaimFalse if a release is not one.
    """
    if (place / "release.json").is_file():
        return lambda: look_at_release(place)
    newest_record(place)
    return BuildWatcher(place)


class BuildWatcher:
    """Looks at the newest build of a work folder."""

    def __init__(self, work: Path):
        self.work = work
        self.tail = Tail(Path())

    def __call__(self) -> Standing:
        path = newest_record(self.work)
        work = path.parent.parent
        runs = is_used(work)  # before the record is read: a build that ends in between is seen to have ended
        building = _building(path)
        self._read_steps(work, building)
        state: State = "running" if runs else "built" if building.ended == BUILT else "stopped"
        return Standing(
            where=str(self.work),
            name=building.name,
            state=state,
            why=(building.ended or "it was killed, or the machine went down") if state == "stopped" else "",
            stage=building.stage,
            done=building.done,
            total=building.total,
            unit=building.unit,
            steps=self.tail.steps,
            ended_at=self.tail.ended_at,
            curve=Curve.of(
                self.tail.steps,
                num_steps=building.num_steps,
                held=_held_of(work / building.stages.get("tokens", "none")),
            ),
            tokens_per_s=self.tail.tokens_per_s,
            seconds_a_step=self.tail.seconds_a_step,
            out=building.out,
        )

    def _read_steps(self, work: Path, building: Building) -> None:
        path = work / building.stages.get("train", "none") / TRANSCRIPT
        if self.tail.path != path:
            self.tail = Tail(path)
        self.tail.read()


def newest_record(work: Path) -> Path:
    """The record of the build that was last heard of; a rebuild works in a folder of its own below.

    Raises:  Misuse if there is none.
    """
    found = [*work.glob(f"{BUILDS}/*.json"), *work.glob(f"rebuild-*/{BUILDS}/*.json")]
    if not found:
        raise Misuse(
            f"{work}: neither a release nor a folder in which something was built",
            hint="give a release, or what a build has as --work (.glasswright, if nothing was said)",
        )
    return max(found, key=lambda path: (path.stat().st_mtime_ns, path))


def look_at_release(folder: Path) -> Standing:
    """A release, whose training is over. What it says is read as it stands; whether it is true, `verify` says.

    Raises:  ClaimFalse or Unknown where it cannot be read.
    """
    from glasswright.records.progress import silent
    from glasswright.verify.evidence import Evidence

    evidence = Evidence(folder, 1, silent)
    recipe, steps = evidence.recipe(), list(evidence.steps())
    observed = list(evidence.transcript().observed())
    num_tokens, spent = sum(step.num_tokens for step in steps), sum(map(milliseconds, observed)) / 1000
    return Standing(
        where=str(folder),
        name=recipe.name,
        state="built",
        why="",
        stage="release",
        done=1,
        total=1,
        unit="releases",
        steps=steps,
        ended_at=list(map(ended_at, observed)),
        curve=Curve.of(steps, num_steps=recipe.train.num_steps, held=_held(evidence.token_map())),
        tokens_per_s=num_tokens / spent if spent else None,
        seconds_a_step=spent / len(steps) if steps else None,
        out=str(folder),
    )


def _building(path: Path) -> Building:
    try:
        return Building.from_record(parse(path.read_bytes(), str(path)))
    except (KeyError, TypeError, ValueError) as error:
        raise Misuse(f"{path}: not the record of a build: {error}", hint="remove it and build again") from error


def _held_of(tokens: Path) -> tuple[int, int]:
    """The same of the tokens' folder, where it is there."""
    try:
        return _held(TokenMap.from_record(json.loads((tokens / "map.json").read_bytes())))
    except (OSError, KeyError, TypeError, ValueError):
        return 0, 0


def _held(token_map: TokenMap) -> tuple[int, int]:
    """Bytes and tokens of the validation documents."""
    held = [document for document in token_map.documents if document.split == "validation"]
    return sum(document.num_bytes for document in held), sum(document.num_tokens for document in held)
