"""The report: facts and verdicts of one subject, and its JSON form `glasswright/audit/1`."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from glasswright import __version__
from glasswright.audit.eu_ai_act import EuAiAct, judge_eu
from glasswright.audit.facts import gather
from glasswright.audit.following import follow, policy_facts, unreached
from glasswright.audit.hubs import Followed
from glasswright.audit.label import Label, judge_label
from glasswright.audit.measured import measured
from glasswright.audit.mof import FACT_OF, Mof, judge_mof
from glasswright.audit.osai_index import Dimension, judge_index
from glasswright.audit.osaid import Osaid, judge_osaid
from glasswright.audit.overrides import Override, apply_overrides
from glasswright.audit.questions import Answered, answer_questions
from glasswright.audit.record import Facts
from glasswright.audit.settles import open_ends
from glasswright.audit.subject import Subject
from glasswright.audit.web import Web

SCHEMA = "glasswright/audit/1"


@dataclass(frozen=True, slots=True)
class Report:
    """What is so, what that means, and what could not be read."""

    subject: Subject
    facts: Facts
    questions: tuple[Answered, ...]
    osaid: Osaid
    mof: Mof
    index: dict[str, Dimension]
    eu: EuAiAct
    label: Label
    not_read: tuple[str, ...]
    followed: tuple[Followed, ...] = ()

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
            "followed": [page.as_record() for page in self.followed],
            "questions": [answered.as_record(self.subject, with_quotes=with_quotes) for answered in self.questions],
            "to_settle": [{"where": where, "facts": ids} for where, ids in self.to_settle().items()],
            "measured": measured(),
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

    def to_settle(self) -> dict[str, list[str]]:
        """The pages and files that would settle what the verdicts leave unknown, with the facts of each."""
        of_osaid = (i for requirement in self.osaid.requirements.values() for i in requirement.facts)
        of_index = (i for dimension in self.index.values() for i in dimension.facts)
        of_mof = (f"{FACT_OF.get(name, name)}.present" for name in self.mof.components)
        return open_ends(self.facts, (*of_osaid, *self.eu.facts, *of_mof, *of_index), self.subject)

    def digest(self) -> str:
        """sha256 of the record without `measured`, as JSON with sorted keys and no spaces.

        It holds no date: the same evidence, read by the same auditor, has the same digest.
        """
        record = {key: value for key, value in self.as_record().items() if key != "measured"}
        return hashlib.sha256(json.dumps(record, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

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


def audit_subject(subject: Subject, overrides: tuple[Override, ...] = (), web: Web | None = None) -> Report:
    """Gather the facts of a subject, and with `web` of what it links to, and judge them under every rule book."""
    facts = gather(subject)
    followed: tuple[Followed, ...] = ()
    if web is not None:
        subject, followed = follow(subject, facts, web)
        facts = policy_facts(subject, unreached(gather(subject), followed), followed)
    return judge(subject, apply_overrides(facts, overrides), followed)


def judge(subject: Subject, facts: Facts, followed: tuple[Followed, ...] = ()) -> Report:
    """The verdicts that some facts lead to."""
    osaid = judge_osaid(facts)
    return Report(
        subject=subject,
        facts=facts,
        questions=answer_questions(subject, facts, osaid),
        osaid=osaid,
        mof=judge_mof(facts),
        index=judge_index(facts),
        eu=judge_eu(facts),
        label=judge_label(facts, osaid),
        not_read=(*subject.problems, *(f"{page.address}: {page.problem}" for page in followed if page.problem)),
        followed=followed,
    )
