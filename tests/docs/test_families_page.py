"""docs/families.md says what the code supports."""

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_of_families_is_what_the_code_says() -> None:
    written = runpy.run_path(str(ROOT / "tools" / "families_page.py"))["page"]()
    assert (ROOT / "docs" / "families.md").read_text() == written
