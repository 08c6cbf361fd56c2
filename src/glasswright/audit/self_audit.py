"""A release audited while it is made, so that it says of itself what its files support and no more."""

from pathlib import Path

from glasswright.audit.mof import CLASS_I
from glasswright.audit.report import Report, audit_subject
from glasswright.audit.subject import load_release
from glasswright.records.openness import Openness


def audit_release(folder: Path, name: str) -> Openness:
    """The verdicts on the release in `folder`, by the rules for anybody's."""
    report = audit_subject(load_release(folder, name))
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
