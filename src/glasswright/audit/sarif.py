"""The report as SARIF 2.1.0, so that a code host shows each refuted or unknown claim at its line.

Source:  OASIS SARIF 2.1.0, https://docs.oasis-open.org/sarif/sarif/v2.1.0/
"""

from typing import Any
from urllib.parse import quote

from glasswright import __version__
from glasswright.audit.links import snapshot_link
from glasswright.audit.report import Report
from glasswright.audit.rows import Row, report_rows
from glasswright.audit.subject import Snapshot

LEVEL = {
    **dict.fromkeys(("refuted", "closed", "not open", "unmet", "conflict"), "error"),
    **{"partial": "warning", "unknown": "note"},
}


def report_sarif(report: Report) -> dict[str, Any]:
    """One result for each claim that is refuted or unknown, and for each closing clause."""
    rows = [row for row in report_rows(report) if row.is_clause or row.answer in LEVEL]
    rules = {row.id: row for row in rows}
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
                                "shortDescription": {"text": f"{row.group.split(':')[0]}: {row.claim}"},
                            }
                            for name, row in rules.items()
                        ],
                    }
                },
                "versionControlProvenance": [_provenance(s) for s in report.subject.snapshots if snapshot_link(s)],
                "results": [_result(row) for row in rows],
            }
        ],
    }


def _provenance(snapshot: Snapshot) -> dict[str, Any]:
    """Where the files are that the locations name; each begins with the name of its snapshot."""
    link = snapshot_link(snapshot) or ""
    return {"repositoryUri": link.partition("/tree/")[0], "revisionId": snapshot.commit}


def _result(row: Row) -> dict[str, Any]:
    return {
        "ruleId": row.id,
        "level": "error" if row.is_clause else LEVEL[row.answer],
        "message": {"text": f"{row.claim}: {row.answer}" + (f". {row.reason}" if row.reason else "")},
        "properties": {"facts": list(row.fact_ids)},
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
