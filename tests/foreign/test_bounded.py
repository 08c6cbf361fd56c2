"""A program that reads a stranger's file is held to its bounds, or reads nothing."""

from pathlib import Path

import pytest

from glasswright.foreign import bounded

READS = """
import sys
from glasswright.foreign.bounded import bound
{before}
bound({seconds}, {memory})
{after}
sys.stdout.write(sys.stdin.read().upper())
"""
MEMORY = 2**30


def answered(folder: Path, *, before: str = "", after: str = "", seconds: int = 20, memory: int = MEMORY) -> bytes:
    program = folder / "program.py"
    program.write_text(READS.format(before=before, after=after, seconds=seconds, memory=memory))
    return bounded.answer([str(program)], b"a", patience_seconds=60)


def test_within_its_bounds_it_answers(tmp_path: Path):
    assert answered(tmp_path) == b"A"


def test_more_memory_is_not_to_be_had(tmp_path: Path):
    with pytest.raises(bounded.Failed, match="MemoryError"):
        answered(tmp_path, after=f"bytearray({MEMORY})")


def test_more_time_is_not_to_be_had(tmp_path: Path):
    with pytest.raises(bounded.TooMuch):
        answered(tmp_path, after="while True: pass", seconds=1)


@pytest.mark.parametrize(
    "system",
    [
        "sys.modules['resource'] = None",  # Windows
        "import resource; resource.setrlimit = lambda *_: None",  # macOS, which takes the bound and does not hold to it
        "import resource; resource.RLIMIT_AS = 10**6",  # one that refuses it
    ],
)
def test_where_memory_has_no_bound_nothing_is_read(tmp_path: Path, system: str):
    with pytest.raises(bounded.Unbounded, match="does not bound the memory"):
        answered(tmp_path, before=system)
