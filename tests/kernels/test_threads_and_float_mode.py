"""Who computes, and in which floating-point mode the process is, never changes a bit."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from glasswright.kernels import native

torch = pytest.importorskip("torch")
ISAS = native().supported_isas()
TINY = 2.0**-65  # its square is subnormal: a processor that flushes takes it for zero


@pytest.fixture(autouse=True)
def _restore_float_mode():
    yield
    torch.set_flush_denormal(False)


# Made once, while no test has changed the mode: NumPy flushes too.
RNG = np.random.default_rng(0)
A, B = ((RNG.standard_normal((300, 300)) * TINY).astype(np.float32) for _ in range(2))
MOMENTUM = np.full_like(A, 1e-40)


def results(kernels):
    """Bits of kernels whose inputs, sums, norms and steps are subnormal."""
    product, squares = np.empty((300, 300), np.float32), np.empty(1, np.float32)
    param, momentum = A.copy(), MOMENTUM.copy()
    kernels.matmul_nt(A, B, product)
    kernels.muon(param, B, momentum, TINY, TINY, 0.5, 0.25)
    kernels.sum_of_squares(A.reshape(-1), squares)
    return b"".join(x.tobytes() for x in (product, param, momentum, squares))


def is_flushing():
    return (torch.full((1,), 1e-39) * torch.ones(1)).item() == 0.0


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("isa", ISAS)
def test_flush_to_zero_in_the_process_changes_no_bit_and_is_left_on(isa, threads):
    wanted = results(native())
    if not torch.set_flush_denormal(True):
        pytest.skip("did not run: this processor has no flush-to-zero mode")
    native().set_num_threads(1)
    native().set_num_threads(threads)  # new threads inherit the mode of the one that makes them
    got, still_flushing = results(native(isa)), is_flushing()
    torch.set_flush_denormal(False)
    assert got == wanted
    assert still_flushing


def test_flush_to_zero_would_change_bits():
    tiny = np.full(8, TINY, np.float32)
    wanted = (tiny * tiny).tobytes()
    torch.set_flush_denormal(True)
    assert (tiny * tiny).tobytes() != wanted


def test_more_threads_than_processors_change_no_bit():
    wanted = results(native())
    native().set_num_threads(4 * (os.cpu_count() or 1))
    for _ in range(5):
        assert results(native()) == wanted


def test_each_python_thread_has_its_own_threads():
    wanted = results(native())
    native().set_num_threads(2)
    seen, got = [], []

    def compute(num_threads):
        seen.append(native().num_threads())
        native().set_num_threads(num_threads)
        got.extend(results(native()) for _ in range(3))

    threads = [threading.Thread(target=compute, args=(n,)) for n in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [1, 1, 1]
    assert got == [wanted] * 9
    assert native().num_threads() == 2


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="did not run: no /proc to count threads in")
def test_a_pool_ends_with_its_thread():
    def others():
        return {task.name for task in Path("/proc/self/task").iterdir()} - before

    before: set[str] = set()
    before = others()
    seen: list[int] = []

    def compute():
        native().set_num_threads(5)
        results(native())
        seen.append(len(others()))

    thread = threading.Thread(target=compute)
    thread.start()
    thread.join()
    assert seen == [5]
    deadline = time.monotonic() + 10  # a thread is joined a moment before it is gone
    while others() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert others() == set()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="did not run: no fork on this system")
def test_a_forked_child_computes_alone_and_ends():
    program = """
import os, sys
import numpy as np
from glasswright.kernels import native

def product():
    out = np.empty((600, 600), np.float32)
    native().matmul_nn(x, x, out)
    return out.tobytes()

x = np.random.default_rng(0).standard_normal((600, 600)).astype(np.float32)
native().set_num_threads(3)
wanted = product()
child = os.fork()
if child == 0:
    assert native().num_threads() == 1 and product() == wanted
    native().set_num_threads(2)
    assert product() == wanted
    sys.exit(7)
assert product() == wanted
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=True, timeout=60, env=os.environ)


def test_an_unknown_instruction_set_is_refused():
    with pytest.raises(ValueError, match="no such instruction set on this machine: mmx"):
        native("mmx")
