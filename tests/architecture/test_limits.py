"""A test that hangs fails: what ends nothing cannot pass as having ended."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HANGS = "import time\ndef test_hangs():\n    time.sleep(100)\n"


def test_every_test_has_a_limit(pytestconfig: pytest.Config):
    assert 0 < float(pytestconfig.getini("timeout")) <= 600
    assert float(pytestconfig.getini("faulthandler_timeout")) > 0  # for what Python cannot stop
    assert pytestconfig.getini("faulthandler_exit_on_timeout")


def test_a_test_that_hangs_fails(tmp_path: Path):
    (tmp_path / "test_hangs.py").write_text(HANGS)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-c",
        str(ROOT / "pyproject.toml"),
        "-o",
        "timeout=1",
        str(tmp_path),
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Timeout (>1.0s)" in done.stdout
