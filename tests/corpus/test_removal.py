"""A document that was asked to be removed does not come back: not by a build, not as a copy, not under another path."""

import random
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from glasswright.corpus.change import diff, remove
from glasswright.corpus.proof import ledger_root
from glasswright.corpus.removal import left_open
from glasswright.corpus.view import find
from glasswright.errors import Misuse
from glasswright.records.canonical import parse
from glasswright.records.recipe import Corpus
from glasswright.store.documents import read_documents
from glasswright.store.ledger import read_ledger, write_ledger


def words(seed: int, count: int = 300) -> list[str]:
    chosen = random.Random(seed)
    return ["".join(chosen.choice("abcdefghijklmnop") for _ in range(6)) for _ in range(count)]


STORY = words(1)
RETOLD = [*STORY[:280], *words(2, 20)]  # a near-duplicate
FILES = {
    "story.txt": " ".join(STORY).encode(),
    "copy/story.txt": " ".join(STORY).encode(),
    "retold.txt": " ".join(RETOLD[:-1]).encode(),
    "part.txt": " ".join(STORY[:200]).encode(),
    "other.txt": " ".join(words(3)).encode(),
    "refused.md": b"---\nlicense: CC-BY-NC-4.0\n---\n" + " ".join(words(4)).encode(),
}
OF_THE_STORY = {"story.txt", "copy/story.txt", "retold.txt", "part.txt"}


@pytest.fixture
def built(collected):
    """`built(remove=[...])` collects FILES under a recipe that removes documents."""

    def run(files=FILES, **rules):
        return collected(files, license="MIT", rules=rules)

    return run


@pytest.fixture
def story(built):
    """The row of the document that was kept for all that tell the story."""
    return next(row for row in built().rows if row.is_kept and row.path in OF_THE_STORY)


def test_the_story_is_kept_once_before_anything_is_removed(built):
    corpus = built()
    assert {row.path for row in corpus.rows if row.is_kept} - {"other.txt"} < OF_THE_STORY
    assert len([row for row in corpus.rows if row.is_kept]) == 2


def test_a_removed_text_and_all_that_repeat_it_are_left_out_and_stay_in_the_ledger(built, story):
    corpus = built(remove=[{"sha256": story.sha256, "reason": "request 7"}])
    assert {row.path: row.reason for row in corpus.rows} == {
        **dict.fromkeys(OF_THE_STORY, "repeats_removed"),
        story.path: "removed",
        "other.txt": "kept",
        "refused.md": "license_not_allowed",
    }
    assert [row.decision for row in corpus.rows].count("keep") == 1
    assert list(corpus.texts) == [corpus.by_path["other.txt"].document_id]


def test_the_text_of_a_removed_document_is_nowhere_in_the_corpus(built, story):
    corpus = built(remove=[{"sha256": story.sha256}])
    held = b"".join(path.read_bytes() for path in corpus.out.rglob("*") if path.is_file())
    assert b" ".join(word.encode() for word in STORY[:3]) not in held
    assert not list(corpus.out.parent.glob(".*"))  # nor in what was put aside while it was built


def test_a_removed_text_does_not_come_back_under_another_path(built, story):
    renamed = {f"moved/{path}": data for path, data in FILES.items()}
    corpus = built({**FILES, **renamed}, remove=[{"sha256": story.sha256}])
    assert len([row for row in corpus.rows if row.is_kept]) == 1


def test_similar_documents_stay_where_the_recipe_says_so_and_copies_do_not(built, story):
    corpus = built(remove=[{"sha256": story.sha256, "keep_similar": True}])
    removed = {row.path for row in corpus.rows if row.reason == "removed"}
    assert removed == {row.path for row in corpus.rows if row.sha256 == story.sha256}
    kept = {row.path for row in corpus.rows if row.is_kept}
    assert len(kept & OF_THE_STORY) == 1
    assert not kept & removed


def test_a_build_of_the_recipe_gives_the_ledger_that_remove_gives(built, story, tmp_path: Path):
    remove(built().out, tmp_path / "less", story)
    again = built(remove=[{"sha256": story.sha256}])
    assert ledger_root(tmp_path / "less") == ledger_root(again.out)
    assert list(read_documents(tmp_path / "less" / "documents")) == list(read_documents(again.out / "documents"))


def test_a_build_that_removes_another_document_does_not(built, story, tmp_path: Path):
    corpus = built()
    remove(corpus.out, tmp_path / "less", story)
    other = corpus.by_path["other.txt"]
    again = built(remove=[{"sha256": other.sha256}])
    assert ledger_root(tmp_path / "less") != ledger_root(again.out)


def test_the_order_of_two_removals_does_not_matter(built, story, tmp_path: Path):
    files = {**FILES, "third.txt": " ".join(words(5)).encode()}
    corpus = built(files)
    other = corpus.by_path["other.txt"]
    for name, first, second in (("a", story, other), ("b", other, story)):
        (tmp_path / name).mkdir()
        remove(corpus.out, tmp_path / name / "1", first)
        remove(tmp_path / name / "1", tmp_path / name / "2", second)
    again = built(files, remove=[{"sha256": other.sha256}, {"sha256": story.sha256}])
    assert ledger_root(tmp_path / "a" / "2") == ledger_root(tmp_path / "b" / "2") == ledger_root(again.out)


def test_a_document_that_was_dropped_for_its_license_keeps_that_reason(built):
    refused = built().by_path["refused.md"]
    assert built(remove=[{"sha256": refused.sha256}]).reason("refused.md") == "license_not_allowed"


def test_an_edited_text_is_another_text_and_the_record_says_that_none_was_met(built, story):
    edited = {**FILES, "other.txt": FILES["other.txt"] + b" more"}
    before = built().by_path["other.txt"]
    corpus = built(edited, remove=[{"sha256": before.sha256}, {"sha256": story.sha256, "reason": "asked"}])
    assert corpus.reason("other.txt") == "kept"
    removals = parse((corpus.out / "sources.json").read_bytes(), "sources.json")["removals"]
    assert [removal["num_documents"] for removal in removals] == [0, 2]
    assert [removal["reason"] for removal in removals] == [None, "asked"]
    assert [f"no document has the text {before.sha256[:16]}" in told for told in left_open(removals)] == [True]


def test_the_record_names_the_kept_document_that_a_removed_text_is_in(built, story):
    repeats = next(row for row in built().rows if row.duplicate_of == story.document_id and row.sha256 != story.sha256)
    corpus = built(remove=[{"sha256": repeats.sha256}])
    assert corpus.by_path[story.path].is_kept
    removals = parse((corpus.out / "sources.json").read_bytes(), "sources.json")["removals"]
    assert [removal["kept_in"] for removal in removals] == [[story.document_id]]
    assert [f"is in document {story.document_id[:16]}, which is kept" in told for told in left_open(removals)] == [True]
    both = built(remove=[{"sha256": repeats.sha256}, {"sha256": story.sha256}])
    removals = parse((both.out / "sources.json").read_bytes(), "sources.json")["removals"]
    assert left_open(removals) == []


def test_remove_takes_the_reason_into_the_record(built, story, tmp_path: Path):
    remove(built().out, tmp_path / "less", story, "request 7")
    removals = parse((tmp_path / "less" / "sources.json").read_bytes(), "sources.json")["removals"]
    assert removals == [{"sha256": story.sha256, "reason": "request 7", "num_documents": 2, "kept_in": []}]


def test_remove_leaves_out_the_counts_of_a_tokenizer_that_learned_from_the_text(built, story, tmp_path: Path):
    corpus = built()
    write_ledger(
        corpus.out / "ledger.parquet", (replace(row, tokens=7 if row.is_kept else None) for row in corpus.rows)
    )
    remove(corpus.out, tmp_path / "less", story)
    assert {row.tokens for row in read_ledger(tmp_path / "less" / "ledger.parquet")} == {None}


def test_a_document_that_repeats_another_cannot_be_removed_and_the_error_names_the_other(built, story, tmp_path: Path):
    corpus = built()
    repeats = next(row for row in corpus.rows if row.duplicate_of == story.document_id)
    with pytest.raises(Misuse, match="is not kept") as raised:
        remove(corpus.out, tmp_path / "less", repeats)
    assert story.document_id[:16] in str(raised.value.hint)


def test_a_removed_document_cannot_be_removed_again(built, story, tmp_path: Path):
    remove(built().out, tmp_path / "less", story)
    with pytest.raises(Misuse, match="removed") as raised:
        remove(tmp_path / "less", tmp_path / "least", find(tmp_path / "less", story.document_id))
    assert raised.value.hint == "it was removed before"


def test_a_removed_document_differs_and_nothing_else_does(built, story, tmp_path: Path):
    corpus = built()
    remove(corpus.out, tmp_path / "less", story)
    assert {found.place for found in diff(corpus.out, tmp_path / "less")} == {f"here:{path}" for path in OF_THE_STORY}
    assert [row.document_id for row in corpus.rows] == [
        row.document_id for row in read_ledger(tmp_path / "less" / "ledger.parquet")
    ]


def test_removing_all_is_an_empty_corpus_and_an_error(built, story):
    other = built().by_path["other.txt"]
    with pytest.raises(Misuse, match="removed"):
        built(remove=[{"sha256": story.sha256}, {"sha256": other.sha256}])


@pytest.mark.parametrize(
    "entries", [[{"sha256": "12"}], [{"reason": "x"}], [{"sha256": "0" * 64}, {"sha256": "0" * 64, "reason": "x"}]]
)
def test_an_entry_without_a_digest_or_there_twice_is_refused(entries):
    with pytest.raises(ValidationError):
        Corpus(remove=entries)
