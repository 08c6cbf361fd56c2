"""Write docs/families.md: what is supported of each family's config.json, key by key.

python tools/families_page.py [--check]
"""

import sys
from pathlib import Path

from glasswright.records.families import FAMILIES
from glasswright.records.families.family import SILENT, Family

PAGE = Path(__file__).parents[1] / "docs" / "families.md"
HEAD = """\
# Families

Which models load, run, train and leave again, and what of their config.json is supported. Written from the code by
`python tools/families_page.py`; a test holds this page to it. A key that is not listed is refused by its name, but for
those that say nothing about what is computed: {silent}.

"""
FAMILY = """\
## {name}

{about} `family: {name}` in a recipe; `model_type: {model_type}`, `{architecture}` in config.json.

| key | supported |
|---|---|
{keys}
"""


def page() -> str:
    """The whole page."""
    silent = ", ".join(f"`{key}`" for key in sorted(SILENT))
    return HEAD.format(silent=silent) + "\n".join(_section(family) for _, family in sorted(FAMILIES.items()))


def _section(family: Family) -> str:
    rows = [
        f"| {', '.join(f'`{name}`' for name in entry.names)} | {entry.supported().replace('|', '&#124;')} |"
        for entry in family.keys
    ]
    rows += [f"| `{family.positions_key}`, `vocab_size` | a count |"]
    return FAMILY.format(
        name=family.name,
        about=family.about,
        model_type=family.model_type,
        architecture=family.architecture,
        keys="\n".join(rows),
    )


if __name__ == "__main__":
    if "--check" not in sys.argv:
        PAGE.write_text(page())
    sys.exit(PAGE.read_text() != page())
