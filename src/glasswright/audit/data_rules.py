"""What is said of the training data: shared, named, or described so that nobody can tell what it was.

A passage speaks of training data if its heading or its words say so. Then:

    a dataset in reach      a link to a dataset's place, an entry in a card's `datasets:`   -> proved
    undisclosed             "publicly available sources", "proprietary", "in-house"         -> refuted
    a size and nothing else "trained on 3T tokens", no dataset named anywhere                -> unknown
    nothing said                                                                              -> unknown

Base and tuning data are told apart by the words around them. A dataset that is evaluated on is not training data.
"""

import re
from dataclasses import dataclass

from glasswright.audit.listing_rules import search_listing
from glasswright.audit.passages import Passage, front_matter
from glasswright.audit.record import Evidence, Fact, unchecked
from glasswright.audit.subject import Document, Subject
from glasswright.audit.voices import everything, prose, voices

MAX_EVIDENCE = 4

DATASET_PLACE = re.compile(
    r"(?:huggingface\.co|hf\.co)/datasets/[\w.-]+(?:/[\w.-]+)?|repo_type=[\"']dataset[\"']|zenodo\.org/records?/|tensorflow\.org/datasets/catalog/"
    r"|https?://(?:[\w-]+\.)*[\w-]*(?:data(?!br)|corpus|pile)[\w-]*\.[a-z]{2,}|https?://(?!github\.com|arxiv\.org)[\w./-]*(?:/pile|/corpus|/datasets?)/[\w./-]+"
    r"|(?:gs|s3)://[\w./-]*(?:c4|data|corpus|pajama)[\w./-]*|tfds[-\w]*\[|academictorrents\.com",
    re.IGNORECASE,
)
TRAINING_CONTEXT = re.compile(
    r"(?i)pre-?train(?:ing|ed)?(?: on| with| data| corpus| dataset)?|train(?:ed|ing) (?:on|data|corpus|dataset|sets?|mix|tokens?|for|with)"
    r"|(?:stage|data|training) mix|corpus|train (?:on|over)|data (?:preparation|composition|sources?)|trained over|datamix"
)
TRAINING_HEADING = re.compile(r"(?i)training data|data(?:set)?s?\b|pre-?training|corpus|data ?mix|dataset preparation")
TUNING_CONTEXT = re.compile(
    r"(?i)fine-?tun|instruction(?:[- ](?:tun|follow|data|set))?|\bSFT\b|\bDPO\b|\bRLHF\b|\bRL(?:VR)?\b|preference|post-?train|align(?:ed|ment)|chat model|reward|cold-start|distill"
)
EVALUATION_CONTEXT = re.compile(
    r"(?i)evaluat|benchmark|test set|HumanEval|MMLU|GSM-?8K|leaderboard|accuracy|zero-?shot|few-?shot|\d-shot|held-?out|decontaminat|needle"
)
SOMEBODYS_OWN = re.compile(
    r"(?i)sample (?:data|dataset)|example[_ ]datasets?|(?:your|custom|own) (?:own )?(?:data|dataset|task)|data(?:set)? format|small dataset from|toy dataset|such as|datasets like"
)
CITATION = re.compile(r"@(?:article|misc|inproceedings|techreport)\s*\{|booktitle|eprint\s*=")
COMPARISON = re.compile(r"(?i)\bother models\b|compared (?:to|with)|unlike|previous(?:ly)? (?:models|work)")

UNDISCLOSED = re.compile(
    r"(?i)(?:publicly[- ]available|public)\s+(?:online |web |internet |and licensed )*(?:data|sources|instruction datasets|content|text|information|documents)\b"
    r"|mix(?:ture)? of (?:publicly|public|licensed|proprietary|data|web)\b|(?:proprietary|in-house|internal|private|non-public) (?:training |pre-?training |instruction |high-quality |[\w-]+ )?"
    r"(?:data|datasets?|corpus|corpora)\b|human-annotated examples|synthetically generated examples|data from our vendors|data of text obtained from the internet"
    r"|\b(?:its own|our own|their own) (?:high-quality )?(?:training )?(?:data|datasets?|corpus)|multi-faceted approach to data collection"
    r"|carefully curated (?:data|tokens|corpus)|data (?:that )?we (?:have )?(?:already )?(?:had|collected|licensed)|collected by (?:\[|our)"
    r"|licensed data|large[- ]scale (?:high-quality )?(?:corpus|corpora|data)\b|additional instruction fine-?tuning data|(?:web|online) data\b|samples curated"
    r"|same data as|over [\d.]+ ?[MK]\+? (?:high-quality )?(?:samples|instances|examples)|[\d.]+ ?(?:M|K|million|thousand)\+? (?:[\w-]+ )?(?:samples|instances|examples)"
)
NOT_SHARED = re.compile(
    r"(?i)(?:(?:training |pre-?training |fine-?tuning )?(?:data|dataset|corpus)|datasets)\b[^.]{0,50}\b(?:cannot|can't|will not|won't|is not|are not|not be|never)\b[^.]{0,20}"
    r"(?:released?|shared?|published?|disclosed?|made public|publicly available|open)|(?:not|do not|cannot|unable to) (?:release|disclose|share|publish|open)[^.]{0,30}"
    r"(?:training |pre-?training )?(?:data|datasets?|corpus)"
)
SIZE_ONLY = re.compile(
    r"(?i)(?<![\w.])\d[\d.,]*\*{0,2}\s*(?:T\+?|B|TB|trillion|billion|万亿)\*{0,2}\s+(?:(?!param)[\w-]+,? ){0,4}(?:tokens?|corpus|corpora|of (?:text|data)|data)\b"
)
SHARED = re.compile(
    r"(?i)(?:we|to)\b[^.]{0,60}\b(?:release|provide|open-?source|publish|share|make available)[^.]{0,60}\b(?:our |the |all |fully[- ]prepared )?(?:pre-?training|training) (?:data|dataset|corpus|set)"
    r"|\[?(?:fully processed [\w ]*)?(?:pre-?training|training) (?:data|dataset)[^\]]{0,30}\]?\s*(?:\(http|\[)|dataset we created for[^.]{0,40}pre-?training is available"
)
NAMED_SOURCE = re.compile(
    r"\b(?:Common ?Crawl|mC4|C4|(?:the )?Pile|RedPajama\w*|SlimPajama|RefinedWeb|FineWeb(?:-Edu)?|Dolma|OSCAR|ROOTS|The Stack(?: v2)?|GitHub Code Clean|OpenWebText\d?"
    r"|OpenWebMath|Proof-?Pile\w*|peS2o|Wikipedia|Project Gutenberg|StackExchange|Stack Exchange|arXiv)\b"
)
BOTH = re.compile(
    r"(?i)\btrained and fine-?tuned|pre-?train\w* and (?:instruction|fine|post)|neither the pre-?training nor|training data\b(?![^.]*fine)"
)
TUNED_AT_ALL = re.compile(
    r"(?i)\b(?:SFT|RLHF|DPO)\b|supervised fine-?tun|instruction[- ]tuned|reinforcement learning|fine-?tuned (?:version|model|on)|chat (?:model|version)s?\b|instruct (?:model|version)s?\b"
)
ELSEWHERE = re.compile(
    r"(?i)\bgo to\b|can be found (?:in|at|here)|please (?:see|refer)|for (?:instruction|chat)[^.]{0,40}variants"
)
DATA_PREPARATION = re.compile(
    r"(?i)filter(?:ed|ing)|de-?duplicat|clean(?:ed|ing)|pre-?process(?:ed|ing)?|tagg(?:ed|ing)|toxicity|quality (?:classif|filter)|pii\b|language identification"
)


@dataclass(frozen=True, slots=True)
class DataEvidence:
    """What was found for one kind of training data."""

    in_reach: list[Evidence]
    undisclosed: list[Evidence]
    not_shared: list[Evidence]
    size_only: list[Evidence]
    named: list[Evidence]


def data_facts(subject: Subject, *, is_tuned: bool) -> list[Fact]:
    """What the evidence says of the training data; `is_tuned`: a tuned model is released."""
    documents = voices(subject)
    base, tuning = DataEvidence([], [], [], [], []), DataEvidence([], [], [], [], [])
    _dataset_snapshots(subject, base)
    _front_matter_datasets(documents, base, tuning)
    for passage in everything(documents):
        _weigh(passage, base, tuning)
    tuned = [
        p.evidence(m, "data.tuning_described")
        for p in prose(documents)
        if (m := TUNED_AT_ALL.search(p.text))
        and not CITATION.search(p.text)
        and not ELSEWHERE.search(p.text)
        and not p.text.lstrip().startswith("#")
    ]
    return [
        _judge("datasets_base", base),
        _judge_tuning(tuning, tuned if is_tuned else []),
        _preparation(documents),
    ]


def _weigh(passage: Passage, base: DataEvidence, tuning: DataEvidence) -> None:
    """Put what a passage says of training data where it belongs."""
    text = passage.text
    about = f"{passage.heading} {text}"
    if CITATION.search(text) or not (
        TRAINING_CONTEXT.search(about) or TRAINING_HEADING.search(passage.heading) or TUNING_CONTEXT.search(about)
    ):
        return
    for line_match in DATASET_PLACE.finditer(text):
        around = text[max(0, line_match.start() - 300) : line_match.end() + 120]
        sentence = _sentence(text, line_match)
        if SOMEBODYS_OWN.search(sentence) or (
            EVALUATION_CONTEXT.search(sentence) and not re.search(r"(?i)trained on", sentence)
        ):
            continue
        if not (
            TRAINING_CONTEXT.search(f"{passage.heading} {around}")
            or TRAINING_HEADING.search(passage.heading)
            or TUNING_CONTEXT.search(around)
        ):
            continue
        aim = tuning if _is_tuning(passage.heading, around) else base
        _add(aim.in_reach, passage.evidence(line_match, "data.linked"))
    if passage.is_code:
        return
    if (match := NAMED_SOURCE.search(text)) and not EVALUATION_CONTEXT.search(text) and re.search(r"(?i)train", about):
        _add(
            (tuning if _is_tuning(passage.heading, _sentence(text, match)) else base).named,
            passage.evidence(match, "data.named"),
        )
    if match := SHARED.search(text):
        _add(
            (tuning if _is_tuning("", match.group()) else base).in_reach, passage.evidence(match, "data.stated_shared")
        )
    if match := NOT_SHARED.search(text):
        for aim in (base, tuning) if not _is_tuning(passage.heading, text) else (tuning,):
            aim.not_shared.append(passage.evidence(match, "data.not_shared"))
    for match in UNDISCLOSED.finditer(text):
        around = _sentence(text, match)
        if any(p.search(around) for p in (EVALUATION_CONTEXT, COMPARISON, DATASET_PLACE)) or "your own" in around:
            continue
        if not (
            TRAINING_CONTEXT.search(f"{passage.heading} {around}")
            or TUNING_CONTEXT.search(around)
            or re.search(r"(?i)training data", text)
        ):
            continue
        for aim in (
            (base, tuning) if BOTH.search(around) else (tuning,) if _is_tuning(passage.heading, around) else (base,)
        ):
            _add(aim.undisclosed, passage.evidence(match, "data.undisclosed"))
    if (match := SIZE_ONLY.search(text)) and not COMPARISON.search(_sentence(text, match)):
        _add(base.size_only, passage.evidence(match, "data.size_only"))


def _add(places: list[Evidence], place: Evidence) -> None:
    """Keep a place once, however often it is found."""
    if all((known.file, known.lines) != (place.file, place.lines) for known in places):
        places.append(place)


def _is_tuning(heading: str, around: str) -> bool:
    if re.search(r"(?i)pre-?train|stage [12]\b|base model", around) and not re.search(
        r"(?i)fine-?tun|SFT|instruction", around
    ):
        return False
    return bool(
        TUNING_CONTEXT.search(around)
        or re.search(r"(?i)fine-?tun|instruct|SFT|post-?train", heading.rsplit(" > ", 1)[-1])
    )


def _sentence(text: str, match: re.Match[str]) -> str:
    start = (
        max(text.rfind(". ", 0, match.start()), text.rfind("|", 0, match.start()), text.rfind("<td", 0, match.start()))
        + 1
    )
    end = text.find(". ", match.end())
    return text[start : end if end >= 0 else match.end() + 200]


def _dataset_snapshots(subject: Subject, base: DataEvidence) -> None:
    for snapshot in subject.snapshots:
        if snapshot.kind == "dataset":
            base.in_reach.extend(
                e for f in search_listing(snapshot) if f.component == "dataset_files" for e in f.evidence[:2]
            )


def _front_matter_datasets(documents: list[Document], base: DataEvidence, tuning: DataEvidence) -> None:
    for document in documents:
        line, names = front_matter(document).get("datasets", (0, []))
        for name in names:
            evidence = Evidence(
                file=document.where, lines=(line, line), quote=f"datasets: {name}", rule="data.card_datasets"
            )
            (tuning if TUNING_CONTEXT.search(name) else base).in_reach.append(evidence)


def _judge(component: str, found: DataEvidence) -> Fact:
    fact_id = f"{component}.present"
    if found.not_shared and not found.in_reach:
        return Fact(id=fact_id, status="refuted", gap="missing", evidence=tuple(found.not_shared[:MAX_EVIDENCE]))
    if found.in_reach:
        against = (*found.not_shared, *found.undisclosed)[:2]
        return Fact(id=fact_id, status="proved", value="partly" if against else "linked",
                    evidence=(*found.in_reach[:MAX_EVIDENCE], *against),
                    note="some is in reach, some is described without a source" if against else "linked; the links were not followed")  # fmt: skip
    if found.named and (found.undisclosed or found.size_only):
        evidence = (*found.named[:2], *found.undisclosed[:1], *found.size_only[:1])
        return Fact(id=fact_id, status="proved", value="partly", evidence=evidence,
                    note="public sources are named, and not all of the data is in reach")  # fmt: skip
    if found.undisclosed:
        return Fact(id=fact_id, status="refuted", gap="missing", evidence=tuple(found.undisclosed[:MAX_EVIDENCE]),
                    note="the data is described, no source is named")  # fmt: skip
    if found.size_only:
        return Fact(id=fact_id, status="unknown", gap="unchecked", evidence=tuple(found.size_only[:MAX_EVIDENCE]),
                    note="of the data its size is given, and nothing else")  # fmt: skip
    return unchecked(fact_id, "nothing is said of this data")


def _judge_tuning(found: DataEvidence, tuned: list[Evidence]) -> Fact:
    fact = _judge("datasets_tuning", found)
    if fact.status == "unknown" and tuned:
        return Fact(id="datasets_tuning.present", status="unknown", gap="unchecked", evidence=tuple(tuned[:MAX_EVIDENCE]),
                    note="tuning is described, its data is not")  # fmt: skip
    if fact.status == "unknown":
        return unchecked("datasets_tuning.present", "no tuning is described")
    return fact


def _preparation(documents: list[Document]) -> Fact:
    found = [p.evidence(m, "data.preparation") for p in prose(documents)
             if (m := DATA_PREPARATION.search(p.text)) and TRAINING_CONTEXT.search(f"{p.heading} {p.text}") and not CITATION.search(p.text)]  # fmt: skip
    if found:
        return Fact(id="data_preparation.described", status="proved", evidence=tuple(found[:MAX_EVIDENCE]))
    return unchecked("data_preparation.described", "no filtering, cleaning or deduplication is described")
