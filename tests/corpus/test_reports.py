"""Reports say what the ledger says, and what it does not."""

import json

import pytest

from glasswright.corpus.reports import REPORTS, write_reports
from glasswright.errors import Misuse

FILES = {"a.txt": b"first text", "b.txt": b"first text", "c.md": b"---\nlicense: CC-BY-NC-4.0\n---\nno", "d.bin": b"x"}


@pytest.fixture
def written(collected, tmp_path):
    corpus = collected(FILES, license="CC0-1.0 AND LicenseRef-PD-US")
    write_reports(corpus.out, tmp_path / "reports")
    return {name: (tmp_path / "reports" / name).read_text() for name in REPORTS}


def test_the_card_counts_what_the_ledger_holds(written):
    card = written["data-card.md"]
    assert "4 documents were seen and 1 kept (25.0%)" in card
    assert "| CC0-1.0 AND LicenseRef-PD-US | 1 | 10 |" in card
    assert "1 documents in US" in card
    for reason in ("kept", "exact_duplicate", "license_not_allowed", "media_type_not_read"):
        assert f"{reason} " in card


@pytest.mark.parametrize("name", ["training-summary.md", "ab2013.md"])
def test_a_statement_says_what_it_could_not_derive(written, name: str):
    assert "Not in the ledger" in written[name]


def test_the_summary_counts_refused_documents(written):
    assert "1 documents were refused" in " ".join(written["training-summary.md"].split())


def test_croissant_lists_every_file_with_its_digest(written):
    record = json.loads(written["croissant.json"])
    assert [file["@id"] for file in record["distribution"]] == ["ledger.parquet", "documents/00000.jsonl"]
    assert all(len(file["sha256"]) == 64 for file in record["distribution"])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of the validator's own dependencies
def test_croissant_is_valid_to_its_own_validator(collected):
    mlcroissant = pytest.importorskip("mlcroissant", reason="did not run: mlcroissant is not installed")
    corpus = collected(FILES, license="CC0-1.0")
    write_reports(corpus.out, corpus.out)
    found = mlcroissant.Dataset(jsonld=str(corpus.out / "croissant.json"))
    assert not found.metadata.ctx.issues.errors


def test_a_corpus_without_the_record_of_its_sources_is_an_error(collected, tmp_path):
    corpus = collected(FILES, license="MIT")
    (corpus.out / "sources.json").unlink()
    with pytest.raises(Misuse, match=r"sources.json: cannot be read"):
        write_reports(corpus.out, tmp_path / "reports")


def test_the_card_says_whether_bad_words_were_looked_for(collected, tmp_path):
    (tmp_path / "words.txt").write_text("blorp\ngrue\n")
    corpus = collected({"a.txt": b"A text.", "b.txt": b"The blorp."}, rules={"bad_words": "words.txt"}, license="MIT")
    write_reports(corpus.out, tmp_path / "reports")
    assert corpus.reason("b.txt") == "has_bad_word"
    assert "Texts that say one of 2 bad words were dropped" in (tmp_path / "reports" / "data-card.md").read_text()


def test_the_card_says_that_no_bad_words_were_looked_for(written):
    assert "C4's rule about them was not applied" in written["data-card.md"]
