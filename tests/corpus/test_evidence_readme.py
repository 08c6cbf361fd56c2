"""What a README says of the license of what it describes, and of which part."""

import pytest

from glasswright.corpus.evidence.readme import readme_statement


def said(text: str) -> str | None:
    found = readme_statement(text, "README.md")
    return found.statement.license if found else None


@pytest.mark.parametrize(
    ("text", "license"),
    [
        ("# A\n\n## License\n\nDocumentation is licensed under CC-BY-4.0, code under MIT.\n", "CC-BY-4.0"),
        ("# A\n\n## License\n\n- Code: MIT\n- Text: CC BY-SA 4.0\n", "CC-BY-SA-4.0"),
        ("# A\n\n## License\n\nMIT for the code, CC BY-NC 4.0 for the text.\n", "CC-BY-NC-4.0"),
        ("# A\n\n## Licensing\n\n### Code\n\nMIT License\n\n### Content\n\nCC BY 4.0\n", "CC-BY-4.0"),
        ("# A\n\nContent of this site is licensed under CC BY 4.0.\n\nCode is licensed under MIT.\n", "CC-BY-4.0"),
        ("# A\n\nThe code samples in this book are licensed under MIT.\n\nThe text is under CC BY 4.0.\n", "CC-BY-4.0"),
        (
            "# A\n\nUnless otherwise noted, all content on this site is licensed under a Creative Commons Attribution "
            "4.0 license. Code samples are licensed under Apache 2.0.\n",
            "CC-BY-4.0",
        ),
        ("# A\n\n## License\n\nDual-licensed under MIT or Apache 2.0.\n", "MIT OR Apache-2.0"),
        ("# A\n\n## License\n\nDual-licensed under CC BY 4.0 or CC BY-NC 4.0.\n", "CC-BY-4.0 OR CC-BY-NC-4.0"),
        (
            "# A\n\n## License\n\nAll stories here are licensed under Creative Commons (either CC BY or CC BY-NC).\n",
            "LicenseRef-CC-BY AND LicenseRef-CC-BY-NC",
        ),
        ("A\n=\n\nLicense\n-------\n\nCC0 1.0 Universal\n", "CC0-1.0"),
        ("# A\n\n<h2>License</h2>\n\nCC BY-SA 4.0\n", "CC-BY-SA-4.0"),
        ("# A\n\nLicensed under the GNU GPL, version 3 or later.\n", "GPL-3.0-or-later"),
        ("---\nlicense: cc-by-nc-4.0\n---\n# A data set\n", "CC-BY-NC-4.0"),
        ("# A\n\n**License:** CC BY 4.0\n", "CC-BY-4.0"),
        ("# A\n\n[![CC0](https://x.org/a.svg)](https://creativecommons.org/publicdomain/zero/1.0/)\n", "CC0-1.0"),
        ("# A\n\n![License](https://img.shields.io/badge/License-CC%20BY--NC%204.0-grey.svg)\n", "CC-BY-NC-4.0"),
        ("# A\n\nMost files are licensed under GPL 2 or later.\n", "GPL-2.0-or-later"),
    ],
)
def test_a_readme_states_the_license_of_the_text(text: str, license: str):
    assert said(text) == license


@pytest.mark.parametrize(
    "text",
    [
        "# A\n\nThis project uses Foo, which is licensed under the MIT license.\n",
        "# A\n\nThis book includes pictures from Bar, available under CC BY 4.0.\n",
        "# A\n\nWrite at the top: “This work is licensed under CC BY 4.0”.\n",
        "# A\n\nThis work by {author} is licensed under CC BY 4.0.\n",
        "# A\n\n```\n## License\n\nMIT License\n```\n",
        "# Licenses of many projects\n\nOne has the MIT License, the other CC BY 4.0.\n",
        "# A\n\nSee LICENSE.\n",
    ],
)
def test_a_readme_that_speaks_of_others_states_nothing(text: str):
    assert said(text) is None


def test_a_readme_about_what_others_chose_states_nothing():
    names = ("MIT", "Apache-2.0", "CC-BY-4.0", "CC0-1.0", "MPL-2.0", "ISC-licensed", "GPL-3.0-only", "EPL-2.0")
    others = "".join(f"The manual of project {number} is under {name}.\n\n" for number, name in enumerate(names))
    assert said("# Projects\n\n" + others + "The ISC license is short.\n") is None


@pytest.mark.parametrize(
    ("text", "license"),
    [
        ("# A\n\n## License\n\nThis book is under CC BY 4.0. It may not be sold.\n", "CC-BY-4.0 AND LicenseRef-NC"),
        ("# A\n\nThis book may not be sold.\n\n## License\n\nCC BY 4.0\n", "CC-BY-4.0 AND LicenseRef-NC"),
        ("# A\n\nThis book is for personal use only.\n", "LicenseRef-NC"),
        (
            "# A\n\n## License\n\nNo part of this book may be reproduced.\n\nMIT License\n",
            "MIT AND LicenseRef-no-copies",
        ),
    ],
)
def test_words_that_take_away_count(text: str, license: str):
    assert said(text) == license


def test_what_is_said_of_code_is_kept_apart():
    found = readme_statement("# A\n\n## License\n\n- Code: MIT\n- Text: CC BY-SA 4.0\n", "README.md")
    assert found is not None
    assert found.for_others == ("MIT",)
