"""What the subject links to, read: model cards, data cards, papers and licenses on hubs and forges.

Only addresses that stand in the evidence of a fact are followed, one step far: a rule has decided that this is the
model's own data, paper or license, and the page says more of it. Of models, the publisher's own are read. A license is
read where its text was not at hand. What is read becomes a snapshot beside the others; what the host does not hand out
leaves unknown what rested on it. Every address is in the report, with the sha256 of what was read.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from glasswright.audit.hubs import HUB, READ, Followed, Kind
from glasswright.audit.record import COMPONENTS, Evidence, Fact, Facts
from glasswright.audit.sentences import plain
from glasswright.audit.settles import linked
from glasswright.audit.subject import Subject
from glasswright.audit.voices import voices
from glasswright.audit.web import Unreached, Web
from glasswright.audit.weights_rules import named_checkpoints
from glasswright.licenses import find_clauses

LINKED = ("linked", "preprint", "peer-reviewed")  # what a fact says of a page that was not read

MAX_OF_A_KIND: dict[Kind, int] = {"model": 3, "dataset": 8, "paper": 3, "license": 4, "policy": 2}

# The facts whose evidence is followed, and what lies there; models are those of the publisher that the texts name.
FOLLOWED: dict[str, Kind] = {
    "datasets_base.present": "dataset",
    "datasets_tuning.present": "dataset",
    "data_card.complete": "dataset",
    "technical_report.present": "paper",
    "research_paper.present": "paper",
    **{f"license.{scope}": "license" for scope in ("weights", "code", "data", "document")},
    **{f"clause.{scope}.acceptable_use_policy": "policy" for scope in ("weights", "code")},
}

PAPER = re.compile(r"https://(?:www\.)?arxiv\.org/|https://huggingface\.co/papers/|https://zenodo\.org/|\.pdf$")
POLICY = re.compile(r"(?i)polic|prohibited|terms")
DATA_PLACE = re.compile(r"https://(?:github|gitlab)\.com/[\w.-]+/[\w.-]+/?$|https://zenodo\.org/records?/\d+")


def follow(subject: Subject, facts: Facts, web: Web) -> tuple[Subject, tuple[Followed, ...]]:
    """The subject with what it links to, and what came of each address."""
    done: list[Followed] = []
    snapshots = {snapshot.name: snapshot for snapshot in subject.snapshots}
    models = [checkpoint.repo for checkpoint in named_checkpoints(subject, voices(subject))]
    own = {plain(repo.partition("/")[0]) for repo in (*models, *(s.repo for s in subject.snapshots))}
    for wanted in _wanted(subject, facts, models):
        try:
            snapshot, followed = READ[wanted.kind](wanted, web, own)
        except Unreached as error:
            done.append(replace(wanted, problem=error.why, is_gone=error.is_gone))
            continue
        done += followed
        snapshots.setdefault(snapshot.name, snapshot)
    return replace(subject, snapshots=tuple(snapshots.values())), tuple(done)


def unreached(facts: Facts, followed: tuple[Followed, ...]) -> Facts:
    """The facts without those that rest on pages which their hosts do not hand out."""
    for fact in list(facts):
        component, _, aspect = fact.id.partition(".")
        pages = [f for f in followed if f"{component}.present" in f.facts]
        if (
            component in COMPONENTS
            and aspect == "present"
            and fact.value in LINKED
            and pages
            and all(p.is_gone for p in pages)
        ):
            note = "; ".join(f"{page.address}: {page.problem}" for page in pages[:3])
            facts = facts.with_fact(
                Fact(id=fact.id, status="unknown", gap="unreachable", evidence=fact.evidence, note=note)
            )
    closed = [f for f in followed if f.kind == "dataset" and f.problem]
    if closed and facts.proved("license_open.data"):
        note = f"not every card of its data could be read: {closed[0].address}: {closed[0].problem}"
        facts = facts.with_fact(replace(facts["license_open.data"], status="unknown", gap="unreachable", note=note))
    return facts


def policy_facts(subject: Subject, facts: Facts, followed: tuple[Followed, ...]) -> Facts:
    """The facts with what a policy of use says of where the rights hold."""
    texts = {document.where: document for document in subject.documents}
    for page in followed:
        if page.kind == "policy" and (document := texts.get(page.file)) and document.language_problem is None:
            whole = Evidence(file=document.where, lines=(1, len(document.lines)), quote="", rule="use_policy.read")
            clauses = [clause for clause in find_clauses(document.text) if clause.id == "territory"]
            for scope in dict.fromkeys(fact_id.split(".")[1] for fact_id in page.facts):
                facts = facts.with_fact(_proved(f"use_policy.{scope}", page.address, (whole,)))
                for clause in clauses[:1]:
                    rule = f"license.clause.{clause.id}"
                    place = Evidence(file=document.where, lines=clause.lines, quote=clause.quote, rule=rule)
                    facts = facts.with_fact(_proved(f"clause.{scope}.{clause.id}", clause.means, (place,)))
    return facts


def _proved(fact_id: str, value: str, evidence: tuple[Evidence, ...]) -> Fact:
    note = "disqualifies under the AI Act" if fact_id.startswith("clause.") else ""
    return Fact(id=fact_id, status="proved", value=value, evidence=evidence, note=note)


def _wanted(subject: Subject, facts: Facts, models: list[str]) -> list[Followed]:
    """The addresses to follow, each once, so many of a kind."""
    at_hand = {snapshot.repo.lower() for snapshot in subject.snapshots}
    found: dict[str, Followed] = {}
    for fact_id, kind, address in _named(subject, facts, models):
        if _repo(address).lower() in at_hand:
            continue
        if (seen := found.get(address)) is not None:
            found[address] = replace(seen, facts=tuple(dict.fromkeys((*seen.facts, fact_id))))
        elif sum(f.kind == kind for f in found.values()) < MAX_OF_A_KIND[kind]:
            found[address] = Followed(address=address, kind=kind, facts=(fact_id,))
    return list(found.values())


def _named(subject: Subject, facts: Facts, models: list[str]) -> Iterator[tuple[str, Kind, str]]:
    """Fact, kind and address of everything that could be followed."""
    for repo in models:
        yield "final_parameters.present", "model", f"https://huggingface.co/{repo}"
    for fact_id, kind in FOLLOWED.items():
        if kind != "license" or _is_open_question(facts, fact_id):
            for address in linked(facts[fact_id], subject):
                address = address.partition("#")[0].rstrip("/}")
                if _leads_to(kind, address):
                    yield fact_id, kind, address


def _is_open_question(facts: Facts, fact_id: str) -> bool:
    """Whether the text of a license could say more than is known: it is not, where that is open or was read."""
    is_open = facts[fact_id.replace("license.", "license_open.")]
    return is_open.status != "proved" and all(e.rule != "license.text" for e in facts[fact_id].evidence)


def _leads_to(kind: Kind, address: str) -> bool:
    if kind == "dataset":
        hub = HUB.match(address)
        return bool((hub and hub["data"]) or DATA_PLACE.match(address))
    words = {"paper": PAPER, "policy": POLICY}.get(kind)
    return words is None or bool(words.search(address))


def _repo(address: str) -> str:
    """The repository that an address names at its root: what is at hand already is not read again."""
    match = re.fullmatch(r"https://(?:huggingface\.co|github\.com)/(?:datasets/)?([\w.-]+/[\w.-]+)", address)
    return match[1] if match else address
