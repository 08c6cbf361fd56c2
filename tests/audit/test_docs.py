"""docs/audit.md says what the code has."""

import json
from importlib import resources
from pathlib import Path

from glasswright.audit.record import COMPONENTS
from glasswright.licenses import CLAUSES

PAGE = (Path(__file__).resolve().parents[2] / "docs/audit.md").read_text()


def test_every_component_is_on_the_page():
    assert [name for name in COMPONENTS if f"`{name}`" not in PAGE] == []


def test_the_table_of_clauses_is_the_table_of_rules():
    rows = [f"| `{c.id}` | {c.means} | {'disqualifies' if c.disqualifies_eu else 'tolerated'} |" for c in CLAUSES]
    assert [row for row in rows if row not in PAGE] == []
    assert PAGE.count("| disqualifies |") + PAGE.count("| tolerated |") == len(rows)


def test_every_key_of_the_record_is_on_the_page():
    schema = json.loads(resources.files("glasswright.audit").joinpath("report.schema.json").read_text())
    parts = schema["properties"]
    keys = {
        *parts,
        *schema["$defs"]["fact"]["properties"],
        *parts["verdicts"]["properties"],
        *parts["subject"]["properties"],
    }
    keys |= set(parts["subject"]["properties"]["snapshots"]["items"]["properties"])
    assert [key for key in sorted(keys) if key not in PAGE] == []
