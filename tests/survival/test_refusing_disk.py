"""Whatever call of a build the disk refuses, the build says so, leaves nothing half-made, and ends the next time."""

import errno
import os
import random
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pytest
from tests.survival.conftest import BUILD, COLLECT, Ended, Launcher, logged, names, project, root
from tests.survival.launcher import WATCHED

FAILED_WRITE = 2

# Which errors a kind of call can be refused with, by Linux's manual pages.
ERRORS = {
    "open": (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS, errno.EMFILE),
    "write": (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EFBIG),
    "sync": (errno.ENOSPC, errno.EIO, errno.EDQUOT),
    "close": (errno.ENOSPC, errno.EIO, errno.EDQUOT),
    "rename": (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS),
    "mkdir": (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS),
    "unlink": (errno.ENOSPC, errno.EIO, errno.EROFS),
}


@dataclass(frozen=True)
class Clean:
    """What a command leaves where nothing is refused."""

    command: tuple[str, ...]
    calls: list[tuple[str, str]]
    names: set[str]
    root: str


def clean(launcher: Launcher, folder: Path, command: tuple[str, ...]) -> Clean:
    project(folder)
    ended = launcher.run(folder, *command, refuse=(0, 0, False))
    assert ended.code == 0, ended.err
    return Clean(command, logged(folder), names(folder), root(folder))


@pytest.fixture(scope="module")
def built(launcher: Launcher, in_memory: Path) -> Clean:
    return clean(launcher, in_memory / "build", BUILD)


@pytest.fixture(scope="module")
def collected(launcher: Launcher, in_memory: Path) -> Clean:
    return clean(launcher, in_memory / "collect", COLLECT)


def test_no_file_is_made_behind_the_back_of_the_refusing_disk(built: Clean) -> None:
    """Else a library that writes by itself would not be tested."""
    opened = {path.replace(".out.partial/", "out/") for kind, path in built.calls if kind == "open"}
    files = {name for name in built.names if Path(name).suffix}
    assert {
        name for name in files if not {name, str(Path(name).with_name(f".{Path(name).name}.partial"))} & opened
    } == set()


@dataclass(frozen=True)
class Refusal:
    """One call of a command, refused."""

    number: int
    kind: str
    path: str
    error: int
    and_all_after: bool

    def __str__(self) -> str:
        after = " and all after" if self.and_all_after else ""
        return f"call {self.number}{after}: {self.kind} {self.path}: {errno.errorcode[self.error]}"


def refusals(what: Clean) -> Iterator[Refusal]:
    """Every call with every error that it can be refused with; and every call with all that follow, as a disk does
    that is full, or one that was made read-only."""
    for number, (kind, path) in enumerate(what.calls, start=1):
        for error in ERRORS[kind]:
            yield Refusal(number, kind, path, error, and_all_after=False)
        for error in (errno.ENOSPC, errno.EROFS):
            yield Refusal(number, kind, path, error, and_all_after=True)


def survive(launcher: Launcher, folder: Path, what: Clean, refusal: Refusal) -> str | None:
    """Run the command with the call refused, then once more. What is wrong with how it went, if anything is."""
    project(folder)
    refused = (refusal.number, refusal.error, refusal.and_all_after)
    first = launcher.run(folder, *what.command, refuse=refused)
    made = logged(folder)
    if made[refusal.number - 1 : refusal.number] != [(refusal.kind, refusal.path)]:
        return f"{refusal}: another call was refused, {made[refusal.number - 1 : refusal.number]}"
    problem = _told(first, refusal) or _left(folder, what, refusal, first)
    if problem is None and first.code:
        if (
            folder / WATCHED / "out"
        ).exists():  # whole, but its name could neither be brought to the disk nor taken back
            shutil.rmtree(folder / WATCHED / "out")
        again = launcher.run(folder, *what.command)
        if again.code:
            problem = f"the same command again ended with {again.code}: {again.err}"
        elif root(folder) != what.root:
            problem = "the same command again ended in another root"
        elif names(folder) != what.names:
            problem = f"left over in the end: {names(folder) ^ what.names}"
    return problem and f"{refusal}: {problem}"


def _told(ended: Ended, refusal: Refusal) -> str | None:
    if any(word in ended.err for word in ("Traceback", "defect", "Exception ignored")):
        return ended.err
    if ended.code == 0:
        return None
    if ended.code != FAILED_WRITE or os.strerror(refusal.error) not in ended.err:
        return f"ended with {ended.code}: {ended.err}"
    return None


def _left(folder: Path, what: Clean, refusal: Refusal, ended: Ended) -> str | None:
    out = folder / WATCHED / "out"
    if out.exists():
        return None if root(folder) == what.root else "another release"
    if ended.code == 0:
        return "ended well, and there is nothing"
    if not refusal.and_all_after and out.with_name(".out.partial").exists():
        return "something half-made was left"
    return None


def survive_all(launcher: Launcher, folder: Path, what: Clean, chosen: Iterable[Refusal]) -> None:
    problems = []
    for number, refusal in enumerate(chosen):
        problems.append(survive(launcher, folder / f"{number}", what, refusal))
        shutil.rmtree(folder / f"{number}")
    assert not any(problems), "\n\n".join(filter(None, problems))


def test_one_refusal_of_each_kind(launcher: Launcher, in_memory: Path, built: Clean) -> None:
    """A sample of the tests below, by the seed that pytest prints."""
    of_kind = [[refusal for refusal in refusals(built) if refusal.kind == kind] for kind in ERRORS]
    survive_all(launcher, in_memory / "sample", built, map(random.choice, of_kind))


@pytest.mark.slow
@pytest.mark.parametrize("error", sorted(set(chain(*ERRORS.values()))), ids=lambda error: errno.errorcode[error])
def test_every_call_of_a_build_refused_with(launcher: Launcher, in_memory: Path, built: Clean, error: int) -> None:
    chosen = (refusal for refusal in refusals(built) if refusal.error == error and not refusal.and_all_after)
    survive_all(launcher, in_memory / errno.errorcode[error], built, chosen)


@pytest.mark.slow
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EROFS], ids=lambda error: errno.errorcode[error])
def test_every_call_of_a_build_refused_and_all_after_it_with(
    launcher: Launcher, in_memory: Path, built: Clean, error: int
) -> None:
    chosen = (refusal for refusal in refusals(built) if refusal.error == error and refusal.and_all_after)
    survive_all(launcher, in_memory / f"after-{error}", built, chosen)


@pytest.mark.slow
def test_every_call_of_collecting_a_corpus_refused(launcher: Launcher, in_memory: Path, collected: Clean) -> None:
    survive_all(launcher, in_memory / "corpus", collected, refusals(collected))
