"""Killed or stopped at any moment, the same command goes on and ends as one that was left alone."""

import json
import random
import re
import shlex
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.survival.conftest import BUILD, COLLECT, Ended, Launcher, names, project, root
from tests.survival.launcher import WATCHED

REBUILD = ("rebuild", "here/release", "--out", "here/out", "--work", "here/work", "--threads", "1", "--json")
REPLAY = ("replay", "here/release", "--segments", "3", "--draw-seed", "1", "--threads", "1", "--json")
COMMANDS = {"build": BUILD, "corpus build": COLLECT, "rebuild": REBUILD, "replay": REPLAY}
KILLS = 60  # of each command, in the slow tests
STOPS = (signal.SIGINT, signal.SIGTERM)
STOPPED = 130


@dataclass(frozen=True)
class Alone:
    """How a command ends that is left alone."""

    command: tuple[str, ...]
    start: Path  # the folder it is run in, before it
    seconds: float
    names: set[str]
    result: str


def result(folder: Path, ended: Ended) -> str:
    """What a command found, or made."""
    out = folder / WATCHED / "out"
    verdict = str(json.loads(ended.out)["answer"]) if ended.out.startswith("{") else ""
    return verdict + (root(folder) if out.exists() else "")


@pytest.fixture(scope="module")
def released(launcher: Launcher, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a release in it."""
    folder = project(tmp_path_factory.mktemp("released") / "project")
    ended = launcher.run(folder, *BUILD)
    assert ended.code == 0, ended.err
    (folder / WATCHED / "out").rename(folder / WATCHED / "release")
    shutil.rmtree(folder / WATCHED / "work")
    return folder


def left_alone(launcher: Launcher, folder: Path, command: tuple[str, ...], released: Path) -> Alone:
    start = released if "here/release" in command else project(folder / "start")
    shutil.copytree(start, folder / "run")
    ended = launcher.run(folder / "run", *command)
    assert ended.code == 0, ended.err
    return Alone(command, start, ended.seconds, names(folder / "run"), result(folder / "run", ended))


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
        assert alone.result.endswith(root(folder)), "there is something at --out that is not whole"
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


def test_struck_once_every_command_goes_on(launcher: Launcher, released: Path, tmp_path: Path) -> None:
    """A sample of the tests below."""
    for name, command in COMMANDS.items():
        alone = left_alone(launcher, tmp_path / name, command, released)
        for number in (signal.SIGKILL, random.choice(STOPS)):
            strike_often(launcher, alone, tmp_path / name, number, 1)


@pytest.fixture(params=COMMANDS)
def alone(request: pytest.FixtureRequest, launcher: Launcher, released: Path, tmp_path: Path) -> Alone:
    return left_alone(launcher, tmp_path / "alone", COMMANDS[request.param], released)


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on(launcher: Launcher, alone: Alone, tmp_path: Path) -> None:
    strike_often(launcher, alone, tmp_path, signal.SIGKILL, KILLS)


@pytest.mark.slow
@pytest.mark.parametrize("number", STOPS, ids=lambda number: number.name)
def test_stopped_at_any_moment_it_says_how_to_go_on(
    launcher: Launcher, alone: Alone, tmp_path: Path, number: int
) -> None:
    strike_often(launcher, alone, tmp_path, number, KILLS // 2)
