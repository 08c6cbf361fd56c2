"""What the demo installs is said in full, in one version and with its hashes; `make lock` makes the files anew."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("demo", "torch")


def locked(name: str) -> list[Requirement]:
    """The requirements of a lock; two of one name stand there for different machines."""
    text = (ROOT / "locks" / f"{name}.txt").read_text()
    return [Requirement(line.rstrip("\\ ")) for line in text.splitlines() if re.match(r"\w", line)]


def pyproject() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def demo_requires() -> list[Requirement]:
    """What `make demo` installs: the base, the extra `build`, and what compiles the kernels."""
    project, groups = pyproject()["project"], pyproject()["dependency-groups"]
    lines = [*project["dependencies"], *project["optional-dependencies"]["build"], *groups["native"]]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("name", LOCKS)
def test_every_file_has_one_version_and_hashes(name: str):
    for requirement in re.split(r"\n(?=\w)", (ROOT / "locks" / f"{name}.txt").read_text())[1:]:
        assert re.match(r"\S+==\S+ ", requirement), requirement
        assert "--hash=sha256:" in requirement, requirement


def test_whatever_is_required_is_locked_in_a_version_that_will_do():
    versions = {canonicalize_name(line.name): line for name in LOCKS for line in locked(name)}
    for required in demo_requires():
        version = next(iter(versions[canonicalize_name(required.name)].specifier)).version
        assert required.specifier.contains(version), f"{required}: {version} is locked; run `make lock`"


def test_a_lock_and_the_constraints_name_one_version():
    lines = (ROOT / "constraints.txt").read_text().splitlines()[1:]
    pins = {canonicalize_name(line.split("==")[0]): line.split("==")[1] for line in lines}
    for line in (line for name in LOCKS for line in locked(name)):
        name = canonicalize_name(line.name)
        assert str(line.specifier) == f"=={pins.get(name, str(line.specifier)[2:])}", "run `make lock`"


def test_a_build_in_isolation_asks_for_nothing_else():
    assert set(pyproject()["build-system"]["requires"]) <= set(pyproject()["dependency-groups"]["native"])
