"""docs/tutorial.md is true: its commands run, one after the other, and print what it shows.

A line that is one command of `glasswright` runs in this process, which has imported what it needs; others in a shell.
"""

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from glasswright.cli.app import run

DOCS = Path(__file__).resolve().parents[2] / "docs"
SOURCE = DOCS.parent / "src"
PLAIN = {"NO_COLOR": "1", "COLUMNS": "100"}  # whatever terminal, or other test, is around
BLOCK = re.compile(r"^```(console|yaml)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
OWN = re.compile(r"glasswright ([^|;&<>$]*)")  # nothing in it is for a shell
LEFT_OUT = "..."  # alone on a line: any lines, or none; within one: anything


def commands(block: str) -> Iterator[tuple[str, str]]:
    """(what is typed, what is printed)."""
    for piece in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        typed, _, printed = piece.partition("\n")
        yield typed, printed


def is_shown(expected: str, printed: str) -> bool:
    """Whether the page shows what was printed."""
    lines = [
        r"(?:.*\n)*?" if line == LEFT_OUT else ".*".join(map(re.escape, line.split(LEFT_OUT))) + r"\n"
        for line in expected.splitlines()
    ]
    return re.fullmatch("".join(lines), printed) is not None


def put_on_the_path(folder: Path) -> None:
    """`glasswright` and `python` are those of this test."""
    folder.mkdir()
    (folder / "glasswright").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m glasswright.cli "$@"\n')
    (folder / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    for tool in folder.iterdir():
        tool.chmod(0o755)


def printed_by(typed: str) -> str:
    """What a line that is typed prints, talk and answer."""
    if own := OWN.fullmatch(typed):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            run(shlex.split(own[1]))
        return printed.getvalue()
    command, both = ["bash", "-c", typed], subprocess.STDOUT
    return subprocess.run(command, text=True, check=False, stdout=subprocess.PIPE, stderr=both).stdout


def test_the_blocks_of_the_tutorial_print_what_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    put_on_the_path(tmp_path / "tools")
    for name, value in {"PATH": f"{tmp_path}/tools:{os.environ['PATH']}", "PYTHONPATH": str(SOURCE), **PLAIN}.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    num_run = 0
    for kind, block in BLOCK.findall((DOCS / "tutorial.md").read_text()):
        if kind == "yaml":
            Path("notes.yaml").write_text(block)
            continue
        for typed, expected in commands(block):
            printed = printed_by(typed)
            assert is_shown(expected, printed), f"$ {typed}\n{printed}"
            num_run += 1
    assert num_run > 20


def test_what_is_left_out_is_all_that_may_differ():
    assert is_shown("a\n...\nb ... c\n", "a\nb 1 c\n")
    assert is_shown("a\n...\nb ... c\n", "a\nx\ny\nb 1 c\n")
    assert not is_shown("a\n...\nb ... c\n", "a\nb 1 d\n")
    assert not is_shown("a\n", "a\nb\n")


def test_the_glossary_is_in_order_and_names_nothing_twice():
    words = re.findall(r"^\| \*\*(.+?)\*\*", (DOCS / "glossary.md").read_text(), re.MULTILINE)
    assert words == sorted(set(words))
    assert len(words) > 30
