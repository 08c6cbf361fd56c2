"""The documents: model card, data card, report, paper, evaluation results, and what they tell of hardware and design.

A card that stands on a page outside the evidence is unreachable, not missing. How much a card tells is counted in
topics: each topic is proved by the passage that treats it.
"""

import re

from glasswright.audit.code_rules import evidence_of
from glasswright.audit.listing_rules import search_listing
from glasswright.audit.passages import Passage, passages
from glasswright.audit.record import Evidence, Fact, unchecked
from glasswright.audit.subject import Document, Subject
from glasswright.audit.voices import is_card, prose, voices

MIN_CARD_LINES = 30

ARXIV = re.compile(
    r"arxiv\.org/(?:abs|pdf)/\d{4}\.\d{4,5}|eprint\s*=\s*[{\"]\d{4}\.\d{4,5}|huggingface\.co/papers/\d{4}\.\d{4,5}",
    re.IGNORECASE,
)
OWN_PAPER = re.compile(
    r"(?i)(?:tech(?:nical)? ?report|our paper|\bpaper\b|preprint|please cite|citation|research paper)"
)
PEER_REVIEWED = re.compile(
    r"@inproceedings\s*\{|booktitle\s*=\s*[{\"](?!.*arxiv)|journal\s*=\s*[{\"](?!arxiv|corr)[^}\"]*(?:journal|transactions|nature|proceedings|JMLR|TACL)",
    re.IGNORECASE,
)
REPORT_LINK = re.compile(
    r"(?i)\[[^\]\[]{0,80}(?:tech(?:nical)?\s*report|research paper|whitepaper|paper)[^\]\[]{0,80}\]\(\s*\S+|href=\"[^\"]{1,200}\.pdf\"|goo\.gle/\w*report|technical report:\s*https?://\S+"
)

TRAINING_HARDWARE = re.compile(
    r"(?i)\b[\d.,]+\*{0,2}\s*(?:K|M|k|million)?\s*(?:\w+ ){0,2}GPU[- ]hours|\b\d+\s*(?:x\s*)?(?:\d+x)?(?:NVIDIA |Nvidia )?(?:A100|H100|H800|V100|H200|A800|MI250X?|TPU ?v\d)s?\b|TPU ?v\d(?:-\d+)? pods?"
    r"|(?:trained|training|pre-?trained)[^.]{0,80}(?:A100|H100|H800|V100|MI250|TPU|GPUs|supercluster|research super ?cluster)"
)
DEPLOYMENT = re.compile(
    r"(?i)inference|deploy|serve|quantiz|minimum|requirement|recommended|run (?:the|on)|finetun|fine-tun|VRAM|single GPU|testing was|tested on|download|load"
)
OTHER_HARDWARE = re.compile(r"(?i)deploy|fine-?tun|quantiz|hardware requirement|inference|quick ?start|lora")
STRUCTURE: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("layers", re.compile(r"(?i)\b(?:n_?)?layers?\b\W{0,12}\d|\b\d+\s*layers\b|\| *layers|hidden layers|\bn_layers\b")),
    ("width", re.compile(r"(?i)hidden[ _-]size|\bd_model|embedding size|\bn_embd\b|model dim|hidden dim")),
    ("heads", re.compile(r"(?i)attention heads|\bn_heads\b|q heads|kv heads|\d+ (?:for )?(?:queries|query heads)")),
    ("experts", re.compile(r"(?i)\b\d+\s*experts\b|\d+B?x\d+E\b|experts utilization|activates? \d+ experts")),
    ("active parameters", re.compile(r"(?i)\d+(?:\.\d+)?\s*B?\s*(?:\(?activated|active(?: parameters)?)|activated params|#activated")),
    ("vocabulary", re.compile(r"(?i)vocab(?:ulary)?(?: size| of)?\W{0,12}\d[\d,.]*K?")),
    ("feed-forward", re.compile(r"(?i)intermediate size|ffn|mlp (?:dim|hidden)|feed-?forward (?:dim|size)")),
)  # fmt: skip
ARCHITECTURE_PROSE = re.compile(
    r"(?i)(?:auto-?regressive|decoder-only|transformer(?:-based| model| architecture| decoder)|mixture[- ]of[- ]experts|state space|recurrent|grouped[- ]query|rotary|multi-head latent)"
)

CARD_TOPICS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("training data", re.compile(r"(?i)training data|pre-?trained on|data ?sets?|corpus")),
    (
        "training procedure",
        re.compile(
            r"(?i)training (?:procedure|details|factors|process|stack|regime|hyperparameters)|learning rate|GPU[- ]hours|compute infrastructure|hyperparameter|stage 1|optimizer"
        ),
    ),
    ("tuning", re.compile(r"(?i)fine-?tun|instruction|SFT|DPO|RLHF|post-?train|alignment")),
    ("evaluation", re.compile(r"(?i)evaluation|benchmark|results")),
    ("intended use", re.compile(r"(?i)intended use|uses\b|out[- ]of[- ]scope|use cases")),
    ("limitations", re.compile(r"(?i)limitations?|bias|risks?|ethical")),
)
DATA_TOPICS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("sources", re.compile(r"(?i)source|subset|composition|common ?crawl|collected from|provenance")),
    ("size", re.compile(r"(?i)tokens|documents|rows|examples|size|\bTB\b|\bGB\b")),
    ("selection", re.compile(r"(?i)filter|quality|dedup|clean|curat|select|decontamin|tagg")),
    ("license", re.compile(r"(?i)licen[sc]e|terms|odc|copyright")),
    ("personal data", re.compile(r"(?i)\bpii\b|personal(?:ly)? identif|privacy|toxic|bias")),
    ("access", re.compile(r"(?i)download|available|huggingface\.co/datasets|load_dataset")),
)
RESULT_TABLE = re.compile(
    r"(?i)\b(?:MMLU|HellaSwag|ARC|GSM-?8K|HumanEval|BBH|WinoGrande|LAMBADA|TriviaQA|C-?Eval|GLUE|SuperGLUE|PIQA|perplexity|accuracy|score)\b"
)
SAMPLE_OUTPUT = re.compile(
    r"(?i)(?:sample|example) (?:outputs?|generations?|completions?)|\*\*generation\*\*|### output|\boutput\b.{0,20}⬇"
)
NAMED_DATASHEET = re.compile(
    r"(?i)\[?data ?sheets?\]?\s*\((?:https?:)|data ?card\]\(|\[datasheet\]|datasheet for the|dataset card"
)


def document_facts(subject: Subject) -> list[Fact]:
    """What documents there are and how much they tell."""
    listing = [f for snapshot in subject.snapshots for f in search_listing(snapshot)]
    speaking = voices(subject)
    structure = _structure(speaking)
    return [
        *_model_card(subject),
        *_data_card(subject, speaking),
        _report(speaking, evidence_of("technical_report", listing)[0]),
        _paper(speaking),
        _results(speaking, evidence_of("evaluation_results", listing)[0]),
        _evaluation_data(evidence_of("evaluation_data", listing)[0], speaking),
        _outputs(speaking, evidence_of("sample_outputs", listing)[0]),
        _metadata(evidence_of("model_metadata", listing)[0], evidence_of("training_config", listing)[0]),
        _simple("training_summary.present", evidence_of("training_summary", listing)[0]),
        _simple("copyright_policy.present", evidence_of("copyright_policy", listing)[0]),
        _architecture(structure, speaking),
        _hardware(speaking),
    ]


def _structure(documents: list[Document]) -> dict[str, Evidence]:
    """Numbers of the design that the documents give: layers, width, heads, experts, ..."""
    found: dict[str, Evidence] = {}
    for passage in prose(documents):
        if re.search(r"(?i)fine-?tun|lora", passage.heading):
            continue
        for name, pattern in STRUCTURE:
            if name not in found and (match := pattern.search(passage.text)):
                found[name] = passage.evidence(match, f"design.{name.replace(' ', '_')}")
    return found


def _architecture(structure: dict[str, Evidence], documents: list[Document]) -> Fact:
    fact_id = "architecture_description.present"
    if len(structure) >= 2:
        return Fact(
            id=fact_id,
            status="proved",
            value="with numbers",
            evidence=tuple(list(structure.values())[:5]),
            note=", ".join(structure),
        )
    words = [
        p.evidence(m, "design.prose")
        for p in prose(documents)
        if (m := ARCHITECTURE_PROSE.search(p.text)) and not re.search(r"@misc|@article", p.text)
    ]
    if structure or words:
        value = "one number" if structure else "in words"
        return Fact(id=fact_id, status="proved", value=value, evidence=tuple([*structure.values(), *words][:3]))
    return unchecked(fact_id)


def _hardware(documents: list[Document]) -> Fact:
    found = [
        p.evidence(m, "hardware.training")
        for p in prose(documents)
        if (m := TRAINING_HARDWARE.search(p.text))
        and not OTHER_HARDWARE.search(f"{p.heading} {p.document.path}")
        and not _about_deployment(p, m)
        and not re.search(r"@misc|@article", p.text)
    ]
    if found:
        return Fact(id="hardware_description.present", status="proved", evidence=tuple(found[:4]))
    return unchecked("hardware_description.present", "no hardware of training is named")


def _about_deployment(passage: Passage, match: re.Match[str]) -> bool:
    around = passage.text[max(0, match.start() - 160) : match.end() + 100]
    said_of_training = re.search(
        r"(?i)(?<!fine-)(?<!fine)\b(?:pre-?)?train(?:ed|ing)\b|GPU[- ]hours|stage [123]", around
    )
    return bool(DEPLOYMENT.search(f"{passage.heading.rsplit(' > ', 1)[-1]} {around}")) and not said_of_training


def _model_card(subject: Subject) -> list[Fact]:
    cards = [
        d
        for d in subject.documents
        if (is_card(d) and not re.search(r"(?i)data[-_ ]?(card|sheet)", d.name) and d.lines[:1] != ("",))
        or _is_hub_card(subject, d)
    ]
    cards = [d for d in dict.fromkeys(cards) if _kind(subject, d) != "dataset"]
    if not cards:
        linked = [
            p.evidence(m, "card.linked")
            for p in prose(voices(subject))
            if (m := re.search(r"(?i)model ?card[^\n]{0,80}https?://\S+|\[available\]\(https://huggingface", p.text))
        ]
        note = (
            "a model card is named, on a page outside the evidence"
            if linked
            else "no model card in the evidence; it may stand on a hub page"
        )
        return [Fact(id="model_card.present", status="unknown", gap="unreachable", evidence=tuple(linked[:2]), note=note),
                Fact(id="model_card.complete", status="unknown", gap="unreachable", note=note)]  # fmt: skip
    present = Fact(id="model_card.present", status="proved",
                   evidence=tuple(Evidence(file=d.where, lines=(1, len(d.lines)), quote=_first_words(d), rule="card.file") for d in cards[:3]))  # fmt: skip
    topics = _topics(cards, CARD_TOPICS)
    in_cards = _structure(cards)
    told = {**topics, **({"architecture": next(iter(in_cards.values()))} if len(in_cards) >= 2 else {})}
    needed = {*(name for name, _ in CARD_TOPICS), "architecture"}
    missing = sorted(needed - set(told))
    long_enough = max(len(d.lines) for d in cards) >= MIN_CARD_LINES
    if not missing and long_enough:
        return [
            present,
            Fact(
                id="model_card.complete",
                status="proved",
                evidence=tuple(told.values()),
                note="treats every topic",
            ),
        ]
    return [present, Fact(id="model_card.complete", status="refuted", gap="missing", value=f"{len(told)} of {len(needed)} topics",
                          evidence=tuple(list(told.values())[:5]), note=f"not told with any detail: {', '.join(missing)}")]  # fmt: skip


def _is_hub_card(subject: Subject, document: Document) -> bool:
    return document.path == "README.md" and _kind(subject, document) == "model"


def _kind(subject: Subject, document: Document) -> str:
    return next(s.kind for s in subject.snapshots if s.name == document.snapshot)


def _topics(documents: list[Document], wanted: tuple[tuple[str, re.Pattern[str]], ...]) -> dict[str, Evidence]:
    found: dict[str, Evidence] = {}
    for passage in prose(documents):
        for name, pattern in wanted:
            if name not in found and (match := pattern.search(passage.heading)):
                found[name] = passage.evidence(None, f"card.topic.{name.replace(' ', '_')}")
            elif name not in found and (match := pattern.search(passage.text)) and len(passage.text) > 120:
                found[name] = passage.evidence(match, f"card.topic.{name.replace(' ', '_')}")
    return found


def _data_card(subject: Subject, speaking: list[Document]) -> list[Fact]:
    """A data card: a file of that name, or the readme of a repository that holds or makes the data."""
    named = [d for d in subject.documents if re.search(r"(?i)data[-_ ]?(card|sheet|statement)|datasheet", d.name)]
    datasets = [d for d in subject.documents if _kind(subject, d) == "dataset" and d.path == "README.md"]
    about = [d for d in speaking if _is_about_data(d)]
    pointed = [p.evidence(m, "data_card.linked") for p in prose(speaking) if (m := NAMED_DATASHEET.search(p.text))]
    documents = [*named, *datasets, *about]
    if not documents and not pointed:
        return [unchecked("data_card.present", "no data card in the evidence"), unchecked("data_card.complete")]
    evidence = tuple(
        Evidence(file=d.where, lines=(1, len(d.lines)), quote=_first_words(d), rule="data_card.file")
        for d in documents[:3]
    )
    topics = _topics(documents, DATA_TOPICS)
    formal = bool(named or datasets or pointed)
    present = Fact(id="data_card.present", status="proved", value="data card" if formal else "readme of the data",
                   evidence=(*evidence, *pointed[:2]))  # fmt: skip
    full = len(topics) >= len(DATA_TOPICS) - 1 and (named or datasets)
    if full:
        return [
            present,
            Fact(id="data_card.complete", status="proved", evidence=tuple(topics.values())),
        ]
    if not (named or datasets):
        return [
            present,
            Fact(
                id="data_card.complete",
                status="unknown",
                gap="unreachable",
                evidence=present.evidence[:2],
                note="the data's own pages are outside the evidence",
            ),
        ]
    return [present, Fact(id="data_card.complete", status="refuted", gap="missing", evidence=tuple(list(topics.values())[:4]) or present.evidence, value=f"{len(topics)} of {len(DATA_TOPICS)} topics")]  # fmt: skip


def _is_about_data(document: Document) -> bool:
    """A readme whose subject is a dataset: its title or its repository says so."""
    title = next((line for line in document.lines[:15] if line.strip().startswith("#")), "")
    head = " ".join(document.lines[:25])
    named = re.search(r"(?i)\bdata(?:set|[- ]prep\w*)?\b|corpus", f"{title} {document.snapshot}")
    return document.depth == 0 and bool(
        named or re.search(r"(?i)\b(?:is an? (?:open )?(?:dataset|corpus)|dataset of \d)", head)
    )


def _report(documents: list[Document], files: tuple[Evidence, ...]) -> Fact:
    linked = [
        p.evidence(m, "report.linked")
        for p in prose(documents)
        if (m := REPORT_LINK.search(p.text) or (ARXIV.search(p.text) if OWN_PAPER.search(p.text) else None))
    ]
    return _present_or_linked("technical_report.present", files, linked)


def _paper(documents: list[Document]) -> Fact:
    """A paper about this model: cited by its own documents in a citation block or by a link that calls it the paper."""
    own = [
        p.evidence(m, "paper.cited")
        for d in documents
        for p in passages(d)
        if (m := ARXIV.search(p.text)) and _is_own_citation(p)
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
    if re.search(r"(?i)cit(?:e|ation|ing)|reference|bibtex", passage.heading):
        return True
    return (
        bool(
            re.search(
                r"(?i)tech(?:nical)? report|our (?:\[?\w+ )?paper|alt=\"paper|\[paper\]|paper url|> paper:|paper link|\(OPT|about (?:the )?\w+",
                passage.text,
            )
        )
        and passage.first < 80
    )


def _results(documents: list[Document], files: tuple[Evidence, ...]) -> Fact:
    tables = [p.evidence(m, "evaluation.table") for p in prose(documents)
              if (m := RESULT_TABLE.search(p.text)) and (p.text.count("|") > 12 or "<td" in p.text or ".png" in p.text) and re.search(r"\d\d\.\d|png", p.text)]  # fmt: skip
    return _present_or_linked("evaluation_results.present", (*tables[:3], *files[:2]), [])


def _evaluation_data(files: tuple[Evidence, ...], documents: list[Document]) -> Fact:
    named = [
        p.evidence(m, "evaluation.data_named")
        for p in prose(documents)
        if (
            m := re.search(
                r"(?i)(?:huggingface\.co/datasets/[\w./-]*eval[\w-]*|evals?\b[^.\n]{0,60}huggingface\.co/(?:datasets|collections)/\S+)",
                p.text,
            )
        )
    ]
    return _present_or_linked("evaluation_data.present", files, named)


def _outputs(documents: list[Document], files: tuple[Evidence, ...]) -> Fact:
    shown = [p.evidence(m, "outputs.shown") for p in prose(documents) if (m := SAMPLE_OUTPUT.search(p.text))]
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
