"""AMX without a machine that has it: its instructions are what they should be, and a wrong unit is found before use."""

import platform
import re
import shutil
import subprocess
from pathlib import Path

import pytest

NATIVE = Path(__file__).resolve().parents[3] / "src/glasswright/kernels/native"
# By Intel's manual, in the order of amx.h.
INSTRUCTIONS = {"ldtilecfg", "tilerelease", "tilezero", "tileloadd", "tileloaddt1", "tdpbssd", "tilestored"}


@pytest.fixture(scope="module")
def compiler():
    found = shutil.which("c++")
    if found is None:
        pytest.skip("did not run: no C++ compiler")
    return found


@pytest.fixture(scope="module")
def amx_check(compiler, tmp_path_factory):
    """Runs amx_check.cc; returns the exit status."""
    program = tmp_path_factory.mktemp("amx") / "amx_check"
    source = Path(__file__).with_name("amx_check.cc")
    subprocess.run([compiler, "-std=c++20", "-O1", f"-I{NATIVE}", source, "-o", program], check=True)
    return lambda *arguments: subprocess.run([program, *arguments], timeout=60, capture_output=True).returncode


def test_the_check_before_use_passes_what_is_right_and_nothing_that_is_wrong(amx_check):
    assert amx_check() == 0


def test_a_tile_that_was_not_configured_ends_the_process(amx_check):
    assert amx_check("careless") != 0


def test_the_processor_s_body_is_the_instructions_that_the_emulation_stands_for(compiler, tmp_path):
    if platform.machine() not in ("x86_64", "AMD64") or shutil.which("objdump") is None:
        pytest.skip("did not run: no x86-64, or no objdump")
    source, made = tmp_path / "check.cc", tmp_path / "check.o"
    source.write_text('#include "amx.h"\nbool check() { return gw::multiplies_right<gw::Amx>(); }\n')
    subprocess.run([compiler, "-std=c++20", "-O2", f"-I{NATIVE}", "-c", source, "-o", made], check=True)
    listing = subprocess.run(["objdump", "-d", made], check=True, capture_output=True, text=True).stdout
    found = re.findall(r"\b(ldtilecfg|tile\w+|tdp\w+)\s*(.*)", listing)
    assert {name for name, _ in found} == INSTRUCTIONS
    # c += a b: objdump names the operands from the last to the first.
    assert [operands.split() for name, operands in found if name == "tdpbssd"] == [["%tmm2,%tmm1,%tmm0"]] * 2
