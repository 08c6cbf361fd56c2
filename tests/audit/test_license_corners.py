"""Where else a license is told, or taken back, than in a card and a LICENSE: none of it may be passed over."""

import json
import struct
from pathlib import Path

import pytest
from tests.audit.builder import LICENSE, write
from tests.licenses.license_texts import MIT

from glasswright.audit import audit_subject
from glasswright.audit.subject import load_folder

CONFIG = '{"model_type": "llama"}'


def card(body: str = "A model.", head: str = "license: mit") -> str:
    return f"---\n{head}\n---\n# Fell\n\n{body}\n"


def tensors(metadata: dict[str, str]) -> bytes:
    header = {"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}, "__metadata__": metadata}
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(4)


NOT_OPEN: dict[str, tuple[str, dict[str, str | bytes]]] = {
    "a verb is all that joins weights and license": (
        "weights",
        {"LICENSE": MIT, "README.md": "# Fell\n\nThe code is MIT. The weights are CC BY-NC 4.0.\n"},
    ),
    "the weights' terms are a link": (
        "weights",
        {
            "LICENSE": MIT,
            "README.md": "# Fell\n\n## License\n\nCode: MIT. Weights: [Fell Terms](https://fell.example)\n",
        },
    ),
    "one size needs a contract": ("weights", {"README.md": card("Fell-70B needs a contract with us.")}),
    "a head that is an example": (
        "weights",
        {"README.md": "# Fell\n\nA card looks like this:\n\n```yaml\nlicense: apache-2.0\n```\n"},
    ),
    "a badge with a license of its own": (
        "weights",
        {
            "LICENSE": LICENSE,
            "README.md": "# Fell\n\n![Model License](https://img.shields.io/badge/Model_License-Fell_Community-blue)\n",
        },
    ),
    "weights that name another license": (
        "weights",
        {"README.md": card(), "model.safetensors": tensors({"modelspec.license": "CreativeML Open RAIL++-M"})},
    ),
    "weights with a hint on their use": (
        "weights",
        {"README.md": card(), "model.safetensors": tensors({"modelspec.usage_hint": "non-commercial only"})},
    ),
    "a folder of legal texts": (
        "weights",
        {"LICENSE": MIT, "docs/license.md": "# License\n\nWeights: research only, no commercial use.\n"},
    ),
    "for whom, before a license": ("weights", {"LICENSE": f"For schools, the following applies:\n\n{MIT}"}),
    "what armies get, after it": ("weights", {"LICENSE": f"{MIT}\nThe armed forces obtain nothing by this notice.\n"}),
    "letters in another order": ("weights", {"LICENSE": f"{MIT}\n\u202eesu laicremmoc rof toN\n"}),
    "a classifier": (
        "code",
        {"LICENSE": MIT, "pyproject.toml": '[project]\nclassifiers = ["License :: Free for non-commercial use"]\n'},
    ),
    "a setup script": ("code", {"LICENSE": MIT, "setup.py": "setup(name='fell', license='CC BY-NC-SA 4.0')\n"}),
    "the head of a source file": (
        "code",
        {"LICENSE": MIT, "modeling_fell.py": "# Copyright Fell Inc. Proprietary and confidential.\nimport torch\n"},
    ),
    "in Vietnamese": ("weights", {"README.md": card("Mô hình không dùng cho mục đích thương mại.")}),
    "in Indonesian": ("weights", {"README.md": card("Model ini hanya untuk penelitian.")}),
    "in Swedish": ("weights", {"README.md": card("Modellen får endast användas för forskning.")}),
    "in Ukrainian": ("weights", {"README.md": card("Модель лише для некомерційного використання.")}),
    "in Turkish": ("weights", {"README.md": card("Bu model yalnızca akademik araştırma içindir.")}),
    "in Hindi": ("weights", {"README.md": card("इस मॉडल का व्यावसायिक उपयोग वर्जित है।")}),
}
OPEN: dict[str, tuple[str, dict[str, str | bytes]]] = {
    "a comment in the head": ("weights", {"README.md": card(head="license: apache-2.0  # as is the base")}),
    "a classifier": (
        "code",
        {
            "pyproject.toml": '[project]\nclassifiers = ["License :: OSI Approved :: MIT License"]\n',
            "train.py": "x = 1\n",
        },
    ),
    "what another model may not": (
        "weights",
        {"README.md": card("Llama 3 may not be used to train other models; Fell may.")},
    ),
    "a clause that is not there": ("weights", {"README.md": card("There is no non-commercial clause in our license.")}),
}


def openness(folder: Path, kind: str, files: dict[str, str | bytes]) -> str:
    write(folder, {"config.json": CONFIG, **files})
    return audit_subject(load_folder(folder)).facts[f"license_open.{kind}"].status


@pytest.mark.parametrize("name", NOT_OPEN)
def test_what_is_told_in_a_corner_counts(name: str, tmp_path: Path):
    kind, files = NOT_OPEN[name]
    assert openness(tmp_path / "own__fell", kind, files) != "proved"


@pytest.mark.parametrize("name", OPEN)
def test_what_takes_nothing_leaves_it_proved(name: str, tmp_path: Path):
    kind, files = OPEN[name]
    assert openness(tmp_path / "own__fell", kind, files) == "proved"


def test_a_manifest_that_closes_what_the_license_file_opens_is_a_conflict_and_accuses_nobody(tmp_path: Path):
    kind, files = NOT_OPEN["a classifier"]
    assert openness(tmp_path / "own__fell", kind, files) == "unknown"
