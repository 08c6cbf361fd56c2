"""Licenses as the audit reads them: a closed one is never open, and every place where one is stated is read."""

import json
import struct
from pathlib import Path

import pytest
from tests.licenses.license_texts import APACHE, MIT

from glasswright.audit.facts import gather
from glasswright.audit.record import Facts
from glasswright.audit.subject import load_folder

WEIGHTS = struct.pack("<Q", 2) + b"{}"


def facts_of(folder: Path, files: dict[str, str | bytes]) -> Facts:
    """The facts of a model's repository with these files, a configuration and weights."""
    for path, content in {"config.json": "{}", "model.safetensors": WEIGHTS, **files}.items():
        place = folder / "meadow__glade" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
    return gather(load_folder(folder))


def card(license: str, words: str = "") -> str:
    return f"---\nlicense: {license}\n---\n# Glade\n\n{words}\n"


CHANGED = {
    "non-commercial below MIT": ("mit", MIT + "\nThe Software may not be used for commercial purposes.\n"),
    "companies below MIT": ("mit", MIT + "\nCompanies listed on a stock exchange are granted no rights.\n"),
    "a duty below MIT": ("mit", MIT + "\nAll copies shall show a banner that names this Software.\n"),
    "no training below MIT": ("mit", MIT + "\nThe Software may not be used to train other models.\n"),
    "MIT without sale": ("mit", MIT.replace("sublicense, and/or sell", "and sublicense")),
    "MIT for academics": ("mit", MIT.replace("to any person", "to any academic person, with prior approval,")),
    "MIT for research": ("mit", MIT.replace("without restriction,", "for non-commercial research only,")),
    "non-commercial below Apache": ("apache-2.0", APACHE + "\nThe Work may not be used for commercial purposes.\n"),
    "revocable Apache": ("apache-2.0", APACHE.replace("irrevocable", "revocable")),
    "Apache in French, forbidding commerce": (
        "apache-2.0",
        APACHE + "\nToute utilisation commerciale est interdite.\n",
    ),
    "a restrictive license": ("mit", "GLADE LICENSE\n\n1. You may use the model for non-commercial research only.\n"),
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_changed_license_is_never_proved_open_whatever_the_card_says(tmp_path: Path, name: str):
    tag, text = CHANGED[name]
    facts = facts_of(tmp_path, {"README.md": card(tag), "LICENSE": text})
    assert facts["license_open.weights"].status != "proved"
    assert facts["license_conflict.weights"].status == "proved"
    assert {e.file for e in facts["license_conflict.weights"].evidence} == {
        "meadow__glade/README.md",
        "meadow__glade/LICENSE",
    }


def test_an_addition_is_quoted_with_its_line(tmp_path: Path):
    facts = facts_of(tmp_path, {"LICENSE": CHANGED["a duty below MIT"][1]})
    fact = facts["license.weights"]
    assert fact.value == "MIT AND LicenseRef-additions"
    assert "MIT with additions" in fact.note
    assert "show a banner" in fact.evidence[1].quote
    assert fact.evidence[1].lines == (MIT.count("\n") + 2, MIT.count("\n") + 2)


@pytest.mark.parametrize(("tag", "text"), [("mit", MIT), ("apache-2.0", APACHE), ("mit", f"{MIT}\n\n{APACHE}")])
def test_a_license_as_it_is_stays_open(tmp_path: Path, tag: str, text: str):
    facts = facts_of(tmp_path, {"README.md": card(tag), "LICENSE": text})
    assert facts["license_open.weights"].status == "proved"
    assert facts["license_conflict.weights"].status == "unknown"


STATED = {
    "(MIT OR Apache-2.0) AND CC-BY-NC-4.0": "refuted",
    "the MIT License, but not for commercial use": "refuted",
    "a modified MIT license": "unknown",
    "MIT OR Apache-2.0": "proved",
}


@pytest.mark.parametrize("said", STATED)
def test_a_sentence_is_read_to_its_end(tmp_path: Path, said: str):
    words = f"## License\n\nThe model weights are released under {said}.\n"
    facts = facts_of(tmp_path, {"README.md": f"# Glade\n\n{words}"})
    assert facts["license_open.weights"].status == STATED[said]


@pytest.mark.parametrize("tags", ["[mit, cc-by-nc-4.0]", "\n- cc-by-nc-4.0\n- mit"])
def test_a_card_that_names_several_is_under_each(tmp_path: Path, tags: str):
    assert facts_of(tmp_path, {"README.md": card(tags)})["license_open.weights"].status == "refuted"


SECTION = "# x\n\n## License\n\n"
POLICY = "Use of the model is subject to the Acceptable Use Policy."
NOT_OPEN = {
    "a second license file": {"README.md": card("apache-2.0"), "LICENSE": APACHE, "LICENSE-WEIGHTS": "CC BY-NC 4.0\n"},
    "a preamble": {"LICENSE": f"Companies with more than 100 employees need a license from us.\n\n{MIT}"},
    "the weights taken out": {
        "README.md": f"{SECTION}All is under MIT, except the model weights, which may not be redistributed.\n",
        "LICENSE": MIT,
    },
    "a denial": {"README.md": "# x\n\n## License\n\nThe model weights are not released under the MIT license.\n"},
    "a promise": {"README.md": "# x\n\n## License\n\nThe weights will be released under the MIT license.\n"},
    "a notice": {"LICENSE": APACHE, "NOTICE": "The weights may be used for non-commercial purposes only.\n"},
    "a policy of use": {"README.md": card("mit", POLICY), "LICENSE": MIT},
    "what it was": {"README.md": "# x\n\n## License\n\nThe weights were MIT licensed; they are now proprietary.\n"},
    "an address that differs": {
        "README.md": "# x\n\n## License\n\nThe model is under the [MIT License](https://creativecommons.org/licenses/by-nc/4.0/).\n"
    },
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_OPEN)
def test_nothing_is_proved_open_that_a_careful_reader_would_not_call_so(tmp_path: Path, name: str):
    assert facts_of(tmp_path, dict(NOT_OPEN[name]))["license_open.weights"].status != "proved"


def test_two_things_in_a_sentence_have_a_license_each(tmp_path: Path):
    words = "## License\n\nThe code is licensed under Apache-2.0, the model weights are under CC-BY-NC-4.0.\n"
    facts = facts_of(tmp_path, {"README.md": f"# Glade\n\n{words}", "run.py": ""})
    assert facts["license.code"].value == "Apache-2.0"
    assert facts["license_open.weights"].status == "refuted"


def gguf(metadata: dict[str, str]) -> bytes:
    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value.encode())) + value.encode()

    pairs = b"".join(text(key) + struct.pack("<I", 8) + text(value) for key, value in metadata.items())
    return b"GGUF" + struct.pack("<IQQ", 3, 0, len(metadata)) + pairs


def safetensors(metadata: dict[str, str]) -> bytes:
    head = json.dumps({"__metadata__": metadata}).encode()
    return struct.pack("<Q", len(head)) + head


BADGE = "# x\n\n![License](https://img.shields.io/badge/License-CC%20BY--NC%204.0-grey.svg)\n"
PLACES: dict[str, tuple[dict[str, str | bytes], str, str]] = {
    "config": ({"config.json": '{"license": "cc-by-nc-4.0"}'}, "weights", "CC-BY-NC-4.0"),
    "pyproject": ({"pyproject.toml": "[project]\nlicense = 'GPL-3.0-or-later'\n"}, "code", "GPL-3.0-or-later"),
    "package": ({"package.json": '{"license": "BSD-3-Clause"}'}, "code", "BSD-3-Clause"),
    "cargo": ({"Cargo.toml": "[package]\nlicense = 'MIT OR Apache-2.0'\n"}, "code", "MIT OR Apache-2.0"),
    "setup": ({"setup.cfg": "[metadata]\nlicense = MIT\n"}, "code", "MIT"),
    "citation": ({"CITATION.cff": "cff-version: 1.2.0\nlicense: Apache-2.0\n"}, "code", "Apache-2.0"),
    "header": ({"model.py": "# SPDX-License-Identifier: AGPL-3.0-only\n"}, "code", "AGPL-3.0-only"),
    "GGUF": ({"glade.gguf": gguf({"general.license": "cc-by-nc-4.0"})}, "weights", "CC-BY-NC-4.0"),
    "safetensors": ({"model.safetensors": safetensors({"license": "apache-2.0"})}, "weights", "Apache-2.0"),
    "badge": ({"README.md": BADGE}, "weights", "CC-BY-NC-4.0"),
}


@pytest.mark.parametrize("name", PLACES)
def test_a_license_is_found_where_it_is_stated(tmp_path: Path, name: str):
    files, scope, license = PLACES[name]
    fact = facts_of(tmp_path, {"README.md": "# Glade\n\nA small model.\n", **files})[f"license.{scope}"]
    assert (fact.status, fact.value) == ("proved", license)


def test_a_forgotten_manifest_leaves_it_unknown_and_accuses_nobody(tmp_path: Path):
    files: dict[str, str | bytes] = {"README.md": card("apache-2.0"), "config.json": '{"license": "cc-by-nc-4.0"}'}
    facts = facts_of(tmp_path, files)
    assert facts["license_open.weights"].status == "unknown"
    assert facts["license_conflict.weights"].status == "proved"


def test_a_citation_says_nothing_of_weights(tmp_path: Path):
    assert facts_of(tmp_path, {"CITATION.cff": "license: MIT\n"})["license_open.weights"].status == "unknown"


CASES = {
    "b1-mit-plus-clause": ("license_open.weights", "unknown"),
    "b1b-mit-plus-gov": ("license_open.weights", "refuted"),
    "b8-chatglm-like": ("license_open.code", "proved"),
    "f3-readme-apache-license-restrictive": ("license_conflict.weights", "proved"),
    "f4b-license-in-config-json": ("license_open.weights", "refuted"),
    "f4c-license-in-pyproject": ("license_open.code", "proved"),
    "f4d-license-in-citation": ("license_open.code", "proved"),
    "f4g-spdx-headers-only": ("license_open.code", "proved"),
    "f5d-french": ("license_open.weights", "refuted"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_shared_cases_are_read_as_a_careful_reader_does(shared_data: Path, name: str):
    folder = shared_data / "cases/audit" / name
    if not folder.is_dir():
        pytest.skip("did not run: no cases among the shared data")
    fact_id, status = CASES[name]
    assert gather(load_folder(folder))[fact_id].status == status


KEPT = {
    "de": "Die Gewichte dürfen nicht kommerziell genutzt werden.",
    "fr": "Les poids ne peuvent être utilisés à des fins commerciales.",
    "zh": "模型权重禁止用于商业用途。",
    "ja": "モデルの商用利用は禁止です。",
    "ru": "Веса модели запрещено использовать в коммерческих целях.",
    "en": "The model weights may not be used for commercial purposes.",
}


@pytest.mark.parametrize("language", KEPT)
def test_words_beside_an_open_license_leave_it_unknown_and_are_quoted(tmp_path: Path, language: str):
    facts = facts_of(tmp_path, {"README.md": card("apache-2.0", KEPT[language]), "LICENSE": APACHE})
    fact = facts["license_open.weights"]
    assert fact.status == "unknown"
    assert KEPT[language].rstrip(".。") in fact.note


def test_what_is_said_of_a_rival_or_of_nothing_keeps_nothing(tmp_path: Path):
    words = (
        "Other models may not be used for commercial purposes; ours is open.\n\n"
        "Intended use: this model is intended for research.\n"
    )
    facts = facts_of(tmp_path, {"README.md": card("apache-2.0", words), "LICENSE": APACHE})
    assert facts["license_open.weights"].status == "proved"


@pytest.mark.parametrize(
    ("said", "license"),
    [
        ("Les poids du modèle sont distribués sous licence CC BY-NC 4.0.", "CC-BY-NC-4.0"),
        ("Die Gewichte stehen unter der Lizenz Apache 2.0.", "Apache-2.0"),
        ("模型权重采用 CC BY-NC 4.0 许可协议发布。", "CC-BY-NC-4.0"),
    ],
)
def test_a_statement_in_another_language_is_read(tmp_path: Path, said: str, license: str):
    assert facts_of(tmp_path, {"README.md": f"# Glade\n\n{said}\n"})["license.weights"].value == license


def test_words_about_the_code_beside_its_license_leave_it_unknown(tmp_path: Path):
    words = "# x\n\nThe code is under the MIT license.\n\nDer Code darf nicht kommerziell genutzt werden.\n"
    facts = facts_of(tmp_path, {"README.md": words, "LICENSE": MIT, "run.py": ""})
    assert facts["license_open.code"].status == "unknown"


WHOLE: dict[str, dict[str, str | bytes]] = {
    "a file of one line": {"LEGAL.txt": "Licensed under CC BY-NC 4.0.\n"},
    "a file without a suffix": {"COPYRIGHT": "Licensed under CC BY-NC 4.0.\n"},
    "its name": {"README.md": "# Glade\n\nGlade is released under CC BY-NC 4.0.\n"},
    "the project": {"README.md": "# Glade\n\nThis project is distributed under CC BY-NC 4.0.\n"},
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_license_stated_of_no_part_is_that_of_the_whole(tmp_path: Path, name: str):
    facts = facts_of(tmp_path, {**WHOLE[name], "LICENSE": APACHE})
    assert facts["license_open.weights"].status == "refuted"
    assert facts["license_open.code"].status == "proved"


def test_a_notice_that_names_a_restrictive_license_leaves_it_unknown(tmp_path: Path):
    facts = facts_of(tmp_path, {"NOTICE": "The weights: CC BY-NC 4.0.\n", "LICENSE": APACHE})
    assert facts["license_open.weights"].status == "unknown"


def test_a_license_stated_of_another_model_is_not_ours(tmp_path: Path):
    words = "# Glade\n\nHeron-7B is released under CC BY-NC 4.0.\n"
    assert facts_of(tmp_path, {"README.md": words, "LICENSE": APACHE})["license_open.weights"].status == "proved"


def test_a_license_of_one_file_to_download_says_nothing_of_the_code(tmp_path: Path):
    words = "# Glade\n\n- `glade-7b.tar`: 7B\n- `glade-large.tar` has a non-commercial license of its own\n"
    facts = facts_of(tmp_path, {"README.md": words, "LICENSE": APACHE})
    assert (facts["license_open.code"].status, facts["license_open.weights"].status) == ("proved", "unknown")


def test_terms_for_the_model_alone_close_no_code(tmp_path: Path):
    terms = (
        "---\nlicense: other\n---\n# Terms and Conditions\n\n"
        "The model is ours. Do not use the model for harm.\nYou may not use the model commercially.\n"
    )
    facts = facts_of(tmp_path, {"LICENSE": terms, "run.py": "print('model')\n"})
    assert facts["license_open.weights"].value == "LicenseRef-terms-and-conditions"
    assert facts["license_open.code"].status == "unknown"


def test_a_table_of_data_sets_and_their_licenses_says_nothing_of_the_code(tmp_path: Path):
    table = "| Dataset | License |\n|---|---|\n| Glade-Code-v1 | licensed under CC-BY-4.0 |\n"
    facts = facts_of(tmp_path, {"README.md": f"# Glade\n\n{table}", "LICENSE": APACHE})
    assert (facts["license.code"].value, facts["license.data"].value) == ("Apache-2.0", "CC-BY-4.0")


OUTVOTED: dict[str, dict[str, str | bytes]] = {
    "badge": {"README.md": BADGE.replace("CC%20BY--NC%204.0", "MIT")},
    "manifest": {"package.json": '{"license": "MIT"}'},
}


@pytest.mark.parametrize("name", OUTVOTED)
def test_a_place_that_names_another_open_license_is_told_and_outvoted(tmp_path: Path, name: str):
    facts = facts_of(tmp_path, {**OUTVOTED[name], "LICENSE": APACHE})
    assert facts["license_conflict.code"].value == "Apache-2.0 / MIT"
    assert (facts["license.code"].value, facts["license_open.code"].status) == ("Apache-2.0", "proved")


def test_a_license_ready_for_commerce_takes_nothing_away(tmp_path: Path):
    words = card("apache-2.0", "It is ready for commercial use under the Apache License 2.0.")
    assert facts_of(tmp_path, {"README.md": words, "LICENSE": APACHE})["license_open.weights"].status == "proved"
