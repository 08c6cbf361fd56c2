"""A whole release built again: does the recipe lead to the same roots?

First the release must be what its root says: a rebuild of the recipe shows nothing of a release whose weights are
others. A release of schema 1 is held to the roots that its schema had, made from what was rebuilt.
"""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path

from glasswright import pipeline
from glasswright.attest.merkle import merkle_root
from glasswright.attest.parts import release_root, release_root_of_first_schema
from glasswright.pipeline import Setting
from glasswright.records.first_schema import FirstStep, first_leaves
from glasswright.records.release import PARTS_OF_FIRST, Roots
from glasswright.records.transcript import Schedule, ScheduleBlock
from glasswright.records.verdict import Answer, Finding, Verdict
from glasswright.replay.standing import standing, unable, what_is_missing
from glasswright.verify.check import TOKENIZER, TRAINING
from glasswright.verify.evidence import Evidence


def rebuild(release: Path, *, setting: Setting, out: Path, from_sources: bool) -> Verdict:
    """Check the release, build its recipe again into `out`, and compare the roots part by part.

    from_sources:  collect the documents from their sources again; else those the release carries are taken, each held
                   to its digest in the ledger.

    The verdict is about the release root. Where the check refutes the release, nothing is built. The work is done in a
    folder of its own, which goes when it is finished: nothing that was computed before is taken for a result. A rebuild
    that was stopped goes on in it.

    Raises:  Misuse if the release cannot be read or built here; Interrupted when stopped.
    """
    evidence, stands = standing(release, num_threads=setting.effort.num_threads, report=setting.report)
    if stands.answer is Answer.REFUTED:
        return stands
    if (withheld := what_is_missing(evidence)) is not None:
        return unable(stands, "the rebuilt roots are the recorded ones", withheld)
    recipe, recorded = evidence.recipe(), evidence.release()
    salt = evidence.salt() if recipe.private is not None else None
    anew = replace(setting, work=setting.work / f"rebuild-{recorded.root[:12]}", salt=salt)
    if from_sources:
        pipeline.build(recipe, setting=anew, out=out)
    else:
        pipeline.rebuild(recipe, carried_by=release, setting=anew, out=out)
    shutil.rmtree(anew.work)
    made = Evidence(out, setting.effort.num_threads, setting.report)
    if evidence.is_of_first_schema():
        roots = _roots_of_first_schema(made)
        root = release_root_of_first_schema(roots)
    else:
        roots = made.release().roots
        root = release_root(roots)
    findings = _compare({**recorded.roots.parts, "release": recorded.root}, {**roots.parts, "release": root})
    return Verdict(
        subject=stands.subject,
        where=stands.where,
        findings=(*stands.findings, *findings),
        not_checked=(
            *_limits(from_sources),
            *(line for line in stands.not_checked if line not in (TRAINING, TOKENIZER)),
        ),
    )


def _compare(recorded: Mapping[str, str], made: Mapping[str, str]) -> tuple[Finding, ...]:
    return tuple(_finding(part, recorded.get(part, "none"), made.get(part, "none")) for part in recorded)


def _finding(part: str, recorded: str, made: str) -> Finding:
    claim = f"the rebuilt {part} root is the recorded one"
    if recorded == made:
        return Finding(claim=claim, answer=Answer.PROVED, evidence=f"both {made}")
    return Finding(
        claim=claim,
        answer=Answer.REFUTED,
        evidence=f"recorded {recorded}, rebuilt {made}",
        hint="`glasswright diff` says where the two first differ",
    )


def _roots_of_first_schema(made: Evidence) -> Roots:
    """The roots that a release of schema 1 would state of the same run."""
    transcript, roots = made.transcript(), made.release().roots
    blocks = [event for _, event in transcript.events() if isinstance(event, ScheduleBlock)]
    schedule = Schedule(columns=blocks[0].columns, rows=tuple(chain.from_iterable(block.rows for block in blocks)))
    steps = (FirstStep.of(step, reads) for step, (_, reads) in zip(made.steps(), transcript.reads(), strict=True))
    parts = {name: roots.parts[name] for name in PARTS_OF_FIRST}
    parts["transcript"] = merkle_root(first_leaves(schedule, steps, made.states()))
    return Roots(numerics=roots.numerics, parts=parts)


def _limits(from_sources: bool) -> tuple[str, ...]:
    matching = "A matching rebuild shows that the weights follow from the data, not that the data is lawful or benign."
    if from_sources:
        return (matching,)
    return ("From sources to ledger was not run again: the documents were taken from the release.", matching)
