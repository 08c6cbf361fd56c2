"""Every GPU kernel compiles here, without a GPU, and each of its operations is one that rounds to nearest."""

import itertools
import re
import sys
from pathlib import Path

import pytest

from glasswright.errors import Misuse
from glasswright.kernels.cuda import compiler, source

pytest.importorskip("cuda.bindings.nvrtc", reason="NVIDIA's run-time compiler is not installed")

ARCHITECTURES = ("sm_80", "sm_90", "sm_100")
# What may compute a binary32 number: one rounding to nearest, subnormals kept; a sign changed; or the larger of two,
# which the compiler puts for a comparison and a choice where neither NaN nor the sign of a zero can tell them apart.
ROUNDED = re.compile(r"(add|sub|mul|div|fma|rcp|sqrt)\.rn\.f32|cvt\.rn\.f32\.[su](32|64)|neg\.f32|max\.f32")
# Whatever has numbers for operands, but moves, comparisons and choices.
COMPUTES = re.compile(
    r"^\s*(?:@\S+ )?((?!mov|ld|st|setp|selp|cvta|shfl)[a-z][\w.]*\.(?:f32|ftz|approx|f64|f16)[\w.]*)", re.M
)


def ptx(name: str, options: tuple[str, ...] = compiler.OPTIONS) -> str:
    return compiler.compiled(
        name, compiler.source_of(name), (*options, "--gpu-architecture=compute_80"), "PTX"
    ).decode()


def strays(code: str) -> set[str]:
    """The operations of a PTX text that may round another way."""
    return {it for it in COMPUTES.findall(code) if not ROUNDED.fullmatch(it)}


@pytest.mark.parametrize(("name", "architecture"), [*zip(source.names(), itertools.cycle(ARCHITECTURES))])
def test_a_source_compiles_for_a_generation(
    name: str, architecture: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A sample of the test below: one generation for each source, and some source for each generation."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert compiler.machine_code(name, architecture)


@pytest.mark.slow
@pytest.mark.parametrize("name", source.names())
def test_a_source_compiles_for_every_generation(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    codes = {compiler.machine_code(name, architecture) for architecture in ARCHITECTURES}
    assert len(codes) == len(ARCHITECTURES)


@pytest.mark.parametrize("name", source.names())
def test_every_operation_rounds_to_nearest(name: str):
    assert not strays(ptx(name))


@pytest.mark.parametrize("option", ["--fmad=true", "--ftz=true", "--prec-div=false"])
def test_an_option_that_rounds_otherwise_is_noticed(option: str):
    kind = option.split("=")[0]
    options = tuple(option if it.startswith(kind) else it for it in compiler.OPTIONS)
    assert strays(ptx("adamw", options))


def test_what_is_kept_is_used_and_made_anew_where_it_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    code = compiler.machine_code("add", "sm_80")
    (kept,) = compiler.cache_folder().iterdir()
    with monkeypatch.context() as without:
        without.setattr(compiler, "compiled", lambda *_: pytest.fail("compiled again"))
        assert compiler.machine_code("add", "sm_80") == code
    kept.write_bytes(kept.read_bytes()[:-1] + b"x")
    assert compiler.machine_code("add", "sm_80") == code
    assert kept.read_bytes()[32:] == code


def test_a_folder_that_takes_nothing_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "glasswright").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert compiler.machine_code("add", "sm_80")


def test_a_text_that_does_not_compile_is_a_defect_with_the_compilers_words():
    with pytest.raises(RuntimeError, match="bad.cu: .*identifier"):
        compiler.compiled("bad", "int f() { return missing; }", compiler.OPTIONS, "CUBIN")


def test_a_compiler_that_is_not_installed_is_misuse_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "cuda.bindings", None)
    compiler._nvrtc.cache_clear()
    with pytest.raises(Misuse) as refused:
        compiler.machine_code("add", "sm_80")
    assert "glasswright[gpu]" in str(refused.value.hint)
