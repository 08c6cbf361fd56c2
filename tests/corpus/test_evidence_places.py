"""Which files a license is for, where LICENSE or README names them; and what a text takes in from others."""

import pytest
from tests.licenses.license_texts import MIT

from glasswright.corpus.evidence.places import Place, nearest, places

FOLDERS = frozenset({"docs", "docs/api", "src", "scripts", "scripts/python", "book"})
FREE = {"free/a.md": b"<!-- SPDX-License-Identifier: CC0-1.0 -->\nFree."}  # keeps the corpus from being empty


def named(text: str) -> list[tuple[str, str]]:
    return [(place.pattern, place.license) for place in places(text, FOLDERS.__contains__)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "Files in the scripts/python/ directory are released under the GPL version 3.\n",
            [("scripts/python/", "GPL-3.0-only")],
        ),
        ("The contents of the `docs` folder are licensed under CC BY 4.0.\n", [("docs/", "CC-BY-4.0")]),
        ("- `docs/`: CC BY-NC 4.0\n- `src/`: MIT\n", [("docs/", "CC-BY-NC-4.0"), ("src/", "MIT")]),
        ("All `.md` files are licensed under CC BY-ND 4.0.\n", [("*.md", "CC-BY-ND-4.0")]),
        (
            'Files whose extension is ".c" or ".h" use the MIT license:\n\n    Words.\n\nAll others, such as ".md" '
            '(but not "book/a.md", which uses the MIT license above), use this license:\n\n    CC BY-NC-ND 4.0\n',
            [("book/a.md", "MIT"), ("*.c", "MIT"), ("*.h", "MIT"), ("*.md", "CC-BY-NC-ND-4.0")],
        ),
        (
            "# All\n\nMIT\n\n# The book\n\nThis section applies to the following files:\n\n- all files under "
            "[docs/api](docs/api)\n- [book/a.md](book/a.md)\n\n## CC BY-SA 4.0\n\nThey are under CC BY-SA 4.0.\n",
            [("docs/api/", "CC-BY-SA-4.0"), ("book/a.md", "CC-BY-SA-4.0")],
        ),
    ],
)
def test_a_license_is_for_the_files_that_are_named(text: str, found: list[tuple[str, str]]):
    assert named(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "Some files in docs/ are derived from others and are under CC BY 4.0.\n",
        "The `docs/` folder uses the theme of A. Body, which is under the MIT license.\n",
        "The code samples in the `docs/` folder are licensed under MIT.\n",
        "The `elsewhere/` folder is licensed under MIT.\n",
        "See [the guide](https://example.org/docs/). It is licensed under MIT.\n",
        "The `docs/` folder is under MIT and CC BY 4.0.\n",
        "This and/or that is licensed under MIT.\n",
    ],
)
def test_what_names_no_files_of_its_own_is_for_none(text: str):
    assert named(text) == []


def test_the_place_that_is_named_most_exactly_speaks():
    found = [Place("*.md", "MIT"), Place("docs/", "ISC"), Place("docs/a.md", "CC0-1.0")]
    assert [place.license for place in nearest(found, "docs/a.md")] == ["CC0-1.0"]
    assert [place.license for place in nearest(found, "docs/b.md")] == ["ISC"]
    assert [place.license for place in nearest(found, "b.md")] == ["MIT"]
    assert nearest(found, "b.txt") == []


def test_a_folder_that_the_readme_names_has_its_own_license(collected):
    readme = (
        b"# R\n\n## License\n\nThis project is under the MIT license.\n\nThe `docs/` folder is under CC BY-NC 4.0.\n"
    )
    corpus = collected({"README.md": readme, "LICENSE": MIT.encode(), "docs/a.md": b"A", "b.md": b"B"})
    assert corpus.by_path["docs/a.md"].license == "CC-BY-NC-4.0"
    assert corpus.by_path["docs/a.md"].license_evidence == "README.md, for docs/"
    assert corpus.by_path["b.md"].license == "MIT"


@pytest.mark.parametrize(
    ("page", "name"),
    [
        (".. include:: ../footer.rst", "footer.rst"),
        (".. include:: outer-footer.rst", "docs/outer-footer.rst"),
        ("include::../footer.adoc[]", "footer.adoc"),
        ('{% include "../footer.md" %}', "footer.md"),
        ("{{#include ../footer.md}}", "footer.md"),
    ],
)
def test_a_footer_that_a_page_includes_speaks_for_it(collected, page: str, name: str):
    footer = b"The chapters are distributed under the terms of CC BY-NC-ND 3.0.\n"
    files = {
        **FREE,
        "LICENSE": MIT.encode(),
        "docs/a.rst": f"Title\n=====\n\nWords.\n\n{page}\n".encode(),
        name: footer,
    }
    if name.startswith("docs/"):
        files |= {name: b".. include:: ../footer.rst\n", "footer.rst": footer}
    corpus = collected(files)
    assert corpus.by_path["docs/a.rst"].license == "CC-BY-NC-ND-3.0"


def test_a_chapter_that_is_included_speaks_of_itself(collected):
    files = {
        "LICENSE": b"CC BY-NC 4.0",
        "a.rst": b".. include:: one.rst\n",
        "one.rst": b"This work is licensed under MIT.",
    }
    assert collected({**FREE, **files}).by_path["a.rst"].license == "CC-BY-NC-4.0"


def test_what_is_outside_the_source_is_not_included(collected, tmp_path):
    (tmp_path / "footer.rst").write_text("Licensed under MIT.")
    corpus = collected({**FREE, "a.rst": b".. include:: ../footer.rst\n.. include:: /etc/footer\n.. include:: a.rst\n"})
    assert corpus.reason("a.rst") == "license_not_stated"
