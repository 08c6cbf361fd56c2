"""The components that a release states are files of our source, and the audit finds each of them there."""

import json
from pathlib import Path

import pytest

from glasswright.audit import audit_subject
from glasswright.audit.record import Facts
from glasswright.audit.subject import load_folder
from glasswright.release.builder import PACKAGE, write_builder
from glasswright.release.components import COMPONENTS


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    folder = tmp_path_factory.mktemp("built")
    write_builder(folder / "code", {})
    (folder / "release.json").write_text("{}")
    return audit_subject(load_folder(folder)).facts


@pytest.mark.parametrize("path", [path for paths in COMPONENTS.values() for path in paths])
def test_a_stated_file_is_in_the_package(path: str):
    assert (PACKAGE / path).is_file()


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_stated_component_is_proved(component: str, facts: Facts):
    fact = facts[f"{component}.present"]
    assert fact.status == "proved", fact.note
    assert fact.evidence[0].file.endswith("/code/build.json")


def test_components_are_stated_by_the_names_of_the_archive(tmp_path: Path):
    write_builder(tmp_path / "code", {})
    stated = json.loads((tmp_path / "code/build.json").read_bytes())["components"]
    assert stated.keys() == COMPONENTS.keys()
    assert all(path.startswith("glasswright-") for paths in stated.values() for path in paths)
