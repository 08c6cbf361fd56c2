"""A document is found by what people call it."""

from glasswright.records.ledger import LedgerRow, document_id
from glasswright.records.naming import alike, may_be_id, named


def row_at(path: str, source: str = "here", digits: str | None = None) -> LedgerRow:
    sha256 = "0" * 64
    return LedgerRow(
        document_id=digits or document_id(source=source, path=path, sha256=sha256),
        source=source,
        path=path,
        sha256=sha256,
        bytes=1,
        media_type="text/plain",
        license_decision="unknown",
        decision="drop",
        reason="empty",
        pii_masked=0,
        **dict.fromkeys(
            ["title", "author", "language", "license", "license_evidence", "jurisdiction", "duplicate_of", "tokens"]
        ),
    )


def test_digits_are_an_id_only_if_an_id_begins_so():
    rows = [row_at("cafe", digits="beef" + "0" * 60), row_at("a.txt", digits="cafe" + "0" * 60)]
    assert [row.path for row in named(rows, "cafe")] == ["a.txt"]
    assert [row.path for row in named(rows[:1], "cafe")] == ["cafe"]
    assert [row.path for row in named(rows, "beef")] == ["cafe"]
    assert [may_be_id(name) for name in ("caf", "cafe", "CAFE", "c" * 64, "c" * 65)] == [
        False,
        True,
        False,
        True,
        False,
    ]


def test_a_path_in_two_sources_is_told_apart_by_its_source():
    rows = [row_at("a.txt", "one"), row_at("a.txt", "two")]
    assert len(named(rows, "a.txt")) == 2
    assert [row.source for row in named(rows, "two:a.txt")] == ["two"]


def test_a_slip_is_told_and_what_ends_with_the_name_comes_first():
    places = [f"here:docs/chapter{number}.md" for number in range(5)] + ["here:deep/docs/chapter9.md", "here:else.txt"]
    assert alike("docs/chapter9.md", places)[0] == "here:deep/docs/chapter9.md"
    assert len(alike("docs/chapter9.md", places)) == 3
    assert alike("docs/chaptr0.md", places)[0] == "here:docs/chapter0.md"
    assert alike("nothing of the kind", places) == []
    assert alike("", places) == []
