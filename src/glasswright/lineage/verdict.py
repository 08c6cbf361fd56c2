"""`lineage` of one child and the parents that are named: every finding, and what was not looked at."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from glasswright.errors import Misuse, Unknown
from glasswright.lineage.check import check_tensors
from glasswright.lineage.edge import read_edge
from glasswright.lineage.find import How, derivation
from glasswright.lineage.said import check_said
from glasswright.lineage.stored import read_stored
from glasswright.lineage.walk import Places, check_edge
from glasswright.records.progress import Report, silent
from glasswright.records.verdict import Answer, Finding, Verdict

NOT_CHECKED = (
    "whether the parents are what they should be: only that the child follows from these files, or does not",
    "who made the child, and whether they knew the parents: a derivation that is computed again shows what, not who",
    "what else lies beside a model, code and pickles with it: `glasswright scan` does",
)


def examine(child: Path, parents: Sequence[Path], how: How, report: Report = silent) -> Verdict:
    """Whether the child follows from its parents.

    Raises:  Misuse naming the file that cannot be used; Unknown if nothing can be derived.
    """
    stored, ancestors = read_stored(child), [read_stored(path) for path in parents]
    found = derivation(stored, ancestors, how)
    findings = list(check_tensors(stored, found, report))
    if how.kind is not None and how.kind != found.kind:
        claim = f"it is a {how.kind} of its parent"
        findings.insert(0, Finding(claim=claim, answer=Answer.REFUTED, evidence=f"by its types it is a {found.kind}"))
    findings += check_said(stored, ancestors[0])
    told = ", ".join(f"{key} {value}" for key, value in found.parameters.items())
    names = " and ".join(str(path) for path in (*parents, *([how.adapter] if how.adapter else [])))
    return Verdict(
        subject=f"{found.kind}{f' ({told})' if told else ''} of {names}",
        where=str(child),
        findings=tuple(findings),
        not_checked=NOT_CHECKED,
    )


def has_record(child: Path) -> bool:
    """Whether there is a record beside a child.

    Raises:  Misuse if there is one that is none.
    """
    return read_edge(child) is not None


def examine_by_record(child: Path, places: Sequence[Path], report: Report = silent) -> Verdict:
    """Whether the child follows from the parents that the record beside it names.

    places:  where the parents may lie; where one of them is none, the child is held to the models named themselves too

    Raises:  Misuse naming what cannot be used; Unknown if there is no record, or nothing can be derived.
    """
    edge = read_edge(child)
    if edge is None:
        raise Unknown(f"{child}: there is no record of what it was made from", hint="name its parents with --from")
    findings, found = check_edge(child, edge, Places(places), report)
    if len(found) < len(edge.parents) and places:
        with suppress(Misuse, Unknown):
            findings += examine(child, places, How(), report).findings
    return Verdict(
        subject="by the record beside it", where=str(child), findings=tuple(findings), not_checked=NOT_CHECKED
    )
