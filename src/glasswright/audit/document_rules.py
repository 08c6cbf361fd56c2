"""The documents: model card, data card, report, paper, evaluation results, and what they tell of hardware and design.

A card that stands on a page outside the evidence is unreachable, not missing. How much a card tells is counted in
topics: each topic is proved by the passage that treats it.
"""

import re
from collections.abc import Iterable

from glasswright.audit.code_rules import evidence_of
from glasswright.audit.listing_rules import search_listing
from glasswright.audit.passages import Passage, passages
from glasswright.audit.record import Evidence, Fact, unchecked, with_id
from glasswright.audit.rules import Hit, hits, words
from glasswright.audit.sentences import Names
from glasswright.audit.subject import Document, Subject
from glasswright.audit.voices import is_card, is_data_card, names, prose, voices
from glasswright.licenses.any_case import AnyCase

MIN_CARD_LINES = 30
PEER_REVIEWED = re.compile(
    r"@inproceedings\s*\{|booktitle\s*=\s*[{\"](?!.*arxiv)"
    r"|journal\s*=\s*[{\"](?!arxiv|corr)[^}\"]*(?:journal|transactions|nature|proceedings|JMLR|TACL)",
    re.IGNORECASE,
)
DESIGN = ("layers", "width", "heads", "experts", "active parameters", "vocabulary", "feed-forward")
CARD_TOPICS = ("training data", "training procedure", "tuning", "evaluation", "intended use", "limitations")
DATA_TOPICS = ("sources", "size", "selection", "license", "personal", "access")


def _word(name: str) -> AnyCase:
    return words("documents", name.replace(" ", "_"))


def document_facts(subject: Subject) -> list[Fact]:
    """What documents there are and how much they tell."""
    listing = [f for snapshot in subject.snapshots for f in search_listing(snapshot)]
    speaking, called = voices(subject), names(subject)
    text = tuple(prose(speaking))
    return [
        *_model_card(subject, text, called),
        *_data_card(subject, speaking, text, called),
        _report(text, called, evidence_of("technical_report", listing)[0]),
        _paper(speaking),
        _results(speaking, evidence_of("evaluation_results", listing)[0]),
        _linked(
            "evaluation_data", "documents.evaluation_data", evidence_of("evaluation_data", listing)[0], text, called
        ),
        _outputs(text, called, evidence_of("sample_outputs", listing)[0]),
        _metadata(evidence_of("model_metadata", listing)[0], evidence_of("training_config", listing)[0]),
        _simple("training_summary.present", evidence_of("training_summary", listing)[0]),
        _simple("copyright_policy.present", evidence_of("copyright_policy", listing)[0]),
        _architecture(text, called),
        _hardware(text, called),
    ]


def _structure(text: tuple[Passage, ...], called: Names) -> dict[str, Evidence]:
    """Numbers of the design that the documents give: layers, width, heads, experts, ..."""
    found: dict[str, Evidence] = {}
    for name in DESIGN:
        rule = f"documents.design_{name.replace(' ', '_').replace('-', '_')}"
        own = [h for h in hits(rule, text, called) if not re.search(r"(?i)fine-?tun|lora", h.heading)]
        if own:
            found[name] = own[0].evidence
    return found


def _architecture(text: tuple[Passage, ...], called: Names) -> Fact:
    fact_id = "architecture_description.present"
    structure = _structure(text, called)
    if len(structure) >= 2:
        return Fact(id=fact_id, status="proved", value="with numbers", evidence=tuple(structure.values())[:5],
                    note=", ".join(structure))  # fmt: skip
    described = [hit.evidence for hit in hits("documents.design_in_words", text, called)]
    if structure or described:
        value = "one number" if structure else "in words"
        return Fact(id=fact_id, status="proved", value=value, evidence=(*structure.values(), *described)[:3])
    return unchecked(fact_id)


def _hardware(text: tuple[Passage, ...], called: Names) -> Fact:
    found = [hit.evidence for hit in hits("documents.hardware", text, called) if not _is_deployment(hit)]
    if found:
        return Fact(id="hardware_description.present", status="proved", evidence=tuple(found[:4]))
    return unchecked("hardware_description.present", "no hardware of training is named")


def _is_deployment(hit: Hit) -> bool:
    last = hit.heading.rsplit(" > ", 1)[-1]
    if _word("of_training").search(hit.sentence.text):
        return bool(re.search(r"(?i)fine-?tun|lora", last))
    return bool(_word("deployment").search(f"{last} {hit.sentence.text}")) or not _word("of_training").search(last)


def _model_card(subject: Subject, text: tuple[Passage, ...], called: Names) -> list[Fact]:
    cards = [
        d
        for d in subject.documents
        if (is_card(d) and not is_data_card(d) and d.lines[:1] != ("",)) or _is_hub_card(subject, d)
    ]
    cards = [d for d in dict.fromkeys(cards) if _kind(subject, d) != "dataset"]
    if not cards:
        linked = [hit.evidence for hit in hits("documents.card_linked", text, called)]
        note = (
            "a model card is named, on a page outside the evidence"
            if linked
            else "no model card in the evidence; it may stand on a hub page"
        )
        outside = Fact(
            id="model_card.present", status="unknown", gap="unreachable", evidence=tuple(linked[:2]), note=note
        )
        return [outside, with_id(outside, "model_card.complete")]
    files = tuple(_whole(d, "card.file") for d in cards[:3])
    present = Fact(id="model_card.present", status="proved", evidence=files)
    told = _told(cards, called)
    long_enough = max(len(d.lines) for d in cards) >= MIN_CARD_LINES
    return [present, _told_of("model_card.complete", told, (*CARD_TOPICS, "architecture"), is_long=long_enough)]


def _whole(document: Document, rule: str) -> Evidence:
    """A document being there, as evidence."""
    return Evidence(file=document.where, lines=(1, len(document.lines)), quote=_first_words(document), rule=rule)


def _told_of(
    fact_id: str, told: dict[str, Evidence], needed: Iterable[str], *, is_long: bool = True, may_miss: int = 0
) -> Fact:
    """Whether a card treats what one should; that no word of a topic was found in it refutes nothing."""
    topics = sorted(needed)
    missing = [topic for topic in topics if topic not in told]
    value, evidence = f"{len(topics) - len(missing)} of {len(topics)} topics", tuple(told.values())[:5]
    if len(missing) <= may_miss and is_long:
        return Fact(id=fact_id, status="proved", value=value, evidence=evidence, note="treats its topics")
    note = f"no word was found of: {', '.join(missing)}" if missing else "it is short"
    return Fact(id=fact_id, status="unknown", gap="missing", value=value, evidence=evidence, note=note)


def _told(documents: list[Document], called: Names) -> dict[str, Evidence]:
    """The topics of a model card that some documents treat, each with where."""
    design = _structure(tuple(prose(documents)), called)
    topics = _topics(documents, "card", CARD_TOPICS)
    return topics | ({"architecture": next(iter(design.values()))} if len(design) >= 2 else {})


def _is_hub_card(subject: Subject, document: Document) -> bool:
    return document.path == "README.md" and _kind(subject, document) == "model"


def _kind(subject: Subject, document: Document) -> str:
    return next(s.kind for s in subject.snapshots if s.name == document.snapshot)


def _topics(documents: list[Document], card: str, wanted: Iterable[str]) -> dict[str, Evidence]:
    found: dict[str, Evidence] = {}
    for passage in prose(documents):
        for name in wanted:
            pattern, rule = _word(f"{card}_{name}"), f"{card}.topic.{name.replace(' ', '_')}"
            if name not in found and pattern.search(passage.heading):
                found[name] = passage.evidence(None, rule)
            elif name not in found and (match := pattern.search(passage.text)) and len(passage.text) > 120:
                found[name] = passage.evidence(match, rule)
    return found


def _data_card(subject: Subject, speaking: list[Document], text: tuple[Passage, ...], called: Names) -> list[Fact]:
    """A data card: a file of that name, or the readme of a repository that holds or makes the data."""
    named = [d for d in subject.documents if is_data_card(d)]
    datasets = [d for d in subject.documents if _kind(subject, d) == "dataset" and d.path == "README.md"]
    about = [d for d in speaking if _is_about_data(d)]
    pointed = [hit.evidence for hit in hits("documents.data_card_linked", text, called)]
    documents = [*named, *datasets, *about]
    if not documents and not pointed:
        return [unchecked("data_card.present", "no data card in the evidence"), unchecked("data_card.complete")]
    evidence = tuple(_whole(d, "data_card.file") for d in documents[:3])
    formal = bool(named or datasets or pointed)
    present = Fact(id="data_card.present", status="proved", value="data card" if formal else "readme of the data",
                   evidence=(*evidence, *pointed[:2]))  # fmt: skip
    if not (named or datasets):
        note = "the data's own pages are outside the evidence"
        return [present, Fact(id="data_card.complete", status="unknown", gap="unreachable",
                              evidence=present.evidence[:2], note=note)]  # fmt: skip
    told = _topics(documents, "data", DATA_TOPICS)
    return [present, _told_of("data_card.complete", told, DATA_TOPICS, may_miss=1)]


def _is_about_data(document: Document) -> bool:
    """A readme whose subject is a dataset: its title or its repository says so."""
    title = next((line for line in document.lines[:15] if line.strip().startswith("#")), "")
    head = " ".join(document.lines[:25])
    named = re.search(r"(?i)\bdata(?:set|[- ]prep\w*)?\b|corpus", f"{title} {document.snapshot}")
    return document.depth == 0 and bool(
        named or re.search(r"(?i)\b(?:is an? (?:open )?(?:dataset|corpus)|dataset of \d)", head)
    )


def _report(text: tuple[Passage, ...], called: Names, files: tuple[Evidence, ...]) -> Fact:
    linked = [hit.evidence for hit in hits("documents.report", text, called)]
    if not linked:
        linked = [p.evidence(m, "documents.report") for p in text
                  if _word("own_paper").search(p.text) and (m := _word("arxiv").search(p.text))]  # fmt: skip
    return _present_or_linked("technical_report.present", files, linked)


def _paper(documents: list[Document]) -> Fact:
    """A paper about this model: cited by its own documents in a citation block or by a link that calls it the paper."""
    own = [
        p.evidence(m, "paper.cited")
        for d in documents
        for p in passages(d)
        if (m := _word("arxiv").search(p.text)) and _is_own_citation(p)
    ]
    reviewed = [
        p.evidence(m, "paper.peer_reviewed")
        for d in documents
        for p in passages(d)
        if (m := PEER_REVIEWED.search(p.text)) and _is_own_citation(p)
    ]
    if own or reviewed:
        return Fact(id="research_paper.present", status="proved", value="peer-reviewed" if reviewed else "preprint",
                    evidence=(*reviewed[:2], *own[:2]), note="linked; its text was not read")  # fmt: skip
    return unchecked("research_paper.present", "no paper of its own is cited")


def _is_own_citation(passage: Passage) -> bool:
    return bool(_word("citing").search(passage.heading)) or (
        passage.first < 80 and bool(_word("introducing").search(passage.text))
    )


def _results(documents: list[Document], files: tuple[Evidence, ...]) -> Fact:
    tables = [p.evidence(m, "evaluation.table") for p in prose(documents)
              if (m := _word("result").search(p.text)) and _is_table(p.text)]  # fmt: skip
    return _present_or_linked("evaluation_results.present", (*tables[:3], *files[:2]), [])


def _is_table(text: str) -> bool:
    """Whether it has rows of numbers, or a picture."""
    return ".png" in text or ((text.count("|") > 12 or "<td" in text) and bool(re.search(r"\d\d\.\d", text)))


def _linked(component: str, rule: str, files: tuple[Evidence, ...], text: tuple[Passage, ...], called: Names) -> Fact:
    return _present_or_linked(f"{component}.present", files, [hit.evidence for hit in hits(rule, text, called)])


def _outputs(text: tuple[Passage, ...], called: Names, files: tuple[Evidence, ...]) -> Fact:
    shown = [hit.evidence for hit in hits("documents.sample_output", text, called)]
    return _present_or_linked("sample_outputs.present", (*files, *shown[:2]), [])


def _metadata(files: tuple[Evidence, ...], configs: tuple[Evidence, ...]) -> Fact:
    return _present_or_linked("model_metadata.present", (*files, *configs), [])


def _simple(fact_id: str, files: tuple[Evidence, ...]) -> Fact:
    return _present_or_linked(fact_id, files, [])


def _present_or_linked(fact_id: str, files: tuple[Evidence, ...], linked: list[Evidence]) -> Fact:
    if files:
        return Fact(id=fact_id, status="proved", value="in the evidence", evidence=tuple(files[:5]))
    if linked:
        return Fact(
            id=fact_id,
            status="proved",
            value="linked",
            evidence=tuple(linked[:3]),
            note="linked; not read",
        )
    return unchecked(fact_id)


def _first_words(document: Document) -> str:
    return next((line.strip()[:100] for line in document.lines if line.strip()), "")
