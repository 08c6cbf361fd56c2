"""A permissive license beside words that close the text: none of these documents may be allowed."""

from pathlib import Path

import pytest
from tests.licenses.license_texts import MIT

from glasswright.corpus.decide import decide
from glasswright.corpus.found import Inventory
from glasswright.corpus.sources.files import entries
from glasswright.corpus.sources.folder import FolderReader
from glasswright.corpus.sources.surroundings import Surroundings
from glasswright.records import recipe
from glasswright.records.ledger import LedgerRow

WORDS = "Some words of the text, and more of them, that say nothing of what may be done.\n\n"
PAGE = "docs/a.md"
NOTHING: dict[str, str] = {}


def row_of(folder: Path, given: dict[str, str]) -> LedgerRow:
    """The row of docs/a.md, or of the first page below docs, in a repository with the MIT license."""
    for path, text in {"LICENSE": MIT, PAGE: "# A\n\n" + WORDS * 3, **given}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    rows = rows_of(folder)
    return rows.get("docs/a.html") or rows[PAGE]


def rows_of(folder: Path) -> dict[str, LedgerRow]:
    """The rows of a folder, by path."""
    here = recipe.Source(name="here", kind="folder", path=str(folder))
    found = FolderReader(Surroundings.below(folder))(entries(folder, ()), Inventory())
    return {row.path: row for row in (decide(one, here, recipe.Corpus()) for one in found)}


def readme(text: str) -> dict[str, str]:
    return {"README.md": f"# The book\n\n{text}\n\n{WORDS}"}


CLOSED: dict[str, dict[str, str]] = {
    "the readme says non-commercial": readme("This book is free for personal, non-commercial use."),
    "the readme says free for personal use": readme("The book is free for personal use."),
    "the readme says it in a word": readme("Free for personal use. For anything else write to me."),
    "the license section says personal use": readme("## License\n\nFree for personal use."),
    "the readme says personal or educational": readme("You may use these materials for personal purposes only."),
    "the license section denies commerce": readme("## License\n\nMIT. Commercial use is not permitted."),
    "commerce has to ask": readme("## License\n\nMIT. For commercial use, please contact the author."),
    "the readme says research only": readme("This dataset is provided for research purposes only."),
    "the readme says academic only": readme("## License\n\nFor academic use only."),
    "the readme asks not to sell": readme("Please do not sell this book or use it for commercial purposes."),
    "the readme asks not to redistribute": readme("Please do not redistribute the contents of this repository."),
    "the readme says proprietary": readme("This content is proprietary and confidential."),
    "the readme forbids training": readme("The text of this book may not be used to train AI models."),
    "training is prohibited": readme("Use of this content for training machine learning models is prohibited."),
    "the badge says NC": readme(
        "[![x](https://img.shields.io/badge/License-CC%20BY--NC%204.0-grey.svg)](https://example.org/)"
    ),
    "the text is all rights reserved": readme(
        "## Copyright\n\nThe text of the book is © A. Body. All rights reserved."
    ),
    "code MIT and text reserved": readme("## License\n\nThe code is MIT. The text is © A. Body; all rights reserved."),
    "code MIT and posts to be asked for": readme(
        "## License\n\nThe code of this blog is MIT licensed. All posts are copyrighted, ask before you publish them."
    ),
    "code MIT and everything else ND": readme("Unless otherwise noted, code is MIT, everything else is CC BY-ND 4.0."),
    "NC unless otherwise noted": readme(
        "## License\n\nUnless otherwise noted, content is licensed under CC BY-NC-SA 4.0, code samples under MIT."
    ),
    "MIT but for a folder": readme("## License\n\nMIT, except for the contents of `docs/`, which are CC BY-NC 4.0."),
    "a folder is reserved": readme(
        "## License\n\nThe code is MIT. The contents of the `docs` folder: all rights reserved."
    ),
    "folders are listed that are reserved": readme(
        "## License\n\nThe following directories and their contents are Copyright A. Body. You may not reuse anything "
        "therein without my permission:\n\n- docs/\n- images/\n\nAll other directories and files are MIT Licensed."
    ),
    "the readme in Spanish": readme("## Licencia\n\nCreative Commons Reconocimiento-NoComercial 4.0. El código: MIT."),
    "the readme in Chinese": readme("## 许可\n\n本书采用 知识共享署名-非商业性使用 4.0 国际许可协议。代码采用 MIT。"),
    "front matter says NC": {PAGE: "---\ntitle: x\nlicense: CC BY-NC-SA 4.0\n---\n" + WORDS},
    "front matter says it in words": {PAGE: "---\ntitle: x\nlicense: for non-commercial use only\n---\n" + WORDS},
    "front matter reserves": {PAGE: "---\ntitle: x\nrights: © A. Body, all rights reserved\n---\n" + WORDS},
    "the foot of the page says ND": {
        PAGE: "# A\n\n" + WORDS * 9 + "---\n\n© A. Body. Licensed under CC BY-NC-ND 4.0.\n"
    },
    "the foot of the page forbids copies": {
        PAGE: "# A\n\n" + WORDS * 9 + "No part of this article may be reproduced without permission of the author.\n"
    },
    "the foot of a web page says NC": {
        "docs/a.html": f"<html><body><p>{WORDS * 5}</p><footer>Licensed under CC BY-NC 4.0</footer></body></html>"
    },
    "the package says NC": {"package.json": '{"license": "CC-BY-NC-4.0"}'},
    "the citation says NC": {"CITATION.cff": "license: CC-BY-NC-4.0\n"},
    "a page about the site says NC": {
        "about.md": "# About\n\nAll content on this site is licensed under CC BY-NC 4.0.\n"
    },
    "a page about the docs says NC": {"docs/about.md": "All content on this site is licensed under CC BY-NC 4.0.\n"},
    "the index says NC": {"index.md": "# My book\n\nThis book is licensed under CC BY-NC 4.0.\n"},
    "the index of a site says NC": {
        "index.html": '<p>This book is licensed under <a href="https://creativecommons.org/licenses/by-nc/4.0/">CC</a>.</p>'
    },
    "the preface of a Quarto book says ND": {
        "index.qmd": "# Preface\n\nThis book is licensed under CC BY-NC-ND 4.0.\n"
    },
    "mkdocs says NC": {"mkdocs.yml": 'copyright: "Text under CC BY-NC 4.0"\n'},
    "docusaurus says NC": {"docusaurus.config.js": "x = {footer: {copyright: `Content under CC BY-NC 4.0`}}"},
    "hugo says ND": {"hugo.toml": 'copyright = "Content is CC BY-NC-ND 4.0"\n'},
    "quarto says ND": {"_quarto.yml": "book:\n  page-footer:\n    left: |\n      Licensed under CC BY-NC-ND 4.0\n"},
    "LICENSE tells code from text": {
        "LICENSE": "The code is under the MIT license.\n\nThe text is under CC BY-NC 4.0.\n"
    },
    "LICENSE reserves the text": {"LICENSE": "Code is MIT licensed.\n\nThe text is © A. Body, all rights reserved.\n"},
    "LICENSE tells them by extension": {"LICENSE": "*.py: MIT\n\n*.md: CC BY-NC-ND 4.0\n"},
    "LICENSE tells them by folder": {"LICENSE": "Everything in `docs/` is CC BY-NC 4.0. Everything else is MIT.\n"},
    "LICENSE names a folder before MIT": {"LICENSE": "The files in docs/ are under CC BY-ND 4.0. All else:\n\n" + MIT},
    "LICENSE takes a folder out": {
        "LICENSE": MIT
        + "\n\nThis license does not apply to the files in docs/, which are (c) A. Body, all rights reserved.\n"
    },
    "LICENSE takes a folder out and says no more": {"LICENSE": MIT + "\n\nThis license does not apply to `docs/`.\n"},
    "LICENSE is a stub": {"LICENSE": "See https://example.org/license for the license.\n"},
    "LICENSE is a title that says less than its address": {
        "LICENSE": "Creative Commons Attribution 4.0 International (https://creativecommons.org/licenses/by-nc/4.0/)\n"
    },
    "LICENSE-TEXT says NC": {"LICENSE-TEXT": "CC BY-NC 4.0"},
    "the folder has its own": {"docs/COPYRIGHT": "(c) A. Body. All rights reserved. No part may be copied."},
    "the folder's readme has a line": {"docs/README.md": "# The book\n\n© A. Body, CC BY-NC.\n"},
}


@pytest.mark.parametrize("name", CLOSED)
def test_what_is_closed_in_words_is_not_allowed(tmp_path: Path, name: str):
    row = row_of(tmp_path, CLOSED[name])
    assert row.license_decision != "allow", (row.license, row.license_evidence)


OPEN: dict[str, dict[str, str]] = {
    "nothing else is said": NOTHING,
    "the theme has its usual line": {"mkdocs.yml": 'copyright: "© 2024 All rights reserved"\n'},
    "docusaurus has its usual line": {
        "docusaurus.config.js": "x = {copyright: `Copyright © 2024 X. All rights reserved.`}"
    },
    "the name is reserved": readme("## Copyright\n\nThe name and the logo are copyrighted, all rights reserved."),
    "another program is free for personal use": readme("It is built with PyCharm, which is free for personal use."),
    "it may be used for commerce as well": readme("The book is free for personal and commercial use."),
    "the code says it is MIT": readme("## License\n\nThe code is MIT, the text is CC BY 4.0."),
    "a part of it is reserved that is no text": readme("The license does not apply to `images/`."),
}


@pytest.mark.parametrize("name", OPEN)
def test_what_only_looks_closed_is_allowed(tmp_path: Path, name: str):
    row = row_of(tmp_path, OPEN[name])
    assert row.license_decision == "allow", (row.license, row.license_evidence)


def test_a_license_for_the_code_alone_is_none_for_the_text(tmp_path: Path):
    given = {"LICENSE": "", "LICENSE-CODE": MIT}
    assert row_of(tmp_path, given).license is None


def test_an_index_speaks_where_nothing_else_does(tmp_path: Path):
    link = '<a href="https://creativecommons.org/licenses/by-sa/3.0/">Creative Commons Attribution Share-Alike</a>'
    row = row_of(
        tmp_path, {"LICENSE": "", "index.html": f"<p>The book is freely licensed under the {link} license.</p>"}
    )
    assert (row.license, row.license_decision) == ("CC-BY-SA-3.0", "allow")
