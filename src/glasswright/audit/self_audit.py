"""A release audited while it is made, so that it says of itself what its files support and no more."""

from dataclasses import replace
from pathlib import Path

from glasswright.audit.mof import CLASS_I
from glasswright.audit.report import Report, audit_subject
from glasswright.audit.subject import Subject, load_release
from glasswright.records.openness import Openness


def audit_release(folder: Path, name: str, parents: tuple[Subject, ...] = ()) -> Openness:
    """The verdicts on the release in `folder`, by the rules for anybody's; `parents` are what it was made from."""
    report = audit_subject(replace(load_release(folder, name), parents=parents))
    return Openness(
        word=report.label.ours,
        osaid=report.osaid.status,
        mof_class=report.mof.mof_class,
        lacking=(*_requirements(report), *_components(report)),
    )


def _requirements(report: Report) -> list[tuple[str, str]]:
    return [
        (name.replace("_", " "), "; ".join(requirement.reasons))
        for name, requirement in report.osaid.requirements.items()
        if requirement.status != "proved"
    ]


def _components(report: Report) -> list[tuple[str, str]]:
    """What class I asks for."""
    components = report.mof.components
    return [
        (name.replace("_", " "), components[name].reason) for name in CLASS_I if components[name].status != "proved"
    ]
