"""Runs `glasswright` as a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(SOURCE)}


@pytest.fixture
def glasswright(tmp_path: Path, environment: dict[str, str]) -> Run:
    """`glasswright("plan", "x.yaml")` in an empty folder."""

    def run(*arguments: object, **settings: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "glasswright.cli", *map(str, arguments)]
        return subprocess.run(
            command, cwd=tmp_path, env={**environment, **settings}, capture_output=True, text=True, check=False
        )

    return run
