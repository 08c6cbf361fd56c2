"""What all tests share: slow ones run when asked, golden digests, shared data that may be absent.

A failure repeats with the seed that pytest prints (`-p randomly -p "randomly_seed=N"`); hypothesis prints its example.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("here", deadline=None)
settings.register_profile("gate", deadline=None, derandomize=True)
settings.load_profile("gate" if os.environ.get("GLASSWRIGHT_GATE") else "here")

ROOT = Path(__file__).resolve().parent.parent
# Without bytecode every process that a test starts would compile anew what it imports, seconds each.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

SLOW_SECONDS = 1800  # after which a slow test hangs; others have the `timeout` of pyproject.toml


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run the slow tests too")
    parser.addoption("--write-golden", action="store_true", help="record golden digests instead of comparing them")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if "slow" not in item.keywords:
            continue
        if not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(SLOW_SECONDS))
        if not config.getoption("--slow"):
            item.add_marker(pytest.mark.skip(reason="did not run: slow; `make test-all` runs it"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real data beside the repository, for tests that need it."""
    folder = Path(os.environ.get("GLASSWRIGHT_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"did not run: no shared data at {folder}; GLASSWRIGHT_SHARED names it")
    return folder


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """`golden(name, digest)` compares a digest with the one recorded under its name in golden.txt beside the test."""
    path = request.path.parent / "golden.txt"

    def check(name: str, digest: str) -> None:
        lines = path.read_text().splitlines() if path.exists() else []
        recorded = dict(line.split(maxsplit=1)[::-1] for line in lines)
        if request.config.getoption("--write-golden"):
            recorded[name] = digest
            path.write_text("".join(f"{value} {key}\n" for key, value in sorted(recorded.items())))
        assert recorded.get(name) == digest, f"{name}: the golden digest is {recorded.get(name)}, found {digest}"

    return check
