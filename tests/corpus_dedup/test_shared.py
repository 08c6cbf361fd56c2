"""The duplicates that are known to lie in the shared data are found."""

import re
from fractions import Fraction
from pathlib import Path

import pytest

from glasswright.corpus.dedup import Bounds, duplicates, sketch
from glasswright.records.recipe import Corpus

DEFAULTS = Bounds(
    near_similarity=Fraction(Corpus().near_similarity), contained_share=Fraction(Corpus().contained_share)
)


def read(folder: Path, pattern: str) -> dict[str, str]:
    files = sorted(folder.rglob(pattern))
    if not files:
        pytest.skip(f"did not run: no {pattern} below {folder}")
    return {str(file.relative_to(folder)): re.sub(r"<[^>]+>", " ", file.read_text(errors="replace")) for file in files}


def dropped(texts: dict[str, str]) -> dict[str, str]:
    names, values = list(texts), list(texts.values())
    found = duplicates(names, names, sketch(values), DEFAULTS, values.__getitem__)
    return {row.document_id: row.duplicate_of for row in found}


def test_the_printed_rust_book_and_its_web_edition_are_found(shared_data: Path) -> None:
    book = shared_data / "data" / "docs" / "rust-lang" / "book"
    texts = {f"nostarch/{name}": text for name, text in read(book / "nostarch", "*.md").items()}
    texts |= {f"src/{name}": text for name, text in read(book / "src", "*.md").items()}
    found = dropped(texts)
    linked = {name for pair in found.items() for name in pair if {side.split("/")[0] for side in pair} != {"src"}}
    assert len([name for name in linked if name.startswith("nostarch/")]) >= 25  # of 33; 30 share half their 8-grams


def test_little_women_from_two_sources_is_found(shared_data: Path) -> None:
    tales = shared_data / "data" / "tales"
    book = read(tales / "swcarpentry", "LittleWomen.txt")
    (whole,) = book
    chapters = read(tales / "standardebooks" / "louisa-may-alcott_little-women", "chapter-*.xhtml")
    others = read(tales / "standardebooks" / "anna-sewell_black-beauty", "chapter-*.xhtml")
    found = dropped(book | chapters | {f"black-beauty/{name}": text for name, text in others.items()})
    assert dict.fromkeys(chapters, whole) == found


def test_repeated_boilerplate_is_found(shared_data: Path) -> None:
    books = shared_data / "data" / "tales" / "standardebooks"
    texts = read(books, "uncopyright.xhtml")
    assert len(dropped(texts)) == len(texts) - 1
