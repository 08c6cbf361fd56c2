"""Where the weights are, whether anybody may fetch them, and which checkpoints there are: final, tuned, intermediate.

final_parameters.present         a weight file in a model repository, a download link, or a checkpoint named on a hub
final_parameters.access          public; linked: on a page that was not read; gated: to be asked for, signed for;
                                 difference: to another model's weights
base_parameters.present          a checkpoint before tuning
tuned_parameters.present         a checkpoint after instruction tuning, or none was made
intermediate_parameters.present  checkpoints from during training
"""

import re
from dataclasses import dataclass

from glasswright.audit.listing_rules import search_listing
from glasswright.audit.passages import Passage
from glasswright.audit.record import Evidence, Fact, unchecked
from glasswright.audit.rules import hits
from glasswright.audit.sentences import Names
from glasswright.audit.subject import Document, Subject
from glasswright.audit.voices import everything, is_card, names, prose, voices

MAX_EVIDENCE = 4

HUB_MODEL = re.compile(
    r"(?:huggingface\.co|hf\.co|modelscope\.cn/models)/(?!datasets/|spaces/|collections/|papers/|docs/|blog/|join|settings)"
    r"(?P<org>[\w.-]+)/(?P<name>[\w.-]+)"
)
HUB_CODE = re.compile(
    r"(?:from_pretrained\(|repo_id\s*=|model\s*=|huggingface-cli download|LLM\(model=)\s*[\"']?(?P<org>[A-Za-z][\w-]+)/(?P<name>[\w.-]+)"
)
HUB_ORGANISATION = re.compile(
    r"(?:huggingface\.co|hf\.co)/(?!datasets|spaces|papers|docs|blog)[\w.-]+/?(?=[)\s\"'>]|$)|huggingface\.co/models\?"
)
DIRECT = re.compile(
    r"magnet:\?xt=|https?://[^\s)\"'>|]+\.(?:safetensors|gguf|tar|pth|pt|bin|ckpt)(?=[)\s\"'>|]|$)"
    r"|gs://[^\s)\"'>]*(?:pretrained|checkpoint|ckpt|models)[^\s)\"'>]*|kaggle\.com/models/",
    re.IGNORECASE,
)
WEIGHT_WORDS = re.compile(
    r"(?i)\bweights?\b|checkpoints?|download|pre-?trained models?|released? models?|model (?:zoo|hub|link|size|card)|hugging ?face"
)
GATED = re.compile(
    r"once your request (?:is|has been) approved|request (?:access|a download)|access (?:request|to the [\w ]*model requires)|(?:please )?(?:visit|go to)"
    r"[^.]{0,120}accept (?:our|the) licen[sc]e|read and accept the licen[sc]e|accept the (?:license|terms)[^.]{0,60}(?:before|to (?:access|download))"
    r"|accept (?:the |its |our )?(?:user |licen[sc]e |model |community )*(?:agreement|conditions|terms of use)\b"
    r"|requires? manual approval|agree to share your contact|fill (?:out|in) (?:the|this) form[^.]{0,60}(?:weights|access|download)|gated (?:model|repo)",
    re.IGNORECASE,
)
TUNED_NAME = re.compile(
    r"(?i)instruct|chat|[-_]it\b|[-_]it[-_]|sft|dpo|rlhf|think|assistant|aligned|zero|[-_]r1\b|-rl\b|safe|vicuna|alpaca|tulu|t0\b|flan|reason"
)
BASE_NAME = re.compile(r"(?i)base|pretrain|[-_]pt\b|foundation")
STATED_BASE = re.compile(
    r"(?i)(?:releas|includ|collection of|family of|come in|variants?|provide|available)[^.|]{0,120}\b(?:pre-?trained|foundation models?|base (?:models?|versions?|and))"
    r"|whereas pre-?trained models|\bpretrained models can be adapted|trained (?:based )?on [\w.-]+-base\b"
)
STATED_TUNED = re.compile(
    r"(?i)(?:releas|includ|collection of|family of|come in|variants?|provide|available)[^.|]{0,160}\b(?:instruct(?:ion[- ]tuned)?|fine-?tuned|chat (?:models?|versions?))\b"
    r"|instruction[- ]tuned (?:text only )?models are intended"
)
ONLY_TUNED_RELEASED = re.compile(r"(?i)\*\*\s*[\d.]+[BM]\s+(?:instruct|chat)\s*:")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint named on a hub, and where it was named."""

    repo: str
    evidence: Evidence

    @property
    def is_tuned(self) -> bool:
        """Whether its name says that it was tuned to follow instructions or preferences."""
        name = self.repo.rsplit("/", 1)[-1]
        return bool(TUNED_NAME.search(name)) and not BASE_NAME.search(name)


def weights_facts(subject: Subject) -> list[Fact]:
    """What the evidence says of the weights."""
    speaking = voices(subject)
    files = _weight_files(subject)
    named = named_checkpoints(subject, speaking)
    direct = [
        (m, p.evidence(m, "weights.direct_link"))
        for p in prose(speaking)
        if (m := DIRECT.search(p.text)) and _about_weights(p)
    ]
    gate = _gate(subject, speaking)
    places = [*files, *(c.evidence for c in named), *(e for _, e in direct), *_organisation_links(speaking), *gate]
    return [
        _present(places, bool(files), speaking, names(subject)),
        _access(places, gate, files, _delta(subject, speaking)),
        _base(named, direct, files, subject, _stated(STATED_BASE, speaking) if places else [], places),
        _tuned(named, direct, _stated(STATED_TUNED, speaking) if places else []),
        _intermediate(subject, speaking),
    ]


def named_checkpoints(subject: Subject, documents: list[Document]) -> list[Checkpoint]:
    """Checkpoints of this release that its documents name, one a repository, in order of mention."""
    found: dict[str, Checkpoint] = {}
    own = _own_organisations(subject, documents)
    for passage in everything(documents):
        for pattern in (HUB_MODEL, HUB_CODE):
            for match in pattern.finditer(passage.text):
                repo = f"{match['org']}/{match['name'].rstrip('.')}"
                if repo not in found and _plain(match["org"]) in own:
                    found[repo] = Checkpoint(repo, passage.evidence(match, "weights.named_on_hub"))
    return list(found.values())


def _own_organisations(subject: Subject, documents: list[Document]) -> set[str]:
    """Hub organisations that are the publisher's: named like a snapshot's owner, or else the one linked most often."""
    owners = {_plain(s.repo.split("/")[0]) for s in subject.snapshots}
    counts: dict[str, int] = {}
    for passage in everything(documents):
        for pattern in (HUB_MODEL, HUB_CODE):
            for match in pattern.finditer(passage.text):
                counts[_plain(match["org"])] = counts.get(_plain(match["org"]), 0) + 1
    alike = {org for org in counts if any(_alike(org, owner) for owner in owners)}
    return alike or ({max(counts, key=lambda org: counts[org])} if counts else owners)


def _plain(name: str) -> str:
    """A name without punctuation, in lower case: hubs spell organisations apart."""
    return re.sub(r"\W|_", "", name).lower()


def _alike(hub: str, owner: str) -> bool:
    return hub == owner or (
        len(min(hub, owner, key=len)) >= 4 and (hub.startswith(owner[:5]) or owner.startswith(hub[:5]))
    )


def _weight_files(subject: Subject) -> list[Evidence]:
    return [
        e for s in subject.snapshots for f in search_listing(s) if f.component == "final_parameters" for e in f.evidence
    ]


def _about_weights(passage: Passage) -> bool:
    return bool(WEIGHT_WORDS.search(passage.text) or WEIGHT_WORDS.search(passage.heading) or "magnet:" in passage.text)


def _organisation_links(documents: list[Document]) -> list[Evidence]:
    return [
        passage.evidence(match, "weights.organisation_link")
        for passage in prose(documents)
        if (match := HUB_ORGANISATION.search(passage.text)) and _about_weights(passage)
    ][:MAX_EVIDENCE]


def _gate(subject: Subject, documents: list[Document]) -> list[Evidence]:
    gated = [s for s in subject.snapshots if s.gated]
    if gated:
        return [
            Evidence(
                file=s.name,
                lines=None,
                quote="the hub asks for a request before it hands out files",
                rule="weights.gated_on_hub",
            )
            for s in gated
        ]
    return [p.evidence(m, "weights.gated") for p in prose(documents) if (m := GATED.search(p.text))][:MAX_EVIDENCE]


def _present(places: list[Evidence], in_listing: bool, documents: list[Document], called: Names) -> Fact:
    if places:
        return Fact(id="final_parameters.present", status="proved", value="in the listing" if in_listing else "linked",
                    evidence=tuple(places[:MAX_EVIDENCE]))  # fmt: skip
    denied = [hit.evidence for hit in hits("weights.not_released", tuple(prose(documents)), called)]
    if denied:
        return Fact(
            id="final_parameters.present",
            status="refuted",
            gap="missing",
            evidence=tuple(denied[:MAX_EVIDENCE]),
        )
    return unchecked("final_parameters.present", "no weight file in a listing, no download named")


def _delta(subject: Subject, documents: list[Document]) -> list[Evidence]:
    return [hit.evidence for hit in hits("weights.delta", tuple(prose(documents)), names(subject))]


def _access(places: list[Evidence], gate: list[Evidence], files: list[Evidence], delta: list[Evidence]) -> Fact:
    """Gated, public, linked, or a difference: a page on a hub may ask for a request before it hands anything out."""
    if gate:
        return Fact(id="final_parameters.access", status="proved", value="gated", evidence=tuple(gate))
    if delta and places:
        return Fact(id="final_parameters.access", status="proved", value="difference", evidence=tuple(delta[:2]),
                    note="the difference to another model's weights, which have to be had from there")  # fmt: skip
    at_hand = [*files, *(e for e in places if e.rule == "weights.direct_link" and "kaggle.com" not in e.quote)]
    if at_hand:
        return Fact(id="final_parameters.access", status="proved", value="public", evidence=tuple(at_hand[:2]))
    if any("kaggle.com" in e.quote for e in places):
        return unchecked("final_parameters.access", "linked at a place that hands out to whom is logged in")
    if places:
        return Fact(id="final_parameters.access", status="proved", value="linked", evidence=tuple(places[:1]),
                    note="a page is named and no request for access is mentioned; the page itself was not read")  # fmt: skip
    return unchecked("final_parameters.access")


def _stated(pattern: re.Pattern[str], documents: list[Document]) -> list[Evidence]:
    rule = "weights.stated_base" if pattern is STATED_BASE else "weights.stated_tuned"
    return [
        p.evidence(m, rule)
        for p in prose([d for d in documents if is_card(d) or d.depth == 0])
        if (m := pattern.search(p.text))
    ]


def _base(named: list[Checkpoint], direct: list[tuple[re.Match[str], Evidence]], files: list[Evidence], subject: Subject,
          stated: list[Evidence], places: list[Evidence]) -> Fact:  # fmt: skip
    fact_id = "base_parameters.present"
    found = [c.evidence for c in named if not c.is_tuned] + [e for m, e in direct if not TUNED_NAME.search(m.group())]
    tuned = [c.evidence for c in named if c.is_tuned]
    only_tuned = [p.evidence(m, "weights.only_tuned_listed") for p in prose([d for d in subject.documents if is_card(d)])
                  if (m := ONLY_TUNED_RELEASED.search(p.text)) and not re.search(r"(?i)[\d.]+[BM]\s*(?:base|pre-?trained)?\s*:", ONLY_TUNED_RELEASED.sub("", p.text))]  # fmt: skip
    if only_tuned:
        return Fact(id=fact_id, status="refuted", gap="missing", evidence=tuple(only_tuned[:2]),
                    note="the card's list of releases names tuned checkpoints only")  # fmt: skip
    if found or files:
        return Fact(id=fact_id, status="proved", evidence=tuple((found or files)[:MAX_EVIDENCE]))
    if stated:
        return Fact(id=fact_id, status="proved", evidence=tuple(stated[:MAX_EVIDENCE]))
    if tuned:
        return unchecked(fact_id, "only tuned checkpoints are named")
    if places:
        return Fact(
            id=fact_id,
            status="proved",
            evidence=tuple(places[:MAX_EVIDENCE]),
            note="weights are linked, and none is called tuned",
        )
    return unchecked(fact_id)


def _tuned(named: list[Checkpoint], direct: list[tuple[re.Match[str], Evidence]], stated: list[Evidence]) -> Fact:
    names = {c.repo.lower() for c in named}
    found = [c.evidence for c in named if c.is_tuned or f"{c.repo.lower()}-base" in names]
    found += [e for m, e in direct if TUNED_NAME.search(m.group())]
    if found or stated:
        return Fact(id="tuned_parameters.present", status="proved", evidence=tuple((found or stated)[:MAX_EVIDENCE]))  # fmt: skip
    return unchecked("tuned_parameters.present", "no tuned checkpoint is named")


def _intermediate(subject: Subject, documents: list[Document]) -> Fact:
    fact_id = "intermediate_parameters.present"
    files = [
        e
        for s in subject.snapshots
        for f in search_listing(s)
        if f.component == "intermediate_parameters"
        for e in f.evidence
    ]
    said = [hit.evidence for hit in hits("weights.intermediate", tuple(everything(documents)), names(subject))]
    if files or said:
        return Fact(
            id=fact_id,
            status="proved",
            evidence=tuple([*files, *said][:MAX_EVIDENCE]),
        )
    return unchecked(fact_id, "no checkpoint from during training is named")
