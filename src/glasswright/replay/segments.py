"""Segments drawn at random, run again from their recorded start: do they end in the recorded state?

With N segments of which a fraction f is wrong, k draws miss with probability at most (1-f)^k. The verdict prints this
with its numbers.
"""

import random
from contextlib import closing
from pathlib import Path
from typing import Any

from glasswright import host
from glasswright.errors import GlasswrightError, Misuse
from glasswright.recipe import load as load_recipe
from glasswright.records.canonical import canonical_bytes, parse
from glasswright.records.progress import Progress, Report, silent
from glasswright.records.recipe import Recipe
from glasswright.records.transcript import StateRecord, StepRecord
from glasswright.records.verdict import Answer, Finding, Verdict
from glasswright.store import tensors
from glasswright.train.digests import digests_of
from glasswright.train.effort import Effort
from glasswright.train.folder import state_path
from glasswright.train.trainer import Trainer

LIKELY_WRONG_SHARE = 0.05  # the f for which the verdict states the chance of a miss


def segments(release: Path, *, count: int, draw_seed: int, effort: Effort, report: Report = silent) -> Verdict:
    """Run `count` segments again, drawn without repeats by `draw_seed`.

    Raises:  Misuse if the release cannot be read, or has fewer than one segment to draw.
    """
    recipe = load_recipe(release / "recipe.yaml")
    states = [StateRecord.from_record(record) for record in _determined(release / "transcript" / "states.jsonl")]
    steps = {record["step"]: record for record in _determined(release / "transcript" / "steps.jsonl")}
    drawn = sorted(random.Random(draw_seed).sample(range(1, len(states)), min(count, len(states) - 1)))
    if not drawn:
        raise Misuse(f"segments: expected at least 1 to draw, got {count}")
    host.pin()
    findings = []
    for done, segment in enumerate(drawn):
        report(Progress(what="replay", done=done, total=len(drawn), unit="segments", note=f"segment {segment}"))
        findings.append(_replay(release, recipe, states[segment - 1], states[segment], steps, effort, report))
    report(Progress(what="replay", done=len(drawn), total=len(drawn), unit="segments"))
    return Verdict(
        subject=str(release), findings=tuple(findings), not_checked=_limits(len(drawn), len(states) - 1, draw_seed)
    )


def _replay(
    release: Path,
    recipe: Recipe,
    start: StateRecord,
    end: StateRecord,
    steps: dict[int, dict[str, Any]],
    effort: Effort,
    report: Report,
) -> Finding:
    claim = f"steps {start.step + 1} to {end.step} lead from state {start.root[:12]} to state {end.root[:12]}"
    with closing(Trainer(recipe, release / "tokens", effort)) as trainer:
        unknown = _load_start(trainer, release, start)
        if unknown is not None:
            return Finding(claim=claim, answer=Answer.UNKNOWN, evidence=unknown, hint="build with --checkpoints")
        for step in range(start.step + 1, end.step + 1):
            record = trainer.step(step)
            difference = _difference(record, steps.get(step))
            if difference is not None:
                return Finding(claim=claim, answer=Answer.REFUTED, evidence=difference)
            note = f"step {step}"
            report(
                Progress(what="replay", done=step - start.step, total=end.step - start.step, unit="steps", note=note)
            )
        reached = trainer.state_record(end.step)
    if reached.root == end.root:
        return Finding(claim=claim, answer=Answer.PROVED, evidence=f"re-executed here to state {reached.root[:12]}")
    recorded = {tensor.name: tensor for tensor in end.tensors}
    first = next((t.name for t in reached.tensors if recorded.get(t.name) != t), "the set of tensors")
    return Finding(claim=claim, answer=Answer.REFUTED, evidence=f"after step {end.step}, {first} differs")


def _load_start(trainer: Trainer, release: Path, start: StateRecord) -> str | None:
    """Bring the trainer to the recorded start; why not, if it cannot be had."""
    if start.step == 0:
        made = trainer.state_record(0)
        return None if made.root == start.root else "the seed does not give the recorded initial state"
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


def _difference(made: StepRecord, recorded: dict[str, Any] | None) -> str | None:
    """The first field in which a re-executed step is not the recorded one."""
    if recorded is None:
        return f"step {made.step}: the transcript has no record of it"
    record = parse(canonical_bytes(made.record()), "record")
    for key, value in record.items():
        if recorded.get(key) != value:
            return f"step {made.step}: {key}: recorded {recorded.get(key)!r}, re-executed {value!r}"
    return None


def _determined(path: Path) -> list[dict[str, Any]]:
    lines = path.read_bytes().splitlines()
    return [parse(line, f"{path}:{number}")["determined"] for number, line in enumerate(lines, start=1)]


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
