"""docs/tutorial.md is true: its commands run, one after the other, and print what it shows."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
SOURCE = DOCS.parent / "src"
BLOCK = re.compile(r"^```(console|yaml)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
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


def environment(folder: Path) -> dict[str, str]:
    """`glasswright` and `python` are those of this test."""
    tools = folder / "tools"
    tools.mkdir()
    (tools / "glasswright").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m glasswright.cli "$@"\n')
    (tools / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    for tool in tools.iterdir():
        tool.chmod(0o755)
    plain = {"NO_COLOR": "1", "COLUMNS": "100"}  # whatever terminal, or other test, is around
    return {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "PYTHONPATH": str(SOURCE), **plain}


@pytest.mark.timeout(900)
def test_the_blocks_of_the_tutorial_print_what_it_shows(tmp_path: Path):
    here, shell = tmp_path / "here", environment(tmp_path)
    here.mkdir()
    num_run = 0
    for kind, block in BLOCK.findall((DOCS / "tutorial.md").read_text()):
        if kind == "yaml":
            (here / "notes.yaml").write_text(block)
            continue
        for typed, expected in commands(block):
            result = subprocess.run(
                ["bash", "-c", typed], cwd=here, env=shell, text=True, check=False,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
            assert is_shown(expected, result.stdout), f"$ {typed}\n{result.stdout}"
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
