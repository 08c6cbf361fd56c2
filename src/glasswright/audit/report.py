"""The report: facts and verdicts of one subject, and its JSON form `glasswright/audit/1`."""

from dataclasses import dataclass
from typing import Any

from glasswright import __version__
from glasswright.audit.eu_ai_act import EuAiAct, judge_eu
from glasswright.audit.facts import gather
from glasswright.audit.label import Label, judge_label
from glasswright.audit.mof import Mof, judge_mof
from glasswright.audit.osai_index import Dimension, judge_index
from glasswright.audit.osaid import Osaid, judge_osaid
from glasswright.audit.overrides import Override, apply_overrides
from glasswright.audit.record import Facts
from glasswright.audit.subject import Subject

SCHEMA = "glasswright/audit/1"


@dataclass(frozen=True, slots=True)
class Report:
    """What is so, what that means, and what could not be read."""

    subject: Subject
    facts: Facts
    osaid: Osaid
    mof: Mof
    index: dict[str, Dimension]
    eu: EuAiAct
    label: Label
    not_read: tuple[str, ...]

    def as_record(self, *, with_quotes: bool = True) -> dict[str, Any]:
        """The JSON form; `audit/report.schema.json` describes it."""
        return {
            "schema": SCHEMA,
            "auditor": f"glasswright {__version__}",
            "subject": {
                "name": self.subject.name,
                "snapshots": [
                    {"repo": s.repo, "commit": s.commit, "kind": s.kind, "num_files": len(s.entries)}
                    for s in self.subject.snapshots
                ],
            },
            "facts": [fact.as_record(with_quotes=with_quotes) for fact in sorted(self.facts, key=lambda f: f.id)],
            "verdicts": {
                "osaid": self._osaid(),
                "mof": self._mof(),
                "osai_index": {name: d.openness for name, d in self.index.items()},
                "osai_index_reasons": {name: d.reason for name, d in self.index.items()},
                "eu_ai_act": {
                    "exemption_53_2": self.eu.exemption_53_2,
                    "reasons": list(self.eu.reasons),
                    "duties": self.eu.duties,
                },
                "label": self._label(with_quotes),
            },
            "not_read": list(self.not_read),
        }

    def _osaid(self) -> dict[str, Any]:
        return {
            "status": self.osaid.status,
            "requirements": {name: r.status for name, r in self.osaid.requirements.items()},
            "reasons": {name: list(r.reasons) for name, r in self.osaid.requirements.items()},
        }

    def _mof(self) -> dict[str, Any]:
        return {
            "class": self.mof.mof_class,
            "components": {
                name: {"status": c.status, "license": c.license, "warning": c.warning, "reason": c.reason}
                for name, c in self.mof.components.items()
            },
        }

    def _label(self, with_quotes: bool) -> dict[str, Any]:
        place = self.label.publisher_evidence[0] if self.label.publisher_evidence else None
        return {
            "ours": self.label.ours,
            "publisher": self.label.publisher,
            "publisher_evidence": place.as_record(with_quotes=with_quotes) if place else {},
            "openwashing": self.label.openwashing,
            "reason": self.label.reason,
        }


def audit_subject(subject: Subject, overrides: tuple[Override, ...] = ()) -> Report:
    """Gather the facts of a subject and judge them under every rule book."""
    return judge(subject, apply_overrides(gather(subject), overrides))


def judge(subject: Subject, facts: Facts) -> Report:
    """The verdicts that some facts lead to."""
    osaid = judge_osaid(facts)
    return Report(
        subject=subject,
        facts=facts,
        osaid=osaid,
        mof=judge_mof(facts),
        index=judge_index(facts),
        eu=judge_eu(facts),
        label=judge_label(facts, osaid),
        not_read=subject.problems,
    )
