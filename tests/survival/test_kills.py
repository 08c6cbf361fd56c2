"""Killed or stopped at any moment, the same command goes on and ends as one that was left alone."""

import os
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.survival.conftest import (
    BUILD,
    COLLECT,
    DERIVE,
    REBUILD,
    REPLAY,
    SOURCE,
    Alone,
    Ended,
    Launcher,
    is_whole,
    left_alone,
    names,
    result,
)
from tests.survival.launcher import WATCHED

COMMANDS = {"build": BUILD, "corpus build": COLLECT, "rebuild": REBUILD, "derive": DERIVE, "replay": REPLAY}
Start = Callable[[tuple[str, ...]], Path]
KILLS = 60  # of each command, in the slow tests
STOPS = (signal.SIGINT, signal.SIGTERM)
STOPPED = 130


def strike(launcher: Launcher, alone: Alone, folder: Path, number: int, moment: float) -> str | None:
    """Strike the command once, then let the same one go on to its end. What is wrong with how it went, if anything."""
    shutil.copytree(alone.start, folder)
    first = launcher.run(folder, *alone.command, strike=(number, moment))
    if "Traceback" in first.err or first.code not in (0, -number, STOPPED if number != signal.SIGKILL else 0):
        return f"ended with {first.code}: {first.err}"
    if first.code == 0:
        last = first
    else:
        _move_what_is_there_away(folder, alone)
        last = launcher.run(folder, *(_command_that_goes_on(first) if first.code == STOPPED else alone.command))
    if "Traceback" in last.err or last.code:
        return f"went on to end with {last.code}: {last.err}"
    if result(folder, last) != alone.result:
        return f"went on to another result: {result(folder, last)}"
    if names(folder) != alone.names:
        return f"left over in the end: {names(folder) ^ alone.names}"
    return None


def _command_that_goes_on(stopped: Ended) -> list[str]:
    """What the message of a stopped command says, word for word."""
    found = re.search("go on with `(.*)`", stopped.err)
    assert found, stopped.err
    return shlex.split(found[1])[1:]


def _move_what_is_there_away(folder: Path, alone: Alone) -> None:
    """Struck in its last milliseconds, a command has left all of its result: another has its place free, as it asks."""
    out = folder / WATCHED / "out"
    if out.exists():
        assert is_whole(folder, alone), "there is something at --out that is not whole"
        shutil.rmtree(out)


def strike_often(launcher: Launcher, alone: Alone, folder: Path, number: int, times: int) -> None:
    problems = []
    for turn in range(times):
        moment = random.uniform(0, alone.seconds)  # follows from the seed that pytest prints
        problem = strike(launcher, alone, folder / f"{turn}", number, moment)
        if problem:
            problems.append(f"{signal.Signals(number).name} after {moment:.3f} of {alone.seconds:.3f} s: {problem}")
        shutil.rmtree(folder / f"{turn}")
    assert not problems, "\n\n".join(problems)


@pytest.fixture
def start(fresh: Path, released: Path, parented: Path) -> Start:
    """Where a command starts."""
    needed = {"here/release": released, "parent": parented}
    return lambda command: next((needed[word] for word in command if word in needed), fresh)


def test_struck_once_every_command_goes_on(launcher: Launcher, start: Start, tmp_path: Path) -> None:
    """A sample of the tests below."""
    for name, command in COMMANDS.items():
        alone = left_alone(launcher, tmp_path / name / "alone", command, start(command))
        for number in (signal.SIGKILL, random.choice(STOPS)):
            strike_often(launcher, alone, tmp_path / name, number, 1)


@pytest.fixture(params=COMMANDS)
def alone(request: pytest.FixtureRequest, launcher: Launcher, start: Start, tmp_path: Path) -> Alone:
    command = COMMANDS[request.param]
    return left_alone(launcher, tmp_path / "alone", command, start(command))


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on(launcher: Launcher, alone: Alone, tmp_path: Path) -> None:
    strike_often(launcher, alone, tmp_path, signal.SIGKILL, KILLS)


@pytest.mark.slow
@pytest.mark.parametrize("number", STOPS, ids=lambda number: number.name)
def test_stopped_at_any_moment_it_says_how_to_go_on(
    launcher: Launcher, alone: Alone, tmp_path: Path, number: int
) -> None:
    strike_often(launcher, alone, tmp_path, number, KILLS // 2)


INTERRUPTED_AS_IT_LOADS = """
import os, signal, sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "glasswright.cli.app":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Finder())
from glasswright.cli import main
main()
"""


def test_interrupted_before_it_has_begun_it_says_that_it_stopped() -> None:
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    command = [sys.executable, "-c", INTERRUPTED_AS_IT_LOADS, "build", "tiny.yaml"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr.strip()) == (130, "glasswright: stopped")
