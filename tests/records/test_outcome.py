"""What became of the documents, and what somebody is told of it."""

from glasswright.records.ledger import LedgerRow
from glasswright.records.outcome import MAX_NAMED, named, outcome_of


def row(path: str, reason: str = "kept", num_bytes: int = 10) -> LedgerRow:
    return LedgerRow(
        document_id=path.encode().hex().ljust(64, "0")[:64],
        source="here",
        path=path,
        sha256="0" * 64,
        bytes=num_bytes,
        media_type="text/plain",
        title=None,
        author=None,
        language=None,
        license="MIT",
        license_evidence="recipe",
        license_decision="allow",
        jurisdiction=None,
        decision="keep" if reason == "kept" else "drop",
        reason=reason,
        duplicate_of=None,
        pii_masked=0,
        tokens=None,
    )


KEPT = [row(f"{number}.md") for number in range(6)]


def warnings(*rows: LedgerRow, num_validation: int | None = 1) -> list[str]:
    return list(outcome_of([*KEPT, *rows], num_validation=num_validation).warnings())


def test_seen_is_kept_dropped_and_not_read():
    rows = [
        *KEPT,
        row("a.md", "exact_duplicate"),
        row("b.MP4", "media_type_not_read"),
        row("Makefile", "media_type_not_read"),
        row("c.pdf", "reader_not_installed"),
        row(".env", "hidden"),
        row("d.md", "exact_duplicate"),
    ]
    outcome = outcome_of(rows)
    assert (outcome.num_seen, outcome.num_kept, outcome.bytes_kept) == (12, 6, 60)
    assert outcome.dropped == (("exact_duplicate", 2), ("hidden", 1))
    assert outcome.not_read == ((".mp4", 1), (".pdf", 1), ("no suffix", 1))
    assert outcome.not_installed == ((".pdf", 1),)
    assert outcome.num_seen == outcome.num_kept + sum(count for _, count in (*outcome.dropped, *outcome.not_read))


def test_of_a_build_as_it_was_meant_nothing_is_said():
    assert warnings(row("a.md", "near_duplicate"), *(row(f".{n}", "hidden") for n in range(20))) == []


def test_documents_most_of_which_were_dropped_are_told_with_the_reasons():
    (told,) = warnings(*(row(f"x{n}", "license_conflict") for n in range(7)))
    assert told.startswith("7 of 13 documents were dropped: 7 license_conflict; `glasswright corpus why`")


def test_kinds_that_are_not_read_are_told():
    assert warnings(row("a.zip", "media_type_not_read")) == ["of kinds that are not read: 1 .zip"]


def test_a_package_that_is_not_installed_is_told_once_with_what_installs_it():
    (told,) = warnings(row("a.pdf", "reader_not_installed"))
    assert '1 .pdf; pip install "glasswright[documents]"' in told


def test_a_file_that_took_too_much_is_told():
    (told,) = warnings(row("a.pdf", "document_takes_too_much"))
    assert told == "1 took too much time or memory to read; a faster machine may keep them"


def test_a_build_without_validation_is_told_and_one_not_divided_yet_is_not():
    (told,) = warnings(num_validation=0)
    assert "no document was held back for validation" in told
    assert warnings(num_validation=None) == []


def test_the_record_has_the_counts_by_name_and_the_warnings():
    record = outcome_of([*KEPT, row("a.zip", "media_type_not_read")], num_validation=2).record()
    assert record["not_read"] == {".zip": 1}
    assert (record["num_validation"], record["warnings"]) == (2, ["of kinds that are not read: 1 .zip"])


def test_many_names_are_cut_and_counted():
    counts = tuple((f".{number}", 2) for number in range(MAX_NAMED + 3))
    assert named(counts).endswith(f"2 .{MAX_NAMED - 1} and 6 more")
