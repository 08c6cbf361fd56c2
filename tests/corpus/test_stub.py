"""Files that say where something else is, and short texts that do not."""

import pytest

from glasswright.corpus.sources.stub import is_moved_stub


@pytest.mark.parametrize(
    "text",
    [
        "---\neip: 5269\nstatus: Moved\n---\n\nThis file was moved to https://example.org/erc-5269.md",
        "# Guide\n\nThis document has been moved to [the book](https://example.org/book).",
        "The documentation now lives at <https://example.org/docs>.",
        "Moved to `docs/guide.md`.",
        "---\nlayout: redirect\nredirect_to: /new/\n---\n",
        "#REDIRECT [[Other page]]",
    ],
)
def test_a_file_that_only_points_elsewhere_is_a_stub(text: str):
    assert is_moved_stub(text)


@pytest.mark.parametrize(
    "text",
    [
        "She was moved by the song.",
        "The chairs were moved to the garden.",
        "Read [the book](https://example.org/book).",
        "This document has been moved to the book. " + "It still says what it always said about tools. " * 4,
        "",
    ],
)
def test_a_text_with_words_of_its_own_is_none(text: str):
    assert not is_moved_stub(text)


def test_a_stub_has_its_reason_in_the_ledger(collected):
    corpus = collected({"a.md": b"This page has moved to https://example.org/a.", "b.md": b"Words."}, license="MIT")
    assert corpus.reason("a.md") == "moved_stub"
    assert corpus.reason("b.md") == "kept"


def test_a_page_that_only_points_elsewhere_is_a_stub(collected):
    page = b"<title>Moved</title><p>This page has moved <a href='/new'>here</a>.</p>"
    assert collected({"a.html": page, "b.md": b"Words."}, license="MIT").reason("a.html") == "moved_stub"
