"""Words beside an open license that take rights away: openness is unknown, and nobody is accused."""

from pathlib import Path

import pytest
from tests.audit.builder import LICENSE, write
from tests.licenses import wordings

from glasswright.audit import audit_subject
from glasswright.audit.passages import passages
from glasswright.audit.subject import Document, load_folder

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
    "a policy that names a license": {"README.md": CARD, "legal/TERMS.md": "The weights: CC BY-NC 4.0.\n"},
    "a notice": {"README.md": CARD, "NOTICE": "The weights are for evaluation use only. All rights reserved.\n"},
}
HEADINGS = {  # by the name of a readme
    "README.md": "# Fell\n\n## License\n\n%\n",
    "README.markdown": "Fell\n====\n\nLicense\n-------\n%\n",
    "README.rst": "====\nFell\n====\n\nLicense\n~~~~~~~\n\n%\n",
    "README.adoc": "= Fell\n\n== License\n\n%\n",
    "README.org": "* Fell\n\n** License\n\n%\n",
}
NO_HEADINGS = {
    "README.md": "---\nlicense: mit\n---\n* License\n\nA long line\nand its end\n-----------\n\n-----\n-----\n",
    "README.rst": "A line that is longer than the one below\n----\n",
    "docs/run.md": "Run\n~~~\nLicense\n~~~~~~~\n",
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


@pytest.mark.parametrize("name", HEADINGS)
def test_a_heading_is_one_in_every_form_of_text(name: str):
    text = HEADINGS[name].replace("%", "Ask for a sale.")
    found = [passage for passage in passages(Document("fell", name, tuple(text.split("\n")))) if passage.told]
    assert [(passage.heading, passage.lines[0]) for passage in found if "Ask" in passage.text] == [
        ("Fell > License", "Ask for a sale.")
    ]
    assert not any("License" in passage.told for passage in found)


@pytest.mark.parametrize("name", NO_HEADINGS)
def test_what_only_looks_like_a_heading_is_none(name: str):
    found = passages(Document("fell", name, tuple(NO_HEADINGS[name].split("\n"))))
    assert [passage.heading for passage in found if passage.is_heading or passage.heading] == []


@pytest.mark.parametrize("name", HEADINGS)
def test_what_stands_under_a_heading_about_the_license_is_of_it_in_every_form_of_text(name: str, tmp_path: Path):
    readme = {name: HEADINGS[name].replace("%", "Shops have to write first.")}
    assert openness(tmp_path / "taken", readme) == "unknown"
    assert (
        openness(
            tmp_path / "given",
            {name: readme[name].replace("Shops have to write first", "The model is licensed under Apache-2.0")},
        )
        == "proved"
    )


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
