"""Without Linux, a compiler and the training packages: verify, audit and scan give the same answers."""

import json
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.attacks.forging import flip_bit
from tests.cli.conftest import Run

FIXTURE = Path(__file__).parents[1] / "fixtures/schema-2.tar.xz"
ELSEWHERE = Path(__file__).with_name("elsewhere.py")
SYSTEMS = ("macos", "windows")

Elsewhere = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def release(tmp_path: Path) -> Path:
    with tarfile.open(FIXTURE) as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / "schema2"


@pytest.fixture(params=SYSTEMS)
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path, environment: dict[str, str]) -> Elsewhere:
    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, ELSEWHERE, request.param, *map(str, arguments)]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    return run


@pytest.mark.parametrize("command", ["verify", "audit", "scan"])
def test_the_answer_is_the_same_elsewhere(in_process: Run, elsewhere: Elsewhere, release: Path, command: str) -> None:
    here, there = in_process(command, release, "--json"), elsewhere(command, release, "--json")
    assert there.stderr == here.stderr
    assert json.loads(there.stdout) == json.loads(here.stdout)
    assert there.returncode == here.returncode


@pytest.mark.parametrize("path", ["model/model.safetensors", "corpus/ledger.parquet", "tokens/shards/00000.bin"])
def test_a_flipped_bit_is_found_elsewhere(elsewhere: Elsewhere, release: Path, path: str) -> None:
    flip_bit(release / path, 100)
    assert elsewhere("verify", release).returncode == 1


@pytest.mark.parametrize("inner", ["model", "corpus/documents"])
def test_a_folder_behind_a_link_is_not_followed_elsewhere(elsewhere: Elsewhere, release: Path, inner: str) -> None:
    (release / inner).rename(release.parent / "away")
    (release / inner).symlink_to(release.parent / "away", target_is_directory=True)
    found = elsewhere("verify", release)
    assert (found.returncode, "a symbolic link" in found.stdout + found.stderr) == (1, True)
