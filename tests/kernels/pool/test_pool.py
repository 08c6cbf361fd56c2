"""The thread pool under the eyes of the compiler's sanitizers."""

import shutil
import subprocess
from pathlib import Path

import pytest

NATIVE = Path(__file__).resolve().parents[3] / "src/glasswright/kernels/native"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["thread", "address,undefined"])
def pool_check(request, tmp_path_factory):
    """Runs pool_check.cc under a sanitizer; returns the exit status."""
    compiler = shutil.which("c++")
    if compiler is None:
        pytest.skip("did not run: no C++ compiler")
    program = tmp_path_factory.mktemp("pool") / "pool_check"
    sources = [Path(__file__).with_name("pool_check.cc"), NATIVE / "pool.cc"]
    flags = ["-std=c++20", "-O1", "-g", "-pthread", f"-fsanitize={request.param}", "-fno-sanitize-recover=all"]
    built = subprocess.run([compiler, *flags, f"-I{NATIVE}", *sources, "-o", program], capture_output=True, text=True)
    if built.returncode != 0 and "cannot find" in built.stderr:
        pytest.skip(f"did not run: this compiler has no {request.param} sanitizer")
    assert built.returncode == 0, built.stderr

    def run(*arguments):
        return subprocess.run([program, *arguments], timeout=120, capture_output=True, text=True).returncode

    run.sanitizer = request.param
    return run


def test_the_pool_keeps_its_promises(pool_check):
    assert pool_check() == 0


def test_careless_tasks_are_noticed(pool_check):
    if pool_check.sanitizer != "thread":
        pytest.skip("did not run: only the thread sanitizer sees this")
    assert pool_check("racy") != 0
