"""Text files: told by their names, without what only their tools read."""

import pytest

INCLUDING = """# Guessing

Enter this:

```rust,ignore
{{#rustdoc_include ../listings/ch02/src/main.rs:all}}
```

It prints a number.

```console
$ cargo run
{{#include ../listings/output.txt}}
```

{{#include footer.md}}

The end.
"""


@pytest.mark.parametrize("name", ["README", "NEWS", "changelog", "CHANGES", "INSTALL", "AUTHORS", "TODO", "Faq"])
def test_documentation_without_a_suffix_is_read(collected, name: str):
    corpus = collected({f"tool/{name}": b"What to know."}, license="MIT")
    assert corpus.text(f"tool/{name}") == "What to know."
    assert corpus.by_path[f"tool/{name}"].media_type == "text/plain"


@pytest.mark.parametrize("name", ["Makefile", "tool", "README.bin", "main.c", "news.db"])
def test_other_files_without_a_known_suffix_are_not(collected, name: str):
    assert collected({name: b"What to know.", "a.txt": b"a"}, license="MIT").reason(name) == "media_type_not_read"


def test_a_file_of_bytes_is_not_read_whatever_its_name(collected):
    corpus = collected({"NEWS": b"a\0b", "README": "words".encode("utf-16")}, license="MIT")
    assert corpus.reason("NEWS") == "media_type_not_read"
    assert corpus.text("README") == "words"


def test_a_license_stays_a_license(collected):
    files = {"LICENSE": b"Do what you want.", "COPYING": b"x", "debian/copyright": b"Files: *\nLicense: MIT\n"}
    corpus = collected({**files, "a.txt": b"a"}, license="MIT")
    assert {corpus.reason(path) for path in files} == {"license_text"}


def test_what_a_book_would_include_is_not_in_the_text(collected):
    text = collected({"guessing.md": INCLUDING.encode()}, license="MIT").text("guessing.md")
    assert text == "# Guessing\n\nEnter this:\n\nIt prints a number.\n\n```console\n$ cargo run\n```\n\nThe end."


def test_a_license_is_read_from_the_whole_file(collected):
    text = "<!-- SPDX-License-Identifier: CC0-1.0 -->\n{{#include ../intro.md}}\n\nWords.\n"
    corpus = collected({"a.md": text.encode()})
    assert corpus.by_path["a.md"].license == "CC0-1.0"
    assert "include" not in corpus.text("a.md")


def test_a_file_out_of_all_proportion_is_not_read(collected, monkeypatch: pytest.MonkeyPatch):
    from glasswright.corpus.sources import folder

    monkeypatch.setattr(folder, "MAX_DOCUMENT_BYTES", 100)
    corpus = collected({"a.txt": b"a" * 100, "b.txt": b"b" * 101}, license="MIT")
    assert (corpus.reason("a.txt"), corpus.reason("b.txt")) == ("kept", "file_too_large")
