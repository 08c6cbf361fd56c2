"""A release that descends from another model tells so, and carries and shows what that one's license asks."""

import json
import shutil
from pathlib import Path

import pytest
from tests.duties.parents import APACHE, KNOWN_LLAMA, LLAMA
from tests.release.derived import child_recipe, derive, make_parent

from glasswright.audit import audit_subject
from glasswright.audit.record import Facts
from glasswright.audit.subject import load_folder
from glasswright.errors import Misuse
from glasswright.records.verdict import Answer
from glasswright.verify import check

TERMS = "LicenseRef-llama3.1"
POLICY = "# Policy\n\nDo no harm.\n"


@pytest.fixture(scope="module")
def parent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_parent(tmp_path_factory.mktemp("parent"), LICENSE=LLAMA, USE_POLICY__md=POLICY)


@pytest.fixture(scope="module")
def adapted(parent: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An adapter for a model that is under a license with terms."""
    recipe = child_recipe(parent, name="llama-tales", called=KNOWN_LLAMA, license=TERMS, asked=TERMS)
    return derive(tmp_path_factory.mktemp("adapted"), parent, recipe)


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All weights of an open model, trained further."""
    parent = make_parent(tmp_path_factory.mktemp("open"), LICENSE=APACHE, NOTICE="Heron\n")
    recipe = child_recipe(parent, name="tales", called="someone/Heron", license="Apache-2.0", asked="MIT", rank=0)
    return derive(tmp_path_factory.mktemp("tuned"), parent, recipe)


def facts_of(release: Path) -> Facts:
    return audit_subject(load_folder(release)).facts


def test_the_card_has_the_head_that_the_hub_reads(adapted: Path, tuned: Path) -> None:
    head = (adapted / "model/README.md").read_text().split("---\n")[1].splitlines()
    assert head[:4] == [
        "license: llama3.1",
        f"base_model: {KNOWN_LLAMA}",
        "base_model_relation: adapter",
        "library_name: peft",
    ]
    assert "base_model_relation: finetune\nlibrary_name: transformers\n" in (tuned / "model/README.md").read_text()


def test_a_license_that_the_hub_has_no_id_for_is_named_beside_other(parent: Path, tmp_path: Path) -> None:
    asked = f"MIT AND {TERMS}"
    recipe = child_recipe(parent, name="llama-tales", called=KNOWN_LLAMA, license=TERMS, asked=asked)
    release = derive(tmp_path, parent, recipe)
    head = f"license: other\nlicense_name: {asked}\nlicense_link: LICENSE\n"
    assert head in (release / "model/README.md").read_text()
    assert facts_of(release)["lineage.1.duty.same_terms"].value == "met"


@pytest.mark.parametrize("name", ["model/README.md", "technical-report.md"])
def test_card_and_report_say_what_it_descends_from_and_what_was_changed(name: str, adapted: Path) -> None:
    text = (adapted / name).read_text()
    recorded = json.loads((adapted / "parents.json").read_bytes())["parents"][0]
    assert f"| parent | {KNOWN_LLAMA} |" in text
    assert f"| its files | {len(recorded['files'])} files" in text
    assert "| its weights | unexplained: nothing shows how they came about |" in text
    assert "PROVED from here on, UNKNOWN before" in text
    assert "| changed | an adapter of rank 2, alpha 32, beside every matrix that can be adapted: " in text
    assert "| by | 8 documents, in 2 steps" in text
    assert "random weights" not in text


@pytest.mark.parametrize("name", ["model/README.md", "technical-report.md"])
def test_card_and_report_list_every_duty_with_its_clause(name: str, adapted: Path) -> None:
    text = (adapted / name).read_text()
    assert "| LicenseRef-llama3.1, s. 1.b.i | its name begins with a name of theirs: “You shall also include" in text
    assert "(`parent/LICENSE:7`) | MET: llama-tales begins so |" in text


@pytest.mark.parametrize("name", ["model/README.md", "README.md", "LICENSE"])
def test_the_words_that_are_asked_for_are_shown(name: str, adapted: Path) -> None:
    assert "Built with Llama" in (adapted / name).read_text()


def test_the_notice_says_what_comes_from_where_and_was_changed(adapted: Path) -> None:
    text = (adapted / "LICENSE").read_text()
    assert f"What comes from {KNOWN_LLAMA}: {TERMS}." in text
    assert "Changed: an adapter of rank 2" in text


def test_what_goes_with_the_parent_is_carried_and_listed(adapted: Path, tuned: Path) -> None:
    listed = {it["path"]: it["sha256"] for it in json.loads((adapted / "manifest.json").read_bytes())["files"]}
    assert {path for path in listed if path.startswith("parent/")} == {
        "parent/LICENSE",
        "parent/NOTICE",
        "parent/USE_POLICY.md",
    }
    assert (adapted / "parent/LICENSE").read_text() == LLAMA
    assert (tuned / "parent/NOTICE").read_text() == "Heron\n"
    assert check(adapted, num_threads=1).answer is Answer.PROVED


@pytest.mark.parametrize("name", ["license_copy", "display", "name", "notice", "use_policy", "same_terms"])
def test_an_audit_reads_its_lineage_and_finds_every_duty_met(name: str, adapted: Path) -> None:
    facts = facts_of(adapted)
    assert facts["lineage.1"].value == f"adapter of {KNOWN_LLAMA}"
    assert facts[f"lineage.1.duty.{name}"].value == "met"


def test_what_its_card_quotes_is_not_taken_for_terms_of_its_code(adapted: Path, tuned: Path) -> None:
    assert facts_of(adapted)["license_open.code"].value == "Apache-2.0"
    assert facts_of(tuned)["license_open.code"].value == "Apache-2.0"


def test_without_a_text_it_carries_an_audit_finds_the_duty_unmet(adapted: Path, tmp_path: Path) -> None:
    shutil.copytree(adapted, tmp_path / "child")
    (tmp_path / "child/parent/LICENSE").unlink()
    assert facts_of(tmp_path / "child")["lineage.1.duty.license_copy"].value == "unmet"


def test_a_recipe_that_the_license_does_not_go_with_is_refused_before_any_work(parent: Path, tmp_path: Path) -> None:
    recipe = child_recipe(parent, name="llama-tales", called=KNOWN_LLAMA, license=TERMS, asked="Apache-2.0")
    with pytest.raises(Misuse, match="it is under the same terms"):
        derive(tmp_path, parent, recipe)
    assert not (tmp_path / "work").exists()


def test_the_card_says_what_an_audit_found_with_the_parent_beside_it(tuned: Path) -> None:
    """Its license is read in its own files; that nothing shows what it first learned from remains."""
    card = (tuned / "model/README.md").read_text()
    assert "`glasswright audit RELEASE --parent PARENT` shows the evidence" in card
    assert "freedoms is not shown" not in card
    assert "data information is not shown: base training data: it is for the parent to say" in card
    assert facts_of(tuned)["lineage.1.explained"].status == "unknown"


def test_an_adapter_holds_no_base(adapted: Path, tuned: Path) -> None:
    assert facts_of(adapted)["base_parameters.present"].status == "unknown"
    assert facts_of(tuned)["base_parameters.present"].status == "proved"
