"""The kernels that the environment asks for are known and at hand, or refused before any work."""

import pytest

from glasswright import kernels
from glasswright.errors import Misuse
from glasswright.kernels import ENVIRONMENT_VARIABLE, looks, wanted


def asked(name: str) -> str | None:
    return wanted({ENVIRONMENT_VARIABLE: name})


def test_unset_is_the_widest():
    assert wanted({}) is wanted({ENVIRONMENT_VARIABLE: ""}) is None


def test_the_definition_is_everywhere(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(kernels, "supported_isas", lambda: ())
    assert asked("definition") == "definition"


@pytest.mark.parametrize("name", ["AVX2", "avx", "avx2 ", "native", "generic,avx2", "\x1b[31m"])
def test_a_name_that_is_none_is_refused_with_those_that_are(name: str):
    with pytest.raises(Misuse, match="expected one of definition, generic, avx2, avx512, neon") as caught:
        asked(name)
    assert "this machine has definition" in str(caught.value.hint)


def test_an_instruction_set_of_other_machines_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(kernels, "supported_isas", lambda: ("generic", "avx2"))
    assert asked("avx2") == "avx2"
    with pytest.raises(Misuse, match="neon: not on this machine") as caught:
        asked("neon")
    assert str(caught.value.hint).startswith("this machine has definition, generic, avx2;")


def test_what_was_not_compiled_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(kernels, "_twins", lambda: None)
    with pytest.raises(kernels.NotCompiled, match="not compiled when Glasswright was installed") as told:
        kernels.native()
    assert "C++ compiler" in told.value.hint
    assert kernels.looking() is looks
