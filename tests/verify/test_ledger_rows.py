"""The ledger against itself and the recipe: what a corpus build writes passes, and nothing at odds with it."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.verify.real_run import unpack

from glasswright.corpus import collect
from glasswright.errors import ClaimFalse
from glasswright.records.ledger import LedgerRow, document_id
from glasswright.records.recipe import Corpus, Recipe
from glasswright.store.ledger import read_ledger
from glasswright.verify.ledger_rows import check_rows

WHERE = "corpus/ledger.parquet"


def recipe(**rules: Any) -> Recipe:
    source = {"name": "here", "kind": "folder", "path": "in", "license": "CC0-1.0"}
    return Recipe(name="test", sources=[source], corpus=Corpus(**rules))  # type: ignore[arg-type]


def row(number: int = 1, **fields: Any) -> LedgerRow:
    """A row that is kept, with an id of its own."""
    sha256 = f"{number:064x}"
    kept: dict[str, Any] = {
        "document_id": document_id(source="here", path=f"{number}.txt", sha256=sha256),
        "source": "here",
        "path": f"{number}.txt",
        "sha256": sha256,
        "bytes": 100,
        "media_type": "text/plain",
        "title": None,
        "author": None,
        "language": "en",
        "license": "CC0-1.0",
        "license_evidence": "recipe",
        "license_decision": "allow",
        "jurisdiction": None,
        "decision": "keep",
        "reason": "kept",
        "duplicate_of": None,
        "pii_masked": 0,
        "tokens": 30,
    }
    return LedgerRow(**{**kept, **fields})


def dropped(number: int = 2, **fields: Any) -> LedgerRow:
    return row(number, **{"decision": "drop", "reason": "too_few_words", "tokens": None, **fields})


def test_the_ledger_of_a_release_passes(tmp_path: Path) -> None:
    real = unpack(tmp_path)
    rows = read_ledger(real.folder / "corpus" / "ledger.parquet")
    assert sum(row.is_kept for row in rows) > 1
    check_rows(rows, real.recipe, WHERE)


STORY = b"""The fox went to the river in the evening, and the water was cold.
So it came home again, and told the others what it had seen on the other side.
Nobody believed it, for who has ever seen a house with wheels?
But in the morning the tracks were there, and they led over the hill.
"""
FILES = {
    "a.txt": STORY,
    "b.txt": STORY,
    "c.txt": STORY + b"And then the winter came and nobody went out.\n" * 2,
    "d.txt": b"Another tale, of a crow that had a piece of cheese, and sat in a tree, and lost it to flattery.\n" * 3,
    "mail.txt": b"Write to me at someone@example.org about the old house by the sea, which nobody has seen since.\n"
    * 3,
    "empty.txt": b"",
    "short.txt": b"Hm.",
    "bytes.txt": b"a\x81\x8d\x8f" * 40,
    "mit.txt": b"SPDX-License-Identifier: MIT OR CC-BY-NC-4.0\n\nA text with two licenses, of which one is enough.\n",
    "closed.txt": b"SPDX-License-Identifier: CC-BY-NC-ND-4.0\n\nA text that is not to be used in any trade at all.\n",
    "odd.txt": b"SPDX-License-Identifier: LicenseRef-of-my-own\n\nA text whose license nobody knows but its author.\n",
    "\x1b[2Jname.md": b"# A title with \x1b[31m in it\n\nA text whose file has a strange name, as its title.\n",
    "image.png": b"\x89PNG",
}


@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"min_bytes": 60, "languages": ["en"], "rules": ["gopher-repetition"], "deny_licenses": ["MIT"]},
        {"mask_pii": False, "normalize": False, "allow_licenses": ["LicenseRef-of-my-own"]},
    ],
)
def test_whatever_a_corpus_build_writes_passes(tmp_path: Path, rules: dict[str, Any]) -> None:
    (tmp_path / "in").mkdir()
    for name, data in FILES.items():
        (tmp_path / "in" / name).write_bytes(data)
    rows = collected(recipe(**rules), tmp_path)
    check_rows(rows, recipe(**rules), WHERE)
    reasons = {row.reason for row in rows}
    assert {"kept", "exact_duplicate", "empty", "license_not_allowed"} <= reasons
    assert rules or "license_unknown" in reasons
    held = {row.duplicate_of for row in rows}
    without = recipe(**rules, remove=[{"sha256": row.sha256} for row in rows if row.document_id in held])
    rows = collected(without, tmp_path)
    check_rows(rows, without, WHERE)
    assert {"kept", "removed", "repeats_removed"} <= {row.reason for row in rows}


def collected(recipe: Recipe, folder: Path) -> list[LedgerRow]:
    """The rows of a corpus build, with what the tokenizer stage adds."""
    collect(recipe, base=folder, out=folder / "out")
    rows = read_ledger(folder / "out" / "ledger.parquet")
    return [replace(row, tokens=row.bytes if row.is_kept else None) for row in rows]


HOLDER = row(7, license="Apache-2.0")
FORGERIES: list[tuple[LedgerRow, dict[str, Any], str]] = [
    (row(license=None, license_evidence=None), {}, "'1.txt': reason kept with license None and license_decision allow"),
    (dropped(license=None), {}, "license None with license_decision and jurisdiction ('allow', None)"),
    (row(license="LicenseRef-Proprietary"), {}, "license_decision allow; by the policy and the recipe it is unknown"),
    (row(license="CC-BY-NC-4.0"), {}, "license_decision allow; by the policy and the recipe it is deny"),
    (row(license="(MIT OR Apache-2.0) AND CC-BY-NC-4.0"), {}, "by the policy and the recipe it is deny"),
    (row(license="Newer-License-9.9"), {}, "by the policy and the recipe it is deny"),
    (row(), {"deny_licenses": ["CC0-1.0"]}, "by the policy and the recipe it is deny"),
    (dropped(license="CC-BY-NC-4.0"), {}, "by the policy and the recipe it is deny"),
    (row(license="\x1b[2J"), {}, r"license '\x1b[2J': expected an SPDX expression"),
    (row(license="MIT\nAND MIT"), {}, r"license 'MIT\nAND MIT': expected an SPDX expression"),
    (row(license="()"), {}, "license '()': expected an SPDX expression"),
    (row(license_evidence=None), {}, "license_evidence does not say where"),
    (dropped(reason="license_not_stated"), {}, "reason license_not_stated with license 'CC0-1.0'"),
    (dropped(reason="license_not_allowed"), {}, "reason license_not_allowed with license 'CC0-1.0'"),
    (dropped(license_decision="deny", reason="license_conflict"), {}, "reason license_conflict with"),
    (row(license="LicenseRef-PD-US"), {}, "jurisdiction: expected US, found None"),
    (row(jurisdiction="US"), {}, "jurisdiction: expected None, found 'US'"),
    (
        dropped(license=None, license_decision="unknown", jurisdiction="US", reason="license_not_stated"),
        {},
        "jurisdiction ('unknown', 'US')",
    ),
    (row(source="elsewhere"), {}, "source 'elsewhere': the recipe has none of this name"),
    (row(reason="too_short"), {}, "decision keep for the reason too_short"),
    (dropped(reason="kept"), {}, "decision drop for the reason kept"),
    (dropped(reason="\x1b[2J"), {}, r"reason '\x1b[2J': expected a code"),
    (dropped(reason=""), {}, "reason '': expected a code"),
    (row(pii_masked=-5), {}, "pii_masked -5: expected 0 or more"),
    (dropped(bytes=-1), {}, "bytes -1 and"),
    (row(pii_masked=1), {"mask_pii": False}, "pii_masked 1: the recipe masks nothing"),
    (row(tokens=None), {}, "tokens None: expected 1 or more"),
    (row(tokens=0), {}, "tokens 0: expected 1 or more"),
    (dropped(tokens=3), {}, "tokens 3: expected none"),
    (row(bytes=0), {"min_bytes": 0}, "kept with 0 bytes; the recipe wants 1"),
    (row(bytes=99), {"min_bytes": 100}, "kept with 99 bytes; the recipe wants 100"),
    (row(), {"remove": [{"sha256": f"{1:064x}"}]}, "kept, although the recipe removes this text"),
    (row(language=None), {"languages": ["en"]}, "kept with no language"),
    (row(media_type="text/\x1b"), {}, r"kept with media_type 'text/\x1b'"),
    (row(sha256="AB" * 32), {}, "document_id and sha256: expected 64 hex digits"),
    (row(document_id="x"), {}, "document_id and sha256: expected 64 hex digits"),
    (row(duplicate_of=HOLDER.document_id), {}, "reason kept with duplicate_of"),
    (dropped(reason="exact_duplicate"), {}, "reason exact_duplicate with duplicate_of None"),
    (dropped(reason="exact_duplicate", duplicate_of="no id"), {}, "reason exact_duplicate with duplicate_of 'no id'"),
    (dropped(duplicate_of=HOLDER.document_id), {}, "reason too_few_words with duplicate_of"),
    (dropped(reason="near_duplicate", duplicate_of="e" * 64), {}, "no row that is kept is document eeeeeeeeeeee"),
    (
        dropped(reason="repeats_removed", duplicate_of=HOLDER.document_id),
        {},
        f"no row that is removed is document {HOLDER.document_id[:12]}",
    ),
    (
        dropped(2, reason="exact_duplicate", duplicate_of=dropped(2).document_id),
        {},
        f"no row that is kept is document {dropped(2).document_id[:12]}",
    ),
]


@pytest.mark.parametrize(("forged", "rules", "message"), FORGERIES)
def test_a_row_at_odds_is_refused(forged: LedgerRow, rules: dict[str, Any], message: str) -> None:
    with pytest.raises(ClaimFalse, match=f"^corpus/ledger.parquet: row 1: .*{re.escape(message)}"):
        check_rows([forged, HOLDER], recipe(**rules), WHERE)


HONEST: list[tuple[list[LedgerRow], dict[str, Any]]] = [
    ([row(license="MIT OR CC-BY-NC-4.0")], {}),
    ([row(license="LicenseRef-mine")], {"allow_licenses": ["LicenseRef-mine"]}),
    ([row(license="LicenseRef-PD-US", jurisdiction="US")], {}),
    ([row(title="\x1b[2J", author="\u202e", path="\x07", language="English")], {"languages": ["en"]}),
    ([row(language=None)], {"languages": ["en", "und"]}),
    ([dropped(license="MIT", license_decision="unknown", reason="license_conflict")], {}),
    ([dropped(license="MIT", license_decision="unknown", reason="empty", bytes=0)], {}),
    ([dropped(license="Newer-License-9.9", license_decision="deny", reason="license_not_allowed")], {}),
    ([dropped(license=None, license_evidence=None, license_decision="unknown", reason="license_not_stated")], {}),
    ([dropped(reason="near_duplicate", duplicate_of=HOLDER.document_id), HOLDER], {}),
    (
        [
            dropped(1, reason="repeats_removed", duplicate_of=dropped(2).document_id),
            dropped(2, reason="removed"),
        ],
        {"remove": [{"sha256": dropped(2).sha256}]},
    ),
]


@pytest.mark.parametrize(("rows", "rules"), HONEST)
def test_an_honest_row_passes(rows: list[LedgerRow], rules: dict[str, Any]) -> None:
    check_rows(rows, recipe(**rules), WHERE)
