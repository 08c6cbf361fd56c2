"""Segments drawn at random, run again from their recorded start: do they end in the recorded state?

First the release must be what its root says, by the checker's own evidence: a segment that runs to its recorded state
shows nothing of a release whose records lie under no root. With N segments of which a fraction f is wrong, k draws miss
with probability at most (1-f)^k. The verdict prints this with its numbers.
"""

import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from glasswright import host
from glasswright.errors import GlasswrightError, Misuse
from glasswright.records.progress import Progress, Report, silent
from glasswright.records.transcript import StateRecord, StepRecord
from glasswright.records.verdict import Answer, Finding, Verdict
from glasswright.replay.standing import standing
from glasswright.store import tensors
from glasswright.train.digests import digests_of
from glasswright.train.effort import Effort
from glasswright.train.folder import state_path
from glasswright.train.parent import ParentFolder
from glasswright.train.trainer import NotFinite, Trainer
from glasswright.verify.check import TRAINING
from glasswright.verify.evidence import Evidence

LIKELY_WRONG_SHARE = 0.05  # the f for which the verdict states the chance of a miss
INITIAL = "the initial state is the one that the seed gives"
OF_DERIVED = "the initial state is the one that parent and seed give"


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """Steps between two recorded states, with their records."""

    start: StateRecord
    end: StateRecord
    steps: dict[int, StepRecord]

    @property
    def claim(self) -> str:
        start, end = self.start, self.end
        return f"steps {start.step + 1} to {end.step} lead from state {start.root[:12]} to state {end.root[:12]}"


def segments(
    release: Path,
    *,
    count: int,
    draw_seed: int,
    effort: Effort,
    parent: Path | None = None,
    report: Report = silent,
) -> Verdict:
    """Check the release, then run `count` of its segments again, drawn without repeats by `draw_seed`.

    The verdict is about the release root. Where the check refutes the release, nothing is run.

    parent:  where the model lies that a derived release began from

    Raises:  Misuse if the folder is no release, fewer than one segment is asked for, or the parent is not the one on
             record or not given where there is one.
    """
    if count < 1:
        raise Misuse(f"segments: expected at least 1 to draw, got {count}")
    evidence, stands = standing(release, num_threads=effort.num_threads, report=report)
    if stands.answer is Answer.REFUTED:
        return stands
    states = evidence.states()
    drawn = sorted(random.Random(draw_seed).sample(range(1, len(states)), min(count, len(states) - 1)))
    host.pin()
    findings = [*stands.findings]
    record = evidence.parent()
    given = ParentFolder(parent, record) if parent is not None and record is not None else None
    with closing(Trainer(evidence.recipe(), release / "tokens", effort, given)) as trainer:
        findings.append(_initial(trainer, states[0], INITIAL if record is None else OF_DERIVED))
        stands_at = states[0] if findings[-1].answer is Answer.PROVED else None
        for done, segment in enumerate(_segments(evidence, drawn)):
            note = f"segment {drawn[done]}"
            report(Progress(what="replay", done=done, total=len(drawn), unit="segments", note=note))
            findings.append(_replay(trainer, release, segment, stands_at, report))
            stands_at = segment.end if findings[-1].answer is Answer.PROVED else None
    report(Progress(what="replay", done=len(drawn), total=len(drawn), unit="segments"))
    return Verdict(
        subject=stands.subject,
        where=stands.where,
        findings=tuple(findings),
        not_checked=(
            *_limits(len(drawn), len(states) - 1, draw_seed),
            *(line for line in stands.not_checked if line != TRAINING),
        ),
    )


def _segments(evidence: Evidence, drawn: list[int]) -> Iterator[Segment]:
    """The segments drawn, with the records of their steps and no others."""
    states = evidence.states()
    wanted = {n: range(states[n - 1].step + 1, states[n].step + 1) for n in drawn}
    needed = {step for steps in wanted.values() for step in steps}
    records = {step.step: step for step in evidence.steps() if step.step in needed}
    for number, steps in wanted.items():
        yield Segment(
            start=states[number - 1],
            end=states[number],
            steps={step: records[step] for step in steps if step in records},
        )


def _initial(trainer: Trainer, recorded: StateRecord, claim: str) -> Finding:
    """Whether training begins where seed and parent say: the one state that needs no checkpoint."""
    made = trainer.state_record(0)
    if made.root == recorded.root:
        return Finding(claim=claim, answer=Answer.PROVED, evidence=f"made here: state {made.root[:12]}")
    name = _first_difference(made, recorded)
    old, new = (_digest(state, name)[:12] for state in (recorded, made))
    return Finding(
        claim=claim,
        answer=Answer.REFUTED,
        evidence=f"state after step 0: {name}: recorded {old}, made {new}",
        place={"step": 0, "tensor": name},
    )


def _replay(
    trainer: Trainer, release: Path, segment: Segment, stands_at: StateRecord | None, report: Report
) -> Finding:
    """stands_at: the recorded state that the trainer is in, if it is in one."""
    unknown = None if stands_at == segment.start else _load_start(trainer, release, segment.start)
    if unknown is not None:
        hint = "a release built without --checkpoints is replayed from its beginning on: draw all of its segments"
        return Finding(claim=segment.claim, answer=Answer.UNKNOWN, evidence=unknown, hint=hint)
    start, end = segment.start, segment.end
    for step in range(start.step + 1, end.step + 1):
        try:
            difference = _difference(trainer.step(step), segment.steps.get(step))
        except NotFinite as error:
            difference = f"{error}; the transcript goes on"
        if difference is not None:
            return Finding(claim=segment.claim, answer=Answer.REFUTED, evidence=difference, place={"step": step})
        note = f"step {step}"
        report(Progress(what="replay", done=step - start.step, total=end.step - start.step, unit="steps", note=note))
    reached = trainer.state_record(end.step)
    if reached.root == end.root:
        return Finding(
            claim=segment.claim, answer=Answer.PROVED, evidence=f"re-executed here to state {reached.root[:12]}"
        )
    return _wrong_end(trainer, release, segment, reached)


def _wrong_end(trainer: Trainer, release: Path, segment: Segment, reached: StateRecord) -> Finding:
    """The first tensor that is another one; and the element, where the release carries the recorded state."""
    step, name = segment.end.step, _first_difference(reached, segment.end)
    evidence = f"after step {step}, {name} differs"
    place: dict[str, int | str] = {"step": step, "tensor": name}
    path = state_path(release, step)
    if path.is_file():
        recorded, made = tensors.load(path).get(name), trainer.tensors().get(name)
        if recorded is not None and made is not None and recorded.shape == made.shape:
            index = int(np.flatnonzero(recorded.reshape(-1).view("u4") != made.reshape(-1).view("u4"))[0])
            bits = [int(array.reshape(-1).view("u4")[index]) for array in (recorded, made)]
            evidence += f" at element {index}: recorded 0x{bits[0]:08x}, re-executed 0x{bits[1]:08x}"
            place["index"] = index
    return Finding(claim=segment.claim, answer=Answer.REFUTED, evidence=evidence, place=place)


def _load_start(trainer: Trainer, release: Path, start: StateRecord) -> str | None:
    """Bring the trainer to the recorded start; why not, if it cannot be had."""
    if start.step == 0:
        return "the recorded initial state is not the seed's, and is not carried"
    path = state_path(release, start.step)
    if not path.is_file():
        return f"{path.name}: the release carries no such checkpoint"
    try:
        state = tensors.load(path)
        if digests_of(state) != start.tensors:
            return f"{path.name}: not the recorded state"
        trainer.load(state)
    except (GlasswrightError, ValueError) as error:
        return f"{path.name}: {error}"
    return None


def _difference(made: StepRecord, recorded: StepRecord | None) -> str | None:
    """The first field in which a re-executed step is not the recorded one."""
    if recorded is None:
        return f"step {made.step}: the transcript has no record of it"
    there = recorded.record()
    for key, value in made.record().items():
        if there[key] != value:
            return f"step {made.step}: {key}: recorded {there[key]!r}, re-executed {value!r}"
    return None


def _first_difference(made: StateRecord, recorded: StateRecord) -> str:
    """The name of the first tensor that only one of the two states has, or that is another one."""
    here, there = ({tensor.name: tensor for tensor in state.tensors} for state in (made, recorded))
    return next((name for name in sorted(here.keys() | there.keys()) if here.get(name) != there.get(name)), "root")


def _digest(state: StateRecord, name: str) -> str:
    return next((tensor.digest for tensor in state.tensors if tensor.name == name), "none")


def _limits(num_drawn: int, num_segments: int, draw_seed: int) -> tuple[str, ...]:
    drawn = f"{num_drawn} of {num_segments} segments were drawn (--draw-seed {draw_seed})"
    if num_drawn == num_segments:
        return (f"{drawn}: all of them. The corpus stages before training were not run again.",)
    miss = (1 - LIKELY_WRONG_SHARE) ** num_drawn
    return (
        f"{drawn}. If {LIKELY_WRONG_SHARE:.0%} of the segments were wrong, these draws would miss them all with "
        f"probability at most {miss:.0%}; a single wrong segment is found with probability {num_drawn}/{num_segments}.",
        "A publisher can forge a chain consistent with itself: replay raises the cost of lying, full coverage settles "
        "it.",
    )
