"""A release to forge: made once, copied for each test."""

import shutil
from pathlib import Path

import pytest
from tests.release.small import make_release


@pytest.fixture(scope="session")
def true_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    return make_release(folder, folder / "release")


@pytest.fixture
def release(true_release: Path, tmp_path: Path) -> Path:
    shutil.copytree(true_release, tmp_path / "release")
    return tmp_path / "release"
