"""The report as SARIF 2.1.0, so that a code host shows each refuted or unknown claim at its line.

Source:  OASIS SARIF 2.1.0, https://docs.oasis-open.org/sarif/sarif/v2.1.0/
"""

from typing import Any
from urllib.parse import quote

from glasswright import __version__
from glasswright.audit.report import Report
from glasswright.audit.rows import Row, report_rows

LEVEL = {"refuted": "error", "closed": "error", "unknown": "note", "partial": "warning"}


def report_sarif(report: Report) -> dict[str, Any]:
    """One result for each claim that is refuted or unknown, and for each closing clause."""
    rows = [row for row in report_rows(report) if row.answer in LEVEL or row.claim.startswith("  clause:")]
    rules = {rule_id(row): row for row in rows}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "glasswright audit",
                        "version": __version__,
                        "rules": [
                            {
                                "id": name,
                                "shortDescription": {"text": f"{row.group.split(':')[0]}: {row.claim.strip()}"},
                            }
                            for name, row in rules.items()
                        ],
                    }
                },
                "results": [_result(row) for row in rows],
            }
        ],
    }


def rule_id(row: Row) -> str:
    """A stable name for a claim."""
    return f"{row.group.split(':')[0]}/{row.claim.strip()}".lower().replace(" ", "-")


def _result(row: Row) -> dict[str, Any]:
    level = LEVEL.get(row.answer, "error")
    return {
        "ruleId": rule_id(row),
        "level": level,
        "message": {"text": f"{row.claim.strip()}: {row.answer}" + (f". {row.reason}" if row.reason else "")},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(place.file, errors="surrogatepass")},
                    **({"region": {"startLine": place.lines[0], "endLine": place.lines[1]}} if place.lines else {}),
                }
            }
            for place in row.places
        ],
    }
