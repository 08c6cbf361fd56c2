"""License decisions beside a person's reading of the same files.

    python benchmarks/corpus_licenses.py                                 ../shared/data/docs and tales, MANIFEST.jsonl
    python benchmarks/corpus_licenses.py --folder DIR --labels FILE      any folder with labels of the same form

Each folder is collected as it is, by `glasswright corpus build --source`, under the default policy; the labels are not
read. A label is a JSON line: path, role (body is compared), licence_hint (SPDX; null: nothing is stated), and
optionally licence_conflict, licence_alternatives (readings a careful person could also defend) and uncertain.

    equal       the same expression after normalization: order, parentheses, deprecated spellings; a Creative Commons
                name without a version is LicenseRef-; what is stated and is no license counts as nothing stated; a
                conflict is right where the person saw one
    dangerous   allowed here, though the person's reading is not open: must be 0
    lost        not allowed here, though it is open

Every difference is listed, by what was found and what the person read.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SHARED = Path(os.environ.get("GLASSWRIGHT_SHARED", Path(__file__).resolve().parents[2] / "shared"))
MAX_SHOWN = 3
OLD_NAMES = {"OPL/OPUBL": "OPUBL-1.0", "LicenseRef-AllRightsReserved": "LicenseRef-all-rights-reserved"}
NOTED = re.compile(r" \(.*\)$")  # LicenseRef-PD-US (with Project Gutenberg trademark licence text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    path: str
    repository: str
    ours: str
    theirs: str
    is_equal: bool
    is_dangerous: bool
    is_lost: bool
    is_certain: bool


def collected(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The ledger's rows by file."""
    with tempfile.TemporaryDirectory() as name:
        out = Path(name) / "corpus"
        command = [
            sys.executable,
            "-m",
            "glasswright.cli",
            "corpus",
            "build",
            "--source",
            str(folder),
            "--out",
            str(out),
        ]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        import pyarrow.parquet as pq

        rows = pq.read_table(
            out / "ledger.parquet", columns=["path", "license", "license_decision", "reason"]
        ).to_pylist()
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[re.sub(r"#\d+$", "", row["path"])].append(row)
    return found


def normal(license: str | None) -> str:
    """One spelling for one meaning."""
    from glasswright.licenses.policy import parse

    if not license:
        return "(none)"
    license = NOTED.sub("", OLD_NAMES.get(license, license))
    license = re.sub(r"(?<![\w-])CC-BY(-NC)?(-SA|-ND)?(?![\w-])", lambda name: f"LicenseRef-{name[0]}", license)
    expression = parse(license)
    return "(none)" if expression is None else str(expression.simplify())


def compared(label: dict[str, Any], rows: list[dict[str, Any]], repository: str) -> Compared:
    from glasswright.corpus.policy import judge

    readings = [label["licence_hint"], *label.get("licence_alternatives", ())]
    theirs = {normal(reading) for reading in readings}
    if label.get("licence_conflict"):
        theirs.add("(conflict)")
    ours = {"(conflict)" if row["reason"] == "license_conflict" else normal(row["license"]) for row in rows}
    is_open = [judge(normal(reading)).decision == "allow" if reading else False for reading in readings]
    is_open.append(bool(label.get("allowed")))
    is_allowed = any(row["license_decision"] == "allow" for row in rows)
    return Compared(
        path=label["path"],
        repository=repository,
        ours=" + ".join(sorted(ours)) or "(no row)",
        theirs=normal(label["licence_hint"]),
        is_equal=bool(ours) and ours <= theirs,
        is_dangerous=is_allowed and not any(is_open),
        is_lost=not is_allowed and is_open[0],
        is_certain=not label.get("uncertain"),
    )


def report(title: str, found: list[Compared]) -> None:
    def share(of: list[Compared]) -> str:
        equal = sum(one.is_equal for one in of)
        return f"{equal:5} of {len(of):5} equal, {100 * equal / max(len(of), 1):6.2f}%"

    certain = [one for one in found if one.is_certain]
    print(f"{title}: {share(found)}; dangerous {sum(one.is_dangerous for one in found)}, ", end="")
    print(f"lost {sum(one.is_lost for one in found)}")
    if len(certain) < len(found):
        print(f"  where the person was certain: {share(certain)}; dangerous {sum(one.is_dangerous for one in certain)}")
    by_repository = defaultdict(list)
    for one in found:
        by_repository[one.repository].append(one)
    shares = [sum(one.is_equal for one in of) / len(of) for of in by_repository.values()]
    print(f"  mean over {len(shares)} repositories: {100 * sum(shares) / len(shares):.2f}%")
    groups = defaultdict(list)
    for one in found:
        if not one.is_equal or one.is_dangerous:
            groups[one.repository, one.ours, one.theirs, one.is_dangerous].append(one.path)
    for (repository, ours, theirs, dangerous), paths in sorted(groups.items(), key=lambda group: -len(group[1])):
        mark = "DANGEROUS " if dangerous else ""
        print(f"  {len(paths):5}  {mark}{repository}: here {ours}, the person {theirs}")
        print(f"         {', '.join(paths[:MAX_SHOWN])}{', ...' if len(paths) > MAX_SHOWN else ''}")


def labelled(folder: Path, labels: Path) -> list[Compared]:
    rows = collected(folder)
    found = []
    for line in labels.read_text().splitlines():
        label = json.loads(line)
        if label["role"] == "body":
            repository = "/".join(Path(label["path"]).parts[:2])
            found.append(compared(label, rows.get(label["path"], []), repository))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--labels", type=Path)
    given = parser.parse_args()
    if (given.folder is None) != (given.labels is None):
        parser.error("--folder goes with --labels")
    if given.folder is not None:
        report(str(given.folder), labelled(given.folder, given.labels))
        return
    for name in ("docs", "tales"):
        report(name, labelled(SHARED / "data" / name, SHARED / "data" / name / "MANIFEST.jsonl"))


if __name__ == "__main__":
    main()
