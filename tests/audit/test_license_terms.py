"""Words beside an open license that take rights away: openness is unknown, and nobody is accused."""

from pathlib import Path

import pytest
from tests.audit.builder import LICENSE, write
from tests.licenses import wordings

from glasswright.audit import audit_subject
from glasswright.audit.subject import load_folder

CARD = "---\nlicense: apache-2.0\n---\n# Fell\n\n"
TAKES = {
    "a sentence": {"README.md": CARD + "The weights may not be used commercially.\n"},
    "for whom only": {"README.md": CARD + "The model may only be used by universities.\n"},
    "in French": {"README.md": CARD + "Toute utilisation à des fins lucratives est interdite.\n"},
    "in Turkish, which nobody reads": {
        "README.md": CARD + "Bu model MIT lisansı altındadır. Ticari kullanım yasaktır.\n"
    },
    "in Hindi, which nobody reads": {"README.md": CARD + "यह मॉडल MIT लाइसेंस के अंतर्गत है।\n"},
    "terms elsewhere": {"README.md": CARD + "By downloading the weights you accept our terms of service.\n"},
    "what a hub asks": {
        "README.md": CARD.replace("# Fell", "# Fell").replace(
            "license: apache-2.0\n", "license: apache-2.0\nextra_gated_prompt: For non-commercial research only.\n"
        )
    },
    "a threshold": {"README.md": CARD + "The model may be used if you have fewer than 700 million monthly users.\n"},
    "a policy": {"README.md": CARD, "USE_POLICY.md": "You may not use the model for surveillance.\n"},
    "a notice": {"README.md": CARD, "NOTICE": "The weights are for evaluation use only. All rights reserved.\n"},
}
GIVES = {
    "nothing more": {"README.md": CARD},
    "of others": {
        "README.md": CARD + "Unlike other models, whose licenses forbid commercial use, Fell is Apache-2.0.\n"
    },
    "Apache's own notice": {
        "README.md": CARD,
        "NOTICE": "Licensed under the Apache License; you may not use this file except in compliance with it.\n",
    },
    "of rank among others": {
        "README.md": CARD + "Fell ranks third among all proprietary and open-source models.\n",
        "README_ja.md": "# Fell\n\nFellはすべてのプロプライエタリおよびオープンソースモデルの中で第3位です。\n",
    },
    "no license's word": {"README.md": CARD + "If you have questions, don't hesitate to post an issue.\n"},
    "another file's": {"README.md": CARD + "- `bracken-7b.tar` has a non-commercial license of its own\n"},
    "a word in a list": {"README.md": CARD + "Used by:\n\n- Non-commercial entities\n"},
}


def test_a_heading_names_no_license(tmp_path: Path):
    readme = (
        "# Fell\n\n## Weights Release, License and Usage\n\nThe weights are licensed under the Apache 2.0 license.\n"
    )
    assert openness(tmp_path / "fell", {"README.md": readme}) == "proved"


def openness(folder: Path, files: dict[str, str]) -> str:
    write(folder, {"LICENSE": LICENSE, "config.json": '{"model_type": "llama"}', **files})
    return audit_subject(load_folder(folder)).facts["license_open.weights"].status


@pytest.mark.parametrize("name", TAKES)
def test_words_that_take_a_right_away_leave_openness_unknown(name: str, tmp_path: Path):
    assert openness(tmp_path / "fell", TAKES[name]) == "unknown"


@pytest.mark.parametrize("name", GIVES)
def test_words_that_take_nothing_leave_it_proved(name: str, tmp_path: Path):
    assert openness(tmp_path / "fell", GIVES[name]) == "proved"


@pytest.mark.parametrize("language", wordings.OFFERS)
def test_another_license_for_those_who_pay_leaves_openness_unknown(language: str, tmp_path: Path):
    said = wordings.OFFERS[language]
    found = [openness(tmp_path / str(i), {"README.md": f"{CARD}{offer}\n"}) for i, offer in enumerate(said)]
    assert [offer for offer, status in zip(said, found, strict=True) if status != "unknown"] == []


@pytest.mark.parametrize("language", wordings.GIVES)
def test_two_open_licenses_or_commerce_allowed_leave_it_proved(language: str, tmp_path: Path):
    said = wordings.GIVES[language]
    found = [openness(tmp_path / str(i), {"README.md": f"{CARD}{gift}\n"}) for i, gift in enumerate(said)]
    assert [gift for gift, status in zip(said, found, strict=True) if status != "proved"] == []
