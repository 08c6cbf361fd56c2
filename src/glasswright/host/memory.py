"""How much memory this process may still take: the machine's, or less where a container says so."""

from pathlib import Path

MEMINFO = Path("/proc/meminfo")
CGROUP = Path("/sys/fs/cgroup")


def memory_of(device: str) -> int | None:
    """Bytes free for us where a device computes, or None where the system does not say."""
    if device == "cpu":
        return available_memory()
    from glasswright.kernels.cuda.device import free_memory

    return free_memory()


def available_memory(meminfo: Path = MEMINFO, cgroup: Path = CGROUP) -> int | None:
    """Bytes free for us, or None where the system does not say."""
    found = [amount for amount in (_machine(meminfo), _container(cgroup)) if amount is not None]
    return min(found, default=None)


def _machine(meminfo: Path) -> int | None:
    try:
        lines = meminfo.read_text().splitlines()
    except OSError:
        return None
    amounts = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return int(amounts[0]) * 1024 if amounts else None


def _container(cgroup: Path) -> int | None:
    """The room left under the control group's limit; page cache that can be dropped counts as room."""
    try:
        limit = (cgroup / "memory.max").read_text().strip()
        used = int((cgroup / "memory.current").read_text())
        statistics = dict(line.split() for line in (cgroup / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):
        return None
    if limit == "max":
        return None
    return int(limit) - used + int(statistics.get("file", 0))
