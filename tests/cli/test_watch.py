"""`glasswright watch`, as it is typed."""

import json
import os
import pty
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def built(small: Path) -> Path:
    return small / "releases" / "small"


def test_a_release_and_the_folder_it_was_built_in_are_shown(small: Path, built: Path, in_process: Run):
    of_release, of_work = in_process("watch", built), in_process("watch", small / ".glasswright")
    assert of_release.returncode == of_work.returncode == 0, of_release.stderr + of_work.stderr
    for said in (of_release.stdout, of_work.stdout):
        assert said.startswith("small: built, ")
        assert "step 24 of 24   loss " in said
        assert "validation   step 6: " in said
        assert "\x1b" not in said


def test_with_json_it_is_one_record(built: Path, in_process: Run):
    record = json.loads(in_process("watch", built, "--json").stdout)
    assert (record["state"], record["step"], record["num_steps"]) == ("built", 24, 24)


def test_the_picture_is_the_one_that_the_release_carries(built: Path, in_process: Run, tmp_path: Path):
    result = in_process("watch", built, "--svg", "curve.svg")
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "curve.svg").read_bytes() == (built / "training.svg").read_bytes()
    assert ET.parse(tmp_path / "curve.svg").getroot().tag.endswith("svg")


def test_a_picture_is_not_put_into_a_release(built: Path, in_process: Run):
    assert in_process("watch", built, "--svg", built / "mine.svg").returncode == 2
    assert not (built / "mine.svg").exists()


def test_where_nothing_was_built_it_says_so(in_process: Run):
    result = in_process("watch")
    assert (result.returncode, result.stdout) == (2, "")
    assert "nor a folder in which something was built" in result.stderr


def test_on_a_terminal_a_release_is_drawn_once_and_no_line_is_broken(built: Path, environment: dict[str, str]):
    main, terminal = pty.openpty()
    command = [sys.executable, "-m", "glasswright.cli", "watch", str(built)]
    subprocess.run(command, stdout=terminal, env={**environment, "COLUMNS": "50", "TERM": "xterm"}, check=True)
    os.close(terminal)
    drawn = os.read(main, 2**16).decode()
    os.close(main)
    lines = [line.removeprefix("\x1b[K") for line in drawn.splitlines()]
    assert lines[0].startswith("small: built")
    assert max(map(len, lines)) <= 49
