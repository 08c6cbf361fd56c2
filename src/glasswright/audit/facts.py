"""All facts of a subject: each story of rules in turn, then what each component adds up to.

<component>.present    is it there
<component>.complete   is all of it there
<component>.license    under which license  (from the license of its kind: code, weights, data, document)
"""

from dataclasses import replace

from glasswright.audit.claim_rules import claim_facts
from glasswright.audit.code_rules import code_facts
from glasswright.audit.content_rules import with_content
from glasswright.audit.data_rules import data_facts
from glasswright.audit.document_rules import document_facts
from glasswright.audit.license_rules import license_facts
from glasswright.audit.lineage_rules import with_lineage
from glasswright.audit.record import COMPONENTS, Fact, Facts, unchecked, with_id
from glasswright.audit.release_rules import release_facts
from glasswright.audit.scale_rules import scale_facts
from glasswright.audit.subject import Subject
from glasswright.audit.weights_rules import weights_facts

HOSTED_ELSEWHERE = ("linked", "described", "preprint", "peer-reviewed")


def gather(subject: Subject) -> Facts:
    """Every fact that the evidence yields."""
    weights = weights_facts(subject)
    is_tuned = any(f.id == "tuned_parameters.present" and f.status == "proved" for f in weights)
    code = code_facts(subject)
    stories = [
        *weights,
        *code,
        *data_facts(subject, is_tuned=is_tuned, only_tunes=_only_tunes(Facts(code))),
        *document_facts(subject),
        *license_facts(subject),
        *claim_facts(subject),
        *scale_facts(subject),
    ]
    facts = Facts([*stories, *release_facts(subject)])  # a release's own files decide over what its texts say
    facts = with_lineage(with_content(facts, subject), subject, gather)
    for fact in [*_components(facts)]:
        facts = facts.with_fact(fact)
    return facts


def _only_tunes(code: Facts) -> bool:
    return code.proved("tuning_code.present") and not code.proved("training_code.present")


def _components(facts: Facts) -> list[Fact]:
    """Completeness and license of each component."""
    derived = []
    for component, kind in COMPONENTS.items():
        present = facts[f"{component}.present"]
        if present.status == "unknown" and present.id not in {f.id for f in facts}:
            derived.append(present)
        if f"{component}.complete" not in {f.id for f in facts}:
            derived.append(_complete(component, facts))
        derived.append(_license(component, kind, present, facts))
    return derived


def _complete(component: str, facts: Facts) -> Fact:
    """Whether all of a component is there, where a rule of its own has not said so."""
    fact_id, present = f"{component}.complete", facts[f"{component}.present"]
    if present.status != "proved":
        return with_id(present, fact_id)
    if component == "final_parameters":
        access = facts["final_parameters.access"]
        if access.value == "gated":
            return Fact(
                id=fact_id,
                status="refuted",
                evidence=access.evidence,
                note="access has to be asked for",
            )
        return with_id(present, fact_id)
    if component == "training_code":
        return _training_complete(facts)
    if component in ("datasets_base", "datasets_tuning"):
        if present.value == "partly":
            return Fact(id=fact_id, status="unknown", gap="unchecked", evidence=present.evidence, note=present.note)
        return Fact(id=fact_id, status="proved", evidence=present.evidence, note=present.note)
    if present.value in HOSTED_ELSEWHERE:
        return Fact(
            id=fact_id,
            status="unknown",
            gap="unreachable",
            evidence=present.evidence,
            note="it lies outside the evidence",
        )
    return Fact(
        id=fact_id,
        status="unknown",
        gap="unchecked",
        evidence=present.evidence,
        note="that all of it is there was not checked",
    )


def _training_complete(facts: Facts) -> Fact:
    """Training code is whole if data processing comes with it."""
    parts = [facts["training_code.present"], facts["preprocessing_code.present"]]
    if facts["datasets_base.present"].value == "of the parent":
        return Fact(
            id="training_code.complete",
            status="unknown",
            gap="unreachable",
            evidence=parts[0].evidence,
            note="the model was made from another's, and how that one was trained is a question for it",
        )
    if all(part.status == "proved" for part in parts):
        evidence = tuple(e for part in parts for e in part.evidence[:2])
        return Fact(
            id="training_code.complete",
            status="proved",
            evidence=evidence,
            note="training and data processing",
        )
    return Fact(
        id="training_code.complete",
        status="unknown",
        gap="unchecked",
        evidence=parts[0].evidence,
        note="no code for data processing was found beside it",
    )


def _license(component: str, kind: str, present: Fact, facts: Facts) -> Fact:
    """The license of a component: that of its kind."""
    fact_id = f"{component}.license"
    if present.status != "proved":
        return unchecked(fact_id, "the component itself is not proved")
    if present.value in HOSTED_ELSEWHERE and (kind in ("document", "code") or component == "evaluation_data"):
        note = "it lies outside the evidence, and so does its license"
        return Fact(id=fact_id, status="unknown", gap="unreachable", evidence=present.evidence[:2], note=note)
    scope = kind
    if component == "tokenizer" and not facts.proved("license.weights"):
        scope = "code"
    if component == "model_metadata" and not facts.proved("license.data"):
        scope = "weights" if facts.proved("license.weights") else "code"
    if component == "evaluation_data" and present.value == "in the evidence":
        scope = "code"  # files of the code repository, under its license
    source = facts[f"license.{scope}"]
    note = source.note if scope == kind else f"license of the {scope} it is kept with"
    return replace(source, id=fact_id, evidence=source.evidence[:2], note=note)
