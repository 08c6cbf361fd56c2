"""What a forger, or a careless owner, can do to a private release, and which step says so."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.attacks.forging import change, read, relist, reroot

from glasswright.errors import Misuse
from glasswright.pipeline import build
from glasswright.records.recipe import Recipe
from glasswright.records.verdict import Answer
from glasswright.verify import check
from glasswright.verify.check import OF_DERIVED, OF_PRIVATE, STEPS

from .conftest import Place, private

OTHER_SALT = b"0f" * 32 + b"\n"
NAMES = [step.name for step in (*STEPS, *OF_DERIVED, *OF_PRIVATE)]


@pytest.fixture
def forged(owners: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(owners, tmp_path / "forged"))


@pytest.fixture(scope="session")
def others(place: Place) -> Path:
    """A release of the same documents with another salt."""
    recipe = private(place.recipe, OTHER_SALT)
    return build(recipe, setting=place.setting("other", salt=OTHER_SALT), out=place.folder / "others")


def refuted(release: Path) -> set[str]:
    findings = dict(zip(NAMES, check(release).findings, strict=True))
    return {name for name, finding in findings.items() if finding.answer is Answer.REFUTED}


def test_another_salt_gives_other_roots_and_other_rows_and_the_same_weights(owners: Path, others: Path) -> None:
    one, other = (read(release / "release.json")["parts"] for release in (owners, others))
    assert {name for name in one if one[name] == other[name]} == {"model", "parents", "weights"}
    ids = [{row["id"] for row in read(it / "private.json")["documents"]} for it in (owners, others)]
    assert not ids[0] & ids[1]


def added(ledger: dict[str, Any]) -> None:
    ledger["documents"].append({"id": "f" * 64, "key": "e" * 64, "license": "CC0-1.0"})
    ledger["num_seen"] += 1


def removed(ledger: dict[str, Any]) -> None:
    del ledger["documents"][1]


def of_another_license(ledger: dict[str, Any]) -> None:
    ledger["documents"][1]["license"] = "MIT"


def of_another_key(ledger: dict[str, Any]) -> None:
    ledger["documents"][1]["key"] = "e" * 64


def of_fewer_tokens(ledger: dict[str, Any]) -> None:
    ledger["num_tokens"] -= 1


def of_more_seen(ledger: dict[str, Any]) -> None:
    ledger["num_seen"] += 1


ROWS = [added, removed, of_another_license, of_another_key, of_fewer_tokens, of_more_seen]


@pytest.mark.parametrize("edit", ROWS)
def test_rows_that_are_not_the_ledger_s_are_refuted_by_the_owner_s_check_alone(
    forged: Path, edit: Callable[[dict[str, Any]], None]
) -> None:
    change(forged / "private.json", edit)
    reroot(forged)
    assert refuted(forged) == {"private"}


@pytest.mark.parametrize("edit", ROWS)
def test_a_stranger_sees_that_rows_are_not_those_under_the_root(
    copy: Path, edit: Callable[[dict[str, Any]], None]
) -> None:
    change(copy / "private.json", edit)
    relist(copy)
    assert refuted(copy) == {"salted"}


def twice(ledger: dict[str, Any]) -> None:
    ledger["documents"].insert(1, ledger["documents"][0])


def out_of_order(ledger: dict[str, Any]) -> None:
    ledger["documents"].reverse()


def of_no_digest(ledger: dict[str, Any]) -> None:
    ledger["documents"][0]["id"] = "../../etc"


def of_nobody(ledger: dict[str, Any]) -> None:
    ledger["documents"] = []


@pytest.mark.parametrize("edit", [twice, out_of_order, of_no_digest, of_nobody])
def test_what_is_no_salted_ledger_is_refuted_to_everybody(forged: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    change(forged / "private.json", edit)
    reroot(forged)
    assert "salted" in refuted(forged)


def test_another_salt_in_the_owner_s_copy_is_refuted(forged: Path) -> None:
    (forged / "private.salt").write_bytes(OTHER_SALT)
    relist(forged)
    assert {"ledger", "rows"} & refuted(forged)


def test_a_salt_that_the_recipe_does_not_name_is_refuted_where_all_else_follows_from_it(
    forged: Path, others: Path
) -> None:
    for path in ("private.salt", "private.json"):
        shutil.copyfile(others / path, forged / path)
    reroot(forged)
    assert refuted(forged)


def test_ledger_and_salt_of_another_release_are_refuted(copy: Path, others: Path) -> None:
    (copy / "corpus").mkdir()
    for path in ("corpus/ledger.parquet", "private.salt"):
        shutil.copyfile(others / path, copy / path)
    relist(copy)
    assert "ledger" in refuted(copy)


def test_a_transcript_of_another_release_is_not_proved(copy: Path, others: Path) -> None:
    """Its events are those of this recipe's run, which has one; without the salt nobody can tell its root."""
    shutil.copyfile(others / "transcript.jsonl", copy / "transcript.jsonl")
    relist(copy)
    findings = dict(zip(NAMES, check(copy).findings, strict=True))
    assert findings["transcript"].answer is Answer.UNKNOWN
    assert "private.salt: withheld" in findings["transcript"].evidence


def test_a_file_of_the_owner_s_that_no_list_has_is_refuted(copy: Path, owners: Path) -> None:
    shutil.copyfile(owners / "private.salt", copy / "private.salt")
    assert refuted(copy) == {"files"}


def test_a_public_release_without_its_documents_is_refuted_whatever_lies_in_it(
    place: Place, strangers: Path, tmp_path: Path
) -> None:
    for name in ("bare", "hidden"):
        release = Path(shutil.copytree(place.folder / "release", tmp_path / name))
        shutil.rmtree(release / "corpus")
        if name == "hidden":
            shutil.copyfile(strangers / "private.json", release / "private.json")
        relist(release)
        assert check(release).answer is Answer.REFUTED
    told = [finding.evidence for finding in check(tmp_path / "hidden").findings]
    assert "private.json: the recipe says nothing of private documents" in told


def test_a_private_part_without_a_word_of_it_in_the_recipe_is_refuted(forged: Path) -> None:
    path = forged / "recipe.yaml"
    lines = path.read_text().splitlines(keepends=True)
    at = lines.index("private:\n")
    path.write_text("".join(lines[:at] + lines[at + 2 :]))
    (forged / "private.salt").unlink()
    reroot(forged)
    assert check(forged).answer is Answer.REFUTED


@pytest.mark.parametrize(
    ("salt", "said"),
    [(None, "the salt is not given"), (OTHER_SALT, "the salt that is given is another one"), (b"5a", "is another one")],
)
def test_a_build_without_the_salt_is_refused_before_any_work(
    place: Place, tmp_path: Path, salt: bytes | None, said: str
) -> None:
    with pytest.raises(Misuse, match=said):
        build(place.recipe, setting=place.setting("none", salt=salt), out=tmp_path / "out")
    assert not (place.folder / "none").exists()


def test_a_salt_for_what_is_not_private_is_refused(place: Place, tmp_path: Path) -> None:
    values = place.recipe.model_dump(exclude_unset=True)
    del values["private"]
    with pytest.raises(Misuse, match="nothing in the recipe is private"):
        build(Recipe.model_validate(values), setting=place.setting("none"), out=tmp_path / "out")


def test_a_recipe_that_says_too_much_is_none(place: Place) -> None:
    values = place.recipe.model_dump(exclude_unset=True)
    with pytest.raises(ValueError, match="private: expected beside a parent"):
        Recipe.model_validate({**values, "parent": None, "adapter": None})
    values["sources"][0]["sha256"] = "ab" * 32
    with pytest.raises(ValueError, match="confirms a guess"):
        Recipe.model_validate(values)
