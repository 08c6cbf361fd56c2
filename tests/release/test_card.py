"""The card repeats names that strangers wrote, and nothing in them is obeyed or hidden."""

from dataclasses import replace

import pytest
from tests.foreign.hostile import HOSTILE, raw_in
from tests.release.small import RECIPE, make_release

from glasswright.records.openness import Openness
from glasswright.release.card import model_card
from glasswright.release.contents import Contents, read_contents
from glasswright.release.entries import list_files

HOSTILE_MARKUP = {**{name: text for name, (text, _) in HOSTILE.items()}, "markup": "|\n## x <b>![x](y)&#x202e;`"}


@pytest.fixture(scope="module")
def contents(tmp_path_factory: pytest.TempPathFactory) -> Contents:
    folder = tmp_path_factory.mktemp("card")
    make_release(folder, folder / "release")
    return read_contents(RECIPE, folder / "release", list_files(folder / "release"))


@pytest.mark.parametrize("name", HOSTILE_MARKUP)
def test_nothing_of_a_license_or_a_finding_is_obeyed(contents: Contents, name: str) -> None:
    text = HOSTILE_MARKUP[name]
    found = Openness(word="unknown", osaid="unknown", mof_class="none", lacking=((f"data {text}", f"because {text}"),))
    rows = ((f"MIT {text}", 3),)
    card = model_card(RECIPE, replace(contents, kept_by_license=rows, dropped_by_reason=rows), found)
    plain = model_card(RECIPE, replace(contents, kept_by_license=(("a", 3),), dropped_by_reason=(("b", 3),)), found)
    assert raw_in(card) == set()
    assert card.count("\n") == plain.count("\n")
    assert not any(mark in card for mark in ("<b>", "![x]", "&#x202e;", "\n## x"))
