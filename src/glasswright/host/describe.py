"""What a machine is, for the observed half of records: never compared, and no name of a person or host in it."""

import os
import platform
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import glasswright
from glasswright.host.memory import available_memory

PACKAGES = ("numpy", "torch", "safetensors", "tokenizers", "pyarrow", "duckdb", "pydantic")
CPUINFO = Path("/proc/cpuinfo")


def describe() -> dict[str, Any]:
    """This machine, now. Values are what canonical records hold: texts, integers, nothing unknown but null."""
    return {
        "described_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "builder": f"glasswright {glasswright.__version__}",
        "cpu": cpu_name(),
        "architecture": platform.machine(),
        "num_cores": len(os.sched_getaffinity(0)),
        "memory_bytes": available_memory(),
        "instruction_sets": instruction_sets(),
        "os": f"{platform.system()} {platform.release()}",
        "libc": " ".join(platform.libc_ver()),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "packages": {name: version(name) for name in PACKAGES},
    }


def cpu_name(cpuinfo: Path = CPUINFO) -> str:
    """The processor's name for itself, or its architecture."""
    try:
        lines = cpuinfo.read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def instruction_sets() -> list[str] | None:
    """The sets the kernels can run on here; None where there are no kernels."""
    from glasswright import kernels

    try:
        return list(kernels.native().supported_isas())
    except ImportError:
        return None


def version(package: str) -> str | None:
    """The installed version of a package, without importing it."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
