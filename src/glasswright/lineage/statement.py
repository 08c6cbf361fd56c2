"""The record of an edge as an in-toto statement, for whoever signs it: with cosign, or as a model-signing claim.

    subject                   the child's files, by digest
    predicate                 SLSA provenance, version 1: the kind and its parameters, and as materials
                              (resolvedDependencies) the parents' files by digest

Source:  in-toto attestation framework, statement version 1; SLSA 1.0, build provenance.
"""

from pathlib import Path
from typing import Any

from glasswright.errors import ClaimFalse, Unknown
from glasswright.lineage.edge import read_edge
from glasswright.lineage.walk import as_recorded, read_any
from glasswright.records.lineage import Artifact, Edge
from glasswright.records.verdict import Answer

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://slsa.dev/provenance/v1"
BUILD_TYPE, BUILDER = "urn:glasswright:lineage:1", "urn:glasswright:glasswright"


def statement_of(child: Path) -> dict[str, Any]:
    """The statement on a child that is what the record beside it describes.

    Raises:  Unknown if there is no record; ClaimFalse if the child is another; Misuse if one cannot be read.
    """
    edge = read_edge(child)
    if edge is None:
        raise Unknown(f"{child}: there is no record of what it was made from", hint="`merge` and `export` write one")
    found = as_recorded(read_any(child), edge)
    if found.answer is not Answer.PROVED:
        raise ClaimFalse(f"{child}: not {found.claim}: {found.evidence}", hint="nothing is stated of another child")
    return statement(edge)


def statement(edge: Edge) -> dict[str, Any]:
    """An edge as a statement."""
    return {
        "_type": STATEMENT,
        "subject": _descriptors(edge.child),
        "predicateType": PREDICATE,
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": {"kind": edge.kind, **edge.parameters},
                "resolvedDependencies": [
                    {**it, "name": f"{parent.name}/{it['name']}"}
                    for parent in edge.parents
                    for it in _descriptors(parent)
                ],
            },
            "runDetails": {"builder": {"id": BUILDER, "version": {"glasswright": edge.glasswright}}},
        },
    }


def _descriptors(artifact: Artifact) -> list[dict[str, Any]]:
    return [{"name": it.name, "digest": {"sha256": it.sha256}} for it in artifact.files]
