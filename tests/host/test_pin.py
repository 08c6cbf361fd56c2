"""Pinning, in a process of its own."""

import os
import subprocess
import sys


def test_other_libraries_get_one_thread_and_the_locale_is_left_alone() -> None:
    program = (
        "import locale, os, torch\n"
        "from glasswright.host import pin\n"
        "before = locale.setlocale(locale.LC_ALL)\n"
        "pin()\n"
        "assert torch.get_num_threads() == 1\n"
        "assert os.environ['OMP_NUM_THREADS'] == '1'\n"
        "assert locale.setlocale(locale.LC_ALL) == before\n"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "LC_ALL": "C.UTF-8"}
    subprocess.run([sys.executable, "-c", program], env=env, check=True)
