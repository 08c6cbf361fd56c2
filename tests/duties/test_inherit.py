"""What a parent's license asks is met, to do, unknown, or refused before any work."""

from pathlib import Path

import pytest
from tests.duties.parents import APACHE, KNOWN_LLAMA, LLAMA, NO_COPIES, UNKNOWN, parent, recipe

from glasswright import duties
from glasswright.duties import require_allowed
from glasswright.duties.reading import MAX_TEXTS
from glasswright.errors import Misuse
from glasswright.records.duties import Inheritance, Inherited
from glasswright.records.recipe import Recipe

TERMS = "LicenseRef-llama3.1"


def inherit(made: Recipe, folder: Path) -> Inheritance:
    assert made.parent is not None
    return duties.inherit(made, made.parent, folder)


def only(found: Inheritance, kind: str) -> Inherited:
    (duty,) = [duty for duty in found.duties if duty.id == kind]
    return duty


def answers(found: Inheritance) -> dict[str, str]:
    return {duty.id: duty.answer for duty in found.duties}


def llama(folder: Path, **of_recipe: str | None) -> Inheritance:
    at = parent(folder, LICENSE=LLAMA, USE_POLICY__md="# Policy\n\nDo no harm.\n")
    return inherit(recipe(license=TERMS, **{"name": "llama-tales", "asked": TERMS} | of_recipe), at)


def test_all_that_llama_asks_is_met_by_what_the_release_carries_and_shows(tmp_path: Path) -> None:
    found = llama(tmp_path)
    require_allowed(found)
    assert found.licenses == (TERMS,)
    assert answers(found) == dict.fromkeys(
        ["license_copy", "display", "name", "notice", "use_policy", "same_terms", "user_threshold"], "met"
    )
    assert found.shown == ("Built with Llama",)
    assert list(found.texts) == ["LICENSE", "USE_POLICY.md", "NOTICE"]
    assert b"Llama 3.1 is licensed under the Llama 3.1 Community License" in found.texts["NOTICE"]


def test_a_clause_is_quoted_with_its_section_and_place(tmp_path: Path) -> None:
    duty = only(llama(tmp_path), "name")
    assert (duty.section, duty.place) == ("1.b.i", "parent/LICENSE:7")
    assert duty.quote == "You shall also include “Llama” at the beginning of the name of a model made from them."


def test_another_license_than_the_parents_is_refused_with_the_clause_and_what_would_go(tmp_path: Path) -> None:
    with pytest.raises(Misuse) as error:
        require_allowed(llama(tmp_path, asked="Apache-2.0"))
    assert "LicenseRef-llama3.1, s. 1.b.i: it is under the same terms: “You shall (A) provide a copy" in str(
        error.value
    )
    assert "LicenseRef-llama3.1 or Apache-2.0 AND LicenseRef-llama3.1 would go with it" in str(error.value.hint)


def test_a_name_without_the_prefix_is_refused_with_one_that_would_do(tmp_path: Path) -> None:
    found = llama(tmp_path, name="tales")
    assert only(found, "name").answer == "refused"
    assert "llama-tales would do" in only(found, "name").told
    with pytest.raises(Misuse, match="its name begins with a name of theirs"):
        require_allowed(found)


def test_no_license_asked_for_leaves_it_to_do(tmp_path: Path) -> None:
    found = llama(tmp_path, asked=None)
    assert only(found, "same_terms").answer == "to do"
    require_allowed(found)


def test_a_family_is_known_by_its_name_whatever_the_recipe_says(tmp_path: Path) -> None:
    found = inherit(recipe(license="Apache-2.0", parent=KNOWN_LLAMA), parent(tmp_path))
    assert found.licenses == ("Apache-2.0", TERMS)
    assert only(found, "same_terms").answer == "refused"


def test_a_license_text_in_the_folder_counts_whatever_the_recipe_says(tmp_path: Path) -> None:
    found = inherit(recipe(license="Apache-2.0"), parent(tmp_path, LICENSE=LLAMA))
    assert found.licenses == ("Apache-2.0", TERMS)
    assert only(found, "same_terms").answer == "refused"


def test_the_parents_of_the_parent_count(tmp_path: Path) -> None:
    card = f"---\nlicense: apache-2.0\nbase_model: {KNOWN_LLAMA}\n---\n\n# Heron\n"
    found = inherit(recipe(license="Apache-2.0"), parent(tmp_path, card=card))
    assert TERMS in found.licenses


def test_a_name_that_speaks_of_a_family_is_a_doubt_and_refuses_nothing(tmp_path: Path) -> None:
    card = "---\nlicense: apache-2.0\n---\n\n# Heron\n"
    found = inherit(recipe(license="Apache-2.0", parent="someone/tuned-llama3.1-8b"), parent(tmp_path, card=card))
    assert only(found, "license").answer == "unknown"
    assert TERMS in only(found, "license").told
    require_allowed(found)


def test_without_a_text_or_a_policy_they_are_to_do(tmp_path: Path) -> None:
    found = inherit(recipe(license=TERMS, name="llama-tales", asked=TERMS), parent(tmp_path))
    assert {answers(found)[kind] for kind in ("license_copy", "use_policy")} == {"to do"}
    assert answers(found)["notice"] == "met"
    assert only(found, "display").quote == ""


def test_a_parent_under_apache_asks_for_its_text_and_a_word_on_changes(tmp_path: Path) -> None:
    found = inherit(recipe(license="Apache-2.0", asked="MIT"), parent(tmp_path, LICENSE=APACHE, NOTICE="Heron\n"))
    assert answers(found) == {"license_copy": "met", "changes": "met", "attribution": "met"}
    assert only(found, "changes").section == "4.b"
    assert found.texts["NOTICE"] == b"Heron\n"
    require_allowed(found)


@pytest.mark.parametrize(("license", "asked"), [("CC-BY-SA-4.0", "Apache-2.0"), ("CC-BY-NC-4.0", "Apache-2.0")])
def test_share_alike_and_no_commerce_are_passed_on_or_refused(license: str, asked: str, tmp_path: Path) -> None:
    at = parent(tmp_path)
    assert only(inherit(recipe(license=license, asked=asked), at), "same_terms").answer == "refused"
    assert only(inherit(recipe(license=license, asked=license), at), "same_terms").answer == "met"


@pytest.mark.parametrize("license", ["CC-BY-ND-4.0", "CC-BY-NC-ND-4.0"])
def test_a_parent_that_forbids_changed_copies_is_refused(license: str, tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="changed versions may not be shared"):
        require_allowed(inherit(recipe(license=license, asked=license), parent(tmp_path)))


def test_a_parent_that_forbids_copies_in_words_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    found = inherit(recipe(license="LicenseRef-egret", asked=None), parent(tmp_path, LICENSE=NO_COPIES))
    with pytest.raises(Misuse, match="“You may not redistribute the Model weights.”"):
        require_allowed(found)


def test_of_an_unknown_license_every_duty_is_unknown_and_its_text_is_carried(tmp_path: Path) -> None:
    found = inherit(recipe(license="LicenseRef-heron", asked="LicenseRef-heron"), parent(tmp_path, LICENSE=UNKNOWN))
    assert {duty.answer for duty in found.duties if duty.id not in ("non_commercial", "license")} == {"unknown"}
    assert "LICENSE" in found.texts
    require_allowed(found)


def test_an_open_license_asked_of_an_unknown_one_that_closes_something_is_refused(tmp_path: Path) -> None:
    found = inherit(recipe(license="LicenseRef-heron"), parent(tmp_path, LICENSE=UNKNOWN))
    with pytest.raises(Misuse, match="“You must not use the Model for any commercial purpose.”"):
        require_allowed(found)


def test_a_license_that_only_says_so_by_its_name_is_unknown_and_still_closed(tmp_path: Path) -> None:
    found = inherit(recipe(license="LicenseRef-heron-non-commercial"), parent(tmp_path))
    assert only(found, "same_terms").answer == "refused"
    assert only(found, "license_copy").answer == "unknown"


def test_of_licenses_to_choose_from_the_lightest_is_chosen(tmp_path: Path) -> None:
    assert inherit(recipe(license="GPL-3.0-only OR MIT"), parent(tmp_path)).licenses == ("MIT",)


def test_share_alike_documents_beside_a_parent_with_terms_are_a_conflict_that_is_said(tmp_path: Path) -> None:
    at = parent(tmp_path, LICENSE=LLAMA)
    found = inherit(recipe(license=TERMS, asked=TERMS, name="llama-x", documents="CC-BY-SA-4.0"), at)
    assert (only(found, "conflict").answer, only(found, "conflict").section) == ("to do", "3.b.3")
    require_allowed(found)


def test_two_licenses_of_a_parent_that_exclude_each_other_are_refused(tmp_path: Path) -> None:
    found = inherit(recipe(license="CC-BY-SA-4.0", asked="CC-BY-SA-4.0"), parent(tmp_path, LICENSE=LLAMA))
    assert only(found, "conflict").answer == "refused"


def test_a_text_that_is_a_link_or_too_many_texts_are_refused(tmp_path: Path) -> None:
    at = parent(tmp_path / "one", LICENSE=APACHE)
    (at / "NOTICE").symlink_to("/etc/hostname")
    with pytest.raises(Misuse, match="NOTICE goes with what is made from it, and cannot be read"):
        inherit(recipe(license="Apache-2.0"), at)
    many = parent(tmp_path / "many", **{f"LICENSE_{number}": "x" for number in range(MAX_TEXTS + 1)})
    with pytest.raises(Misuse, match="at most"):
        inherit(recipe(license="Apache-2.0"), many)


def test_a_parent_that_is_a_release_passes_on_what_it_carries_of_its_own(tmp_path: Path) -> None:
    at = parent(tmp_path, release__json="{}")
    (at / "parent").mkdir()
    (at / "parent" / "LICENSE").write_text(LLAMA)
    assert "parent/LICENSE" in inherit(recipe(license=TERMS, asked=TERMS, name="llama-x"), at).texts
