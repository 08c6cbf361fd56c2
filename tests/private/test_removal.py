"""One private document taken out: another root, a row less, and nobody is told a word of it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from glasswright.cli.app import run
from glasswright.corpus.change import removal, salt_in
from glasswright.errors import Misuse, Unknown
from glasswright.pipeline import build
from glasswright.pipeline.stage import Job
from glasswright.pipeline.stages import CORPUS
from glasswright.private import publish
from glasswright.recipe.write import write_resolved
from glasswright.records.recipe import Private, Recipe
from glasswright.records.verdict import Answer
from glasswright.store.ledger import read_ledger
from glasswright.verify import check, diff

from .conftest import NUM_DOCUMENTS, SALT, Place


def without(place: Place, owners: Path, name: str, *, keep_similar: bool = False) -> Recipe:
    """The recipe with one document taken out, as `corpus remove` says it."""
    row = next(row for row in read_ledger(owners / "corpus" / "ledger.parquet") if row.path == name)
    entry = removal(row, None, salt_in(owners)).model_dump() | {"keep_similar": keep_similar}
    values = place.recipe.model_dump(exclude_unset=True)
    values["corpus"]["remove"] = [entry]
    return Recipe.model_validate(values)


@pytest.fixture(scope="module")
def fewer(place: Place, owners: Path) -> Path:
    recipe = without(place, owners, "3.txt")
    return build(recipe, setting=place.setting("without"), out=place.folder / "fewer")


@pytest.fixture(scope="module")
def fewer_public(fewer: Path, place: Place) -> Path:
    publish(fewer, place.folder / "fewer-public", num_threads=1)
    return place.folder / "fewer-public"


def ids(release: Path) -> set[str]:
    return {row["id"] for row in json.loads((release / "private.json").read_bytes())["documents"]}


def test_its_row_is_gone_the_others_are_as_they_were_and_the_root_is_another(
    fewer_public: Path, strangers: Path, fewer: Path
) -> None:
    assert check(fewer).answer is Answer.PROVED
    assert ids(fewer_public) < ids(strangers)
    assert len(ids(fewer_public)) == NUM_DOCUMENTS - 1
    roots = [json.loads((release / "release.json").read_bytes())["root"] for release in (fewer_public, strangers)]
    assert roots[0] != roots[1]


def test_a_stranger_s_diff_says_that_a_row_is_gone_and_no_word(
    fewer_public: Path, strangers: Path, owners: Path
) -> None:
    found = {finding.claim: finding for finding in diff(strangers, fewer_public).findings}
    salted = found["equal salted ledgers"]
    gone = min(ids(strangers) - ids(fewer_public))
    assert salted.answer is Answer.REFUTED
    assert salted.evidence == f"private.json: of 5 and 4 rows 1 only in the first, {gone[:12]} among them"
    assert found["equal ledger"].answer is Answer.UNKNOWN
    assert "withheld" in found["equal ledger"].evidence
    told = " ".join(finding.evidence for finding in found.values())
    row = next(row for row in read_ledger(owners / "corpus" / "ledger.parquet") if row.path == "3.txt")
    assert not [word for word in (row.path, row.sha256[:12], row.document_id[:12], "Nobody outside") if word in told]


def test_the_owner_s_diff_names_the_document(fewer: Path, owners: Path) -> None:
    found = {finding.claim: finding for finding in diff(owners, fewer).findings}
    assert "3.txt" in found["equal ledger"].evidence


def test_the_recipe_of_the_copy_does_not_have_the_digest_of_what_is_gone(fewer_public: Path, owners: Path) -> None:
    row = next(row for row in read_ledger(owners / "corpus" / "ledger.parquet") if row.path == "3.txt")
    text = (fewer_public / "recipe.yaml").read_text()
    assert "sha256" in text
    assert row.sha256 not in text


def test_it_is_gone_as_well_where_its_near_duplicates_may_stay(place: Place, owners: Path, tmp_path: Path) -> None:
    recipe = without(place, owners, "3.txt", keep_similar=True)
    out = build(recipe, setting=place.setting("similar"), out=tmp_path / "out")
    assert [row.path for row in read_ledger(out / "corpus" / "ledger.parquet") if row.reason == "removed"] == ["3.txt"]


def test_a_kept_document_that_the_recipe_takes_out_is_refuted(place: Place, owners: Path) -> None:
    from glasswright.errors import ClaimFalse
    from glasswright.verify.ledger_rows import check_rows

    rows = read_ledger(owners / "corpus" / "ledger.parquet")
    recipe = without(place, owners, "3.txt")
    with pytest.raises(ClaimFalse, match=r"3\.txt.*although the recipe removes this text"):
        check_rows(rows, recipe, "ledger", SALT)
    check_rows(rows, recipe, "ledger", b"00" * 32 + b"\n")  # another salt names another text


def test_what_corpus_remove_prints_is_what_the_recipe_takes(
    place: Place, owners: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["corpus", "remove", str(owners), "3.txt", "--out", str(tmp_path / "corpus"), "--json"]) == 0
    entry = json.loads(capsys.readouterr().out)["entry"]
    assert entry["sha256"] == without(place, owners, "3.txt").corpus.remove[0].sha256


def test_without_its_salt_no_entry_is_written_that_would_name_the_document(owners: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(owners, tmp_path / "copy"))
    (copy / "private.salt").unlink()
    for folder in (copy, copy / "corpus"):
        with pytest.raises(Misuse, match=r"private\.salt: missing"):
            salt_in(folder)


def test_whichever_folder_a_document_is_taken_out_of_its_entry_is_salted(
    owners: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = {row.path: row for row in read_ledger(owners / "corpus" / "ledger.parquet")}
    once, again = tmp_path / "once", tmp_path / "again"
    monkeypatch.chdir(owners / "corpus")
    assert run(["corpus", "remove", ".", "3.txt", "--out", str(once)]) == 0
    assert run(["corpus", "remove", str(once), "2.txt", "--out", str(again)]) == 0
    said = capsys.readouterr().out
    for name in ("3.txt", "2.txt"):
        assert removal(rows[name], None, SALT).sha256 in said
        assert rows[name].sha256 not in said


@pytest.mark.parametrize("words", [["show"], ["why", "3.txt"], ["query", "SELECT 1"]])
def test_a_stranger_is_told_that_the_ledger_is_withheld(
    strangers: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["corpus", words[0], str(strangers), *words[1:]]) == Unknown.exit_code
    assert "the ledger is withheld: the documents of this release are private" in capsys.readouterr().err


def test_a_corpus_of_a_private_recipe_is_without_what_it_removes(
    place: Place, owners: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe, out = tmp_path / "mine.yaml", tmp_path / "corpus"
    recipe.write_text(write_resolved(without(place, owners, "3.txt")))
    built = ["corpus", "build", str(recipe), "--source", f"texts={place.folder / 'texts'}", "--out", str(out)]
    assert run(built) == Misuse.exit_code
    assert "the salt is not given" in capsys.readouterr().err
    recipe.with_suffix(".salt").write_bytes(SALT)
    assert run(built) == 0
    assert {row.path for row in read_ledger(out / "ledger.parquet") if not row.is_kept} == {"3.txt"}
    assert salt_in(out) == SALT


def test_a_removal_by_a_plain_digest_is_not_published(place: Place, owners: Path, tmp_path: Path) -> None:
    """Where the text is gone from the source too, no search of the copy could know what the digest is of."""
    row = next(row for row in read_ledger(owners / "corpus" / "ledger.parquet") if row.path == "3.txt")
    shutil.copytree(place.folder / "texts", tmp_path / "texts", ignore=shutil.ignore_patterns("3.txt"))
    values = place.recipe.model_dump(exclude_unset=True)
    values["corpus"]["remove"] = [{"sha256": row.sha256}]
    recipe = Recipe.model_validate(values)
    setting = place.setting("plain", locations={"texts": tmp_path / "texts"})
    release = build(recipe, setting=setting, out=tmp_path / "release")
    with pytest.raises(Misuse, match="is of no document that was seen"):
        publish(release, tmp_path / "public", num_threads=1)
    assert not (tmp_path / "public").exists()


def test_a_corpus_is_collected_anew_for_another_salt_only_where_something_is_taken_out(
    place: Place, owners: Path
) -> None:
    def inputs(recipe: Recipe) -> dict[str, Any]:
        return CORPUS.inputs(Job(recipe=recipe, setting=place.setting("inputs")))

    whole, fewer = place.recipe, without(place, owners, "3.txt")
    other = Private(salt_sha256="0" * 64)
    assert inputs(whole) == inputs(whole.model_copy(update={"private": other}))
    assert inputs(fewer) != inputs(fewer.model_copy(update={"private": other}))
