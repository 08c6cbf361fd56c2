"""Whatever call of a build the disk refuses, the build says so, leaves nothing half-made, and ends the next time."""

import errno
import os
import random
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pytest
from tests.survival.conftest import (
    BUILD,
    COLLECT,
    DERIVE,
    REBUILD,
    Alone,
    Ended,
    Launcher,
    is_whole,
    left_alone,
    logged,
    names,
    result,
)
from tests.survival.launcher import WATCHED

FAILED_WRITE = 2

# What a kind of call can be refused with, by Linux's manual pages, beside ENOSPC and EIO.
OTHER_ERRORS = {
    "open": (errno.EDQUOT, errno.EROFS, errno.EMFILE),
    "write": (errno.EDQUOT, errno.EFBIG),
    "sync": (errno.EDQUOT,),
    "close": (errno.EDQUOT,),
    "rename": (errno.EDQUOT, errno.EROFS),
    "mkdir": (errno.EDQUOT, errno.EROFS),
    "unlink": (errno.EROFS,),
}
ERRORS = sorted({errno.ENOSPC, errno.EIO, *chain(*OTHER_ERRORS.values())})


@pytest.fixture(scope="module")
def built(launcher: Launcher, in_memory: Path, fresh: Path) -> Alone:
    return left_alone(launcher, in_memory / "build", BUILD, fresh)


@pytest.fixture(scope="module")
def collected(launcher: Launcher, in_memory: Path, fresh: Path) -> Alone:
    return left_alone(launcher, in_memory / "collect", COLLECT, fresh)


@pytest.fixture(scope="module")
def rebuilt(launcher: Launcher, in_memory: Path, released: Path) -> Alone:
    return left_alone(launcher, in_memory / "rebuild", REBUILD, released)


@pytest.fixture(scope="module")
def derived(launcher: Launcher, in_memory: Path, parented: Path) -> Alone:
    return left_alone(launcher, in_memory / "derive", DERIVE, parented)


def test_no_file_is_made_behind_the_back_of_the_refusing_disk(built: Alone) -> None:
    """Else a library that writes by itself would not be tested."""
    opened = {path.replace(".out.partial/", "out/") for kind, path in built.calls if kind == "open"}
    opened |= {re.sub(r"\.([^/]*)\.partial$", r"\1", path) for path in opened}
    files = {name for name in built.names if Path(name).suffix}
    assert len(files) > 30
    assert files - opened == set()


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


def refusals(alone: Alone) -> Iterator[Refusal]:
    """Every call refused as by a disk that is full, and as by one that fails. Of the calls of one kind on one file the
    first is refused with every other error as well, and together with all calls after it."""
    seen: set[tuple[str, str]] = set()
    for number, (kind, path) in enumerate(alone.calls, start=1):
        for error in (errno.ENOSPC, errno.EIO):
            yield Refusal(number, kind, path, error, and_all_after=False)
        if (kind, path) in seen:
            continue
        seen.add((kind, path))
        for error in OTHER_ERRORS[kind]:
            yield Refusal(number, kind, path, error, and_all_after=False)
        yield Refusal(number, kind, path, (errno.ENOSPC, errno.EROFS)[number % 2], and_all_after=True)


def survive(launcher: Launcher, folder: Path, alone: Alone, refusal: Refusal) -> str | None:
    """Run the command with the call refused, then once more. What is wrong with how it went, if anything is."""
    shutil.copytree(alone.start, folder)
    refused = (refusal.number, refusal.error, refusal.and_all_after)
    first = launcher.run(folder, *alone.command, refuse=refused)
    made = logged(folder)[refusal.number - 1 : refusal.number]
    if made != [(refusal.kind, refusal.path)]:
        return f"{refusal}: another call was refused, {made}"
    problem = _told(first, refusal) or _left(folder, alone, refusal, first)
    if problem is None and first.code:
        problem = _once_more(launcher, folder, alone)
    return problem and f"{refusal}: {problem}"


def _once_more(launcher: Launcher, folder: Path, alone: Alone) -> str | None:
    out = folder / WATCHED / "out"
    if out.exists():  # whole, but its name could neither be brought to the disk nor taken back
        shutil.rmtree(out)
    again = launcher.run(folder, *alone.command)
    if again.code:
        return f"the same command again ended with {again.code}: {again.err}"
    if result(folder, again) != alone.result:
        return f"the same command again ended in another result: {result(folder, again)}"
    if names(folder) != alone.names:
        return f"left over in the end: {names(folder) ^ alone.names}"
    return None


def _told(ended: Ended, refusal: Refusal) -> str | None:
    if any(word in ended.err for word in ("Traceback", "defect", "Exception ignored")):
        return ended.err
    if ended.code == 0:
        return None
    if ended.code != FAILED_WRITE or os.strerror(refusal.error) not in ended.err:
        return f"ended with {ended.code}: {ended.err}"
    return None


def _left(folder: Path, alone: Alone, refusal: Refusal, ended: Ended) -> str | None:
    out = folder / WATCHED / "out"
    if out.exists():
        return None if is_whole(folder, alone) else "something else was made"
    if ended.code == 0:
        return "ended well, and there is nothing"
    if not refusal.and_all_after and out.with_name(".out.partial").exists():
        return "something half-made was left"
    return None


def survive_all(launcher: Launcher, folder: Path, alone: Alone, chosen: Iterable[Refusal]) -> None:
    problems = []
    for number, refusal in enumerate(chosen):
        problems.append(survive(launcher, folder / f"{number}", alone, refusal))
        shutil.rmtree(folder / f"{number}")
    assert not any(problems), "\n\n".join(filter(None, problems))


def test_one_refusal_of_each_kind(launcher: Launcher, in_memory: Path, built: Alone) -> None:
    """A sample of the tests below, by the seed that pytest prints."""
    of_kind = [[refusal for refusal in refusals(built) if refusal.kind == kind] for kind in OTHER_ERRORS]
    survive_all(launcher, in_memory / "sample", built, map(random.choice, of_kind))


@pytest.mark.slow
@pytest.mark.parametrize("error", ERRORS, ids=errno.errorcode.get)
def test_every_call_of_a_build_refused_with(launcher: Launcher, in_memory: Path, built: Alone, error: int) -> None:
    chosen = (refusal for refusal in refusals(built) if refusal.error == error and not refusal.and_all_after)
    survive_all(launcher, in_memory / errno.errorcode[error], built, chosen)


@pytest.mark.slow
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EROFS], ids=errno.errorcode.get)
def test_every_call_of_a_build_refused_and_all_after_it_with(
    launcher: Launcher, in_memory: Path, built: Alone, error: int
) -> None:
    chosen = (refusal for refusal in refusals(built) if refusal.error == error and refusal.and_all_after)
    survive_all(launcher, in_memory / f"after-{error}", built, chosen)


@pytest.mark.slow
def test_every_call_of_collecting_a_corpus_refused(launcher: Launcher, in_memory: Path, collected: Alone) -> None:
    survive_all(launcher, in_memory / "corpus", collected, refusals(collected))


@pytest.mark.slow
def test_every_fourth_call_of_a_rebuild_refused(launcher: Launcher, in_memory: Path, rebuilt: Alone) -> None:
    chosen = (refusal for refusal in refusals(rebuilt) if refusal.error == errno.EIO and refusal.number % 4 == 0)
    survive_all(launcher, in_memory / "rebuild-all", rebuilt, chosen)


@pytest.mark.slow
def test_every_fourth_call_of_a_derivation_refused(launcher: Launcher, in_memory: Path, derived: Alone) -> None:
    chosen = (refusal for refusal in refusals(derived) if refusal.error == errno.ENOSPC and refusal.number % 4 == 0)
    survive_all(launcher, in_memory / "derive-all", derived, chosen)
