"""The corpus as a Croissant dataset: files with their digests, and the fields of a document.

Source: MLCommons Croissant format specification 1.0.
"""

import hashlib
import json
from typing import Any

from glasswright.corpus.reports.facts import Facts
from glasswright.corpus.reports.text import documents

CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
INTEGERS = frozenset({"bytes", "pii_masked", "tokens"})
SPDX = "https://spdx.org/licenses/"


def croissant(facts: Facts) -> str:
    """JSON-LD. No date is given: none is a property of the data."""
    shards = sorted((facts.folder / "documents").glob("*.jsonl"))
    record = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": "corpus",
        "description": f"{documents(facts.summary.num_kept)} kept of {facts.summary.num_seen:,} seen. "
        f"Ledger root {facts.root}.",
        "citeAs": f"Corpus with ledger root {facts.root}, collected by Glasswright",
        "license": [_license(name) for name, _, _ in facts.kept("license")],
        "url": next((str(source["determined"]["uri"]) for source in facts.sources), ""),
        "version": "1.0.0",
        "distribution": [
            _file(facts, "ledger.parquet", "application/x-parquet"),
            *(_file(facts, f"documents/{path.name}", "application/jsonlines") for path in shards),
        ],
        "recordSet": [
            _record_set("ledger", "ledger.parquet", {name: {"column": name} for name in facts.columns}),
            *(_record_set(f"documents-{path.stem}", f"documents/{path.name}", _TEXT) for path in shards),
        ],
    }
    return json.dumps(record, indent=2, ensure_ascii=False) + "\n"


_TEXT = {"document_id": {"column": "document_id"}, "text": {"column": "text"}}


def _license(expression: str) -> str:
    return expression if " " in expression or expression.startswith("LicenseRef-") else f"{SPDX}{expression}.html"


def _file(facts: Facts, name: str, encoding: str) -> dict[str, Any]:
    path = facts.folder / name
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": facts.address(name),
        "contentSize": f"{path.stat().st_size} B",
        "encodingFormat": encoding,
        "sha256": sha256,
    }


def _record_set(name: str, file: str, extracts: dict[str, dict[str, str]]) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{name}/{field}",
                "name": field,
                "dataType": "sc:Integer" if field in INTEGERS else "sc:Text",
                "source": {"fileObject": {"@id": file}, "extract": extract},
            }
            for field, extract in extracts.items()
        ],
    }
