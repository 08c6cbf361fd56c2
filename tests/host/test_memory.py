"""How much memory there is: the machine's word, or the container's where that is less."""

from pathlib import Path

import pytest

from glasswright.host.memory import available_memory

MACHINE = "MemTotal: 100 kB\nMemAvailable: 50 kB\n"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    (tmp_path / "meminfo").write_text(MACHINE)
    (tmp_path / "cgroup").mkdir()
    return tmp_path


def limit(machine: Path, limit: str, current: int, file: int) -> int | None:
    (machine / "cgroup" / "memory.max").write_text(f"{limit}\n")
    (machine / "cgroup" / "memory.current").write_text(f"{current}\n")
    (machine / "cgroup" / "memory.stat").write_text(f"anon 1\nfile {file}\n")
    return available_memory(machine / "meminfo", machine / "cgroup")


def test_without_a_container_the_machine_is_believed(machine: Path):
    assert available_memory(machine / "meminfo", machine / "cgroup") == 50 * 1024


def test_a_container_without_a_limit_changes_nothing(machine: Path):
    assert limit(machine, "max", 10, 0) == 50 * 1024


def test_a_tighter_container_counts_and_its_page_cache_is_room(machine: Path):
    assert limit(machine, "10000", 9000, 4000) == 5000


def test_a_wider_container_does_not_add_memory(machine: Path):
    assert limit(machine, "1000000", 0, 0) == 50 * 1024


def test_where_nothing_is_said_the_answer_is_unknown(tmp_path: Path):
    assert available_memory(tmp_path / "none", tmp_path / "none") is None
