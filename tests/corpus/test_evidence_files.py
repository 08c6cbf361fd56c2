"""What files around a document say of it: REUSE, license files by their names, configuration."""

import pytest
from tests.licenses.license_texts import APACHE, MIT

BY = "This work is licensed under CC BY 4.0."
NC = "This work is licensed under CC BY-NC 4.0."


def toml(path: str, license: str, precedence: str) -> str:
    table = f'[[annotations]]\npath = "{path}"\nprecedence = "{precedence}"\nSPDX-License-Identifier = "{license}"\n'
    return f"version = 1\n\n{table}"


def license_of(collected, files: dict[str, str], path: str = "docs/a.md") -> str | None:
    """The license of a document beside others; a second, free one keeps the corpus from being empty."""
    free = {"docs/zz.md": "<!-- SPDX-License-Identifier: CC0-1.0 -->\nFree.", "docs/a.md": "# A\n\nWords.\n"}
    corpus = collected({name: text.encode() for name, text in {**free, **files}.items()})
    return corpus.by_path[path].license


@pytest.mark.parametrize(
    ("files", "license"),
    [
        ({"docs/a.md.license": "SPDX-License-Identifier: CC-BY-4.0\n", "LICENSE": MIT}, "CC-BY-4.0"),
        ({"REUSE.toml": toml("docs/*.md", "CC-BY-4.0", "closest"), "LICENSE": MIT}, "CC-BY-4.0"),
        ({"REUSE.toml": toml("*.md", "CC-BY-4.0", "closest"), "LICENSE": MIT}, "MIT"),
        (
            {"REUSE.toml": toml("**", "CC-BY-4.0", "aggregate"), "docs/REUSE.toml": toml("a.md", "MIT", "closest")},
            "MIT",
        ),
        ({".reuse/dep5": "Files: docs/*\nLicense: CC-BY-4.0\n", "LICENSE": MIT}, "CC-BY-4.0"),
        ({"debian/copyright": "Files: docs/*\nLicense: CC-BY-4.0\n", "LICENSE": MIT}, "CC-BY-4.0"),
        ({"debian/copyright": "Files: *\nLicense: CC-BY-4.0\n", "LICENSE": MIT}, "MIT"),
        ({"LICENSES/CC-BY-4.0.txt": BY, "LICENSE": MIT}, "MIT"),
        ({"LICENSE": MIT, "LICENSE-docs": BY}, "CC-BY-4.0"),
        ({"LICENSE": BY, "LICENSE-SAMPLECODE": MIT}, "CC-BY-4.0"),
        ({"LICENSE": MIT, "LICENSE.PSF": "The PSF license."}, "MIT"),
        ({"COPYING": "GNU GPL version 3", "COPYING.LESSER": "GNU LGPL version 3"}, "LGPL-3.0-only"),
        (
            {"COPYING": "Most files are under GPL 2 or later.\n\nOne is under MIT.", "LICENSE-GPL2": "GPL 2"},
            "GPL-2.0-or-later",
        ),
        ({"mkdocs.yml": "copyright: Content is under CC BY 4.0\n"}, "CC-BY-4.0"),
        ({"conf.py": 'copyright = "A. Body, CC BY 4.0"\n'}, "CC-BY-4.0"),
        ({"package.json": '{"license": "CC-BY-4.0"}'}, "CC-BY-4.0"),
        ({"package.json": '{"license": "ISC"}'}, None),
        ({"package.json": '{"license": "MIT"}', "LICENSE": BY}, "CC-BY-4.0"),
        ({"CITATION.cff": "license: CC-BY-4.0\n"}, "CC-BY-4.0"),
        (
            {"README.md": "# R\n\nText: CC BY-SA 4.0\n\n## License\n\nText: CC BY-SA 4.0; code: MIT", "LICENSE": MIT},
            "CC-BY-SA-4.0",
        ),
        (
            {"README.md": "# R\n\nIs free software under GPL version 3.", "COPYING": "GPL 3 or later"},
            "GPL-3.0-or-later",
        ),
        ({"LICENSE": MIT.replace("and/or sell", "and")}, "LicenseRef-changed-MIT"),
        ({"LICENSE": "Attribution 4.0 International\n\nFor non-commercial use."}, "CC-BY-4.0 AND LicenseRef-NC"),
        (
            {"LICENSE": APACHE + "\n\n## Runtime Library Exception to the Apache 2.0 License"},
            "Apache-2.0 WITH Swift-exception",
        ),
        ({"LICENSE": MIT + "\n\n" + APACHE}, "Apache-2.0 AND MIT"),
    ],
)
def test_the_files_around_a_document_state_its_license(collected, files: dict[str, str], license: str | None):
    assert license_of(collected, files) == license


def test_an_override_holds_whatever_the_file_says(collected):
    files = {"docs/a.md": "<!-- SPDX-License-Identifier: CC0-1.0 -->\n# A\n"}
    files["REUSE.toml"] = toml("docs/a.md", "CC-BY-NC-4.0", "override")
    assert license_of(collected, files) == "CC-BY-NC-4.0"
    files["REUSE.toml"] = toml("docs/a.md", "CC-BY-NC-4.0", "closest")
    assert license_of(collected, files) == "CC0-1.0"


def test_what_lies_with_code_comes_with_the_code(collected):
    files = {"LICENSE": MIT, "LICENSE-docs": BY, "code/README.md": "How to run it."}
    assert license_of(collected, files, "code/README.md") == "MIT"
    assert license_of(collected, files | {"LICENSE-docs": NC}, "code/README.md") == "CC-BY-NC-4.0"


def test_a_copy_in_the_folder_of_reuse_is_no_document(collected):
    corpus = collected({"a.md": b"A", "LICENSE": MIT.encode(), "LICENSES/CC0-1.0.txt": b"Some words."})
    assert corpus.reason("LICENSES/CC0-1.0.txt") == "license_text"


def test_one_that_takes_more_away_is_a_conflict(collected):
    files = {"README.md": b"# R\n\n## License\n\nCC BY 4.0", "LICENSE": b"CC BY 4.0. Not for resale.", "a.md": b"A"}
    files["free/a.md"] = b"<!-- SPDX-License-Identifier: CC0-1.0 -->\nFree."
    assert collected(files).reason("a.md") == "license_conflict"
