"""The whole release again: does the recipe give these roots?"""

from dataclasses import asdict
from pathlib import Path

from glasswright import pipeline
from glasswright.errors import Misuse
from glasswright.pipeline import Setting
from glasswright.recipe import load as load_recipe
from glasswright.records.canonical import parse
from glasswright.records.release import Roots
from glasswright.records.verdict import Answer, Finding, Verdict


def rebuild(release: Path, *, setting: Setting, out: Path, from_sources: bool) -> Verdict:
    """Build the recipe of a release again, into `out`, and compare the roots one by one.

    from_sources:  collect the documents from their sources again; else those the release carries are taken, each held
                   to its digest in the ledger.

    Raises:  Misuse if the release cannot be read or built here; Interrupted when stopped.
    """
    recorded = read_roots(release)
    recipe = load_recipe(release / "recipe.yaml")
    if from_sources:
        pipeline.build(recipe, setting=setting, out=out)
    else:
        pipeline.rebuild(recipe, carried_by=release, setting=setting, out=out)
    made = read_roots(out)
    findings = tuple(
        _compare(part, old, new) for (part, old), new in zip(_parts(recorded), dict(_parts(made)).values(), strict=True)
    )
    return Verdict(subject=str(release), findings=findings, not_checked=_limits(from_sources))


def read_roots(release: Path) -> Roots:
    """The roots a release states.

    Raises:  Misuse if release.json is missing or is not of this form.
    """
    path = release / "release.json"
    if not path.is_file():
        raise Misuse(f"{path}: not found", hint="name the folder of a release")
    try:
        return Roots(**parse(path.read_bytes(), str(path))["determined"])
    except (KeyError, TypeError) as error:
        raise Misuse(f"{path}: not a release record: {error}") from error


def _parts(roots: Roots) -> list[tuple[str, str]]:
    return [*((part, str(value)) for part, value in asdict(roots).items()), ("release", roots.root)]


def _compare(part: str, recorded: str, made: str) -> Finding:
    claim = f"the rebuilt {part} root is the recorded one"
    if recorded == made:
        return Finding(claim=claim, answer=Answer.PROVED, evidence=f"both {made}")
    return Finding(
        claim=claim,
        answer=Answer.REFUTED,
        evidence=f"recorded {recorded}, rebuilt {made}",
        hint="`glasswright diff` says where the two first differ",
    )


def _limits(from_sources: bool) -> tuple[str, ...]:
    matching = "A matching rebuild shows that the weights follow from the data, not that the data is lawful or benign."
    if from_sources:
        return (matching,)
    return ("From sources to ledger was not run again: the documents were taken from the release.", matching)
