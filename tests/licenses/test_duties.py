"""How licenses word what they ask for: sentences written for these tests, and real texts where they are at hand."""

from pathlib import Path

import pytest

from glasswright.licenses.duties import KINDS, find_duty, find_limits
from glasswright.licenses.model_licenses import terms_of

EXAMPLES = {
    "license_copy": ("You must hand every recipient a copy of this Agreement.", "You may copy the Materials."),
    "notice": ("A “Notice” text file must say: “Heron is licensed under Heron Terms.”", "Please notice the terms."),
    "display": ("You shall prominently display “Built with Heron” on your website.", "The website displays a heron."),
    "name": ("You shall include “Heron” at the beginning of its name.", "You must not use the name Heron."),
    "use_policy": ("Your use must follow the Acceptable Use Policy.", "Your use must follow the law."),
    "same_terms": ("You must put what you make under the same license.", "You must keep the license."),
    "changes": ("Modified files must carry prominent notices that you changed them.", "You may change the files."),
    "attribution": ("You must retain all copyright notices.", "You must retain no copies."),
    "no_training": ("You will not use outputs to improve any other language model.", "You may improve the model."),
}
TEXT = """\
HERON TERMS

1. Words. "Acceptable Use Policy" means the policy at heron.example.
2. Passing on.
  a. You shall give every recipient a copy of this Agreement.
  b. You shall prominently display “Built with Heron” where
     people see it.
3. Use. You must not break the Acceptable Use Policy. Use is for non-commercial
purposes.
"""
REAL = {
    "LicenseRef-llama2": "openness/inputs/llama-2/meta-llama__llama/LICENSE",
    "LicenseRef-llama3": "openness/inputs/llama-3/meta-llama__llama3/LICENSE",
    "LicenseRef-llama3.1": "openness/inputs/llama-3.1/meta-llama__llama-models/models/llama3_1/LICENSE",
    "LicenseRef-llama4": "openness/inputs/llama-4/meta-llama__llama-models/models/llama4/LICENSE",
    "LicenseRef-deepseek": "openness/inputs/deepseek-v3/deepseek-ai__DeepSeek-V3/LICENSE-MODEL",
    "LicenseRef-dbrx": "openness/inputs/dbrx/databricks__dbrx/LICENSE",
    "LicenseRef-tongyi-qianwen": "openness/inputs/qwen-1/QwenLM__Qwen/Tongyi Qianwen LICENSE AGREEMENT",
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_duty_is_known_by_its_words(kind: str):
    asks, does_not = EXAMPLES[kind]
    assert find_duty(asks, kind) is not None
    assert find_duty(does_not, kind) is None


def test_a_duty_is_quoted_whole_with_section_and_lines():
    found = find_duty(TEXT, "display")
    assert found is not None
    assert (found.section, found.lines) == ("2.b", (6, 7))
    assert found.quote == "You shall prominently display “Built with Heron” where people see it."


def test_a_sentence_that_obliges_comes_before_one_that_defines():
    found = find_duty(TEXT, "use_policy")
    assert found is not None
    assert found.quote == "You must not break the Acceptable Use Policy."


def test_of_two_places_that_oblige_the_section_that_is_asked_for_counts():
    text = "1. You must keep a copy of this License.\n2. You must hand on a copy of this License.\n"
    places = [find_duty(text, "license_copy", section) for section in ("", "2")]
    assert [place.lines for place in places if place is not None] == [(1, 1), (2, 2)]


def test_a_limit_is_quoted_by_its_sentence():
    assert find_limits(TEXT)["non_commercial"].quote == "Use is for non-commercial purposes."


@pytest.mark.parametrize("license", REAL)
def test_every_duty_of_a_real_license_is_found_in_the_section_that_is_written_down(license: str, shared_data: Path):
    path, terms = shared_data / REAL[license], terms_of(license)
    if not path.is_file():
        pytest.skip(f"did not run: no text of {license} in the shared data")
    assert terms is not None
    text = path.read_text()
    for duty in terms.duties:
        found = find_duty(text, duty.id, duty.section)
        assert found is not None, duty.id
        assert f"{found.section}.".startswith(f"{duty.section}."), duty.id
    assert terms.title.search(text)
    asked = [duty for duty in terms.duties if duty.says and duty.id != "name"]
    assert [d.says for d in asked if d.says.rstrip(".") not in " ".join(text.split())] == []
