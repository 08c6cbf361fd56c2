"""Derived models of many kinds: none that is closed is proved open, and none that is open is accused."""

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.audit.builder import safetensors, write
from tests.audit.models import gguf, report

CASES: dict[str, list[dict[str, Any]]] = YAML(typ="safe", pure=True).load(
    Path(__file__).with_name("derivatives.yaml").read_text()
)


def folder(root: Path, case: dict[str, Any]) -> Path:
    """A case as files."""
    files: dict[str, str | bytes] = {"README.md": f"---\n{case['head']}---\n\n{case['body']}"}
    if "gguf" in case:
        files["model.gguf"] = gguf(case["gguf"])
    else:
        files["model.safetensors"] = safetensors()
    return write(root, {f"{case['name']}/{path}": text for path, text in (files | case.get("files", {})).items()})


@pytest.mark.parametrize("case", CASES["closed"], ids=lambda case: case["name"])
def test_what_is_made_from_a_closed_model_is_not_proved_open(case: dict[str, Any], tmp_path: Path):
    found = report(folder(tmp_path, case))
    assert found.facts["license_open.weights"].status != "proved"
    assert found.osaid.requirements["freedoms"].status != "proved"
    assert found.mof.components["final_parameters"].status != "proved"


@pytest.mark.parametrize("case", CASES["honest"], ids=lambda case: case["name"])
def test_what_is_made_from_an_open_model_is_not_accused(case: dict[str, Any], tmp_path: Path):
    found = report(folder(tmp_path, case))
    accusations = [f for f in found.facts if f.status == "refuted" and f.id.startswith(("lineage", "license"))]
    assert [(fact.id, fact.note) for fact in accusations] == []
    assert found.osaid.requirements["freedoms"].status != "refuted"
    assert found.label.openwashing != "proved"
