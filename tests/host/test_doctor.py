"""The doctor knows a machine that computes other bits, and does not accuse one it could not examine."""

import resource
import sys
from pathlib import Path

import numpy as np
import pytest
from tests.kernels.cuda.emulation import Emulation

from glasswright import kernels
from glasswright.errors import Misuse
from glasswright.host.doctor import INTEGER_PRODUCT, PRODUCT, doctor, product_digest
from glasswright.kernels.cuda import device
from glasswright.records.verdict import Answer, Finding

module = sys.modules["glasswright.host.doctor"]


def test_the_golden_product_is_the_definition_s() -> None:
    assert product_digest(kernels.definitions().matmul_nn) == PRODUCT
    assert product_digest(kernels.definitions().integer_matmul_nn) == INTEGER_PRODUCT


def test_another_order_of_addition_has_another_digest() -> None:
    def right_to_left(a_MK: np.ndarray, b_KN: np.ndarray, out_MN: np.ndarray) -> None:
        kernels.definitions().matmul_nn(a_MK[:, ::-1].copy(), b_KN[::-1].copy(), out_MN)

    assert product_digest(right_to_left) != PRODUCT


def test_a_wrong_product_is_refuted_on_every_instruction_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PRODUCT", "0" * 64)
    products = [finding for finding in doctor(tmp_path).findings if "product" in finding.claim]
    assert {finding.answer for finding in products} == {Answer.REFUTED}


def test_this_machine_has_the_right_bits(tmp_path: Path) -> None:
    isa_before = kernels.native().active_isa()
    products = [finding for finding in doctor(tmp_path).findings if "product" in finding.claim]
    assert {finding.answer for finding in products} == {Answer.PROVED}
    assert len([it for it in products if "GPU" not in it.claim]) == len(kernels.native().supported_isas())
    assert kernels.native().active_isa() == isa_before


@pytest.mark.parametrize(
    ("changes", "answers"),
    [
        ({}, [Answer.PROVED, Answer.PROVED]),
        ({"matmul": ("kChunk = 512", "kChunk = 256")}, [Answer.REFUTED, Answer.PROVED]),
        ({"integer_matmul": ("256 * sums.high", "255 * sums.high")}, [Answer.PROVED, Answer.REFUTED]),
    ],
)
def test_a_gpu_that_is_here_is_examined_by_both_versions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, tuple[str, str]], answers: list[Answer]
) -> None:
    monkeypatch.setattr(device, "is_there", lambda: True)
    monkeypatch.setattr(device, "Device", lambda: Emulation(changes=changes))
    assert [it.answer for it in doctor(tmp_path).findings if "GPU" in it.claim] == answers


def test_a_gpu_that_cannot_be_examined_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise Misuse("what runs kernels is not installed", hint="pip install it")

    monkeypatch.setattr(device, "is_there", lambda: True)
    monkeypatch.setattr(device, "Device", refuse)
    finding = _named(tmp_path, "a small matrix product has the bits it should, on the GPU")
    assert (finding.answer, finding.hint) == (Answer.UNKNOWN, "pip install it")


@pytest.mark.parametrize(
    ("state", "answers"),
    [
        ("absent", []),
        ("refused", [Answer.UNKNOWN]),
        ("wrong", [Answer.REFUTED]),
        ("right", [Answer.PROVED]),
    ],
)
def test_an_amx_that_is_there_is_told_and_a_wrong_one_refuted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str, answers: list[Answer]
) -> None:
    monkeypatch.setattr(kernels.native(), "amx", lambda: state)
    assert [finding.answer for finding in doctor(tmp_path).findings if "AMX" in finding.claim] == answers


def test_without_kernels_the_bits_are_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_twins", lambda: None)
    product = _named(tmp_path, "a small matrix product")
    assert product.answer is Answer.UNKNOWN
    assert "pip install" in str(product.hint)


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "version", lambda name: None if name == "torch" else "1")
    finding = _named(tmp_path, "what training needs")
    assert finding.answer is Answer.REFUTED
    assert finding.evidence == "not installed: torch"


def test_a_low_limit_is_named(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, hard))
    try:
        finding = _named(tmp_path, "no limit")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert finding.answer is Answer.REFUTED
    assert "open files: 100 (ulimit -n)" in finding.evidence


def test_a_folder_that_is_gone_is_unknown(tmp_path: Path) -> None:
    assert _named(tmp_path / "gone", "at least 2 GiB").answer is Answer.UNKNOWN


def _named(folder: Path, claim: str) -> Finding:
    return next(finding for finding in doctor(folder).findings if finding.claim.startswith(claim))
