"""What the publisher calls the model, and where: "open source", "open weights", "open", "under an open license".

Only what a document says of its own model counts: a comparison with "other open-source models" is no claim, nor is a
sentence about the code. The strongest word found is the publisher's word.
"""

import re
from itertools import islice

from glasswright.audit.passages import Passage
from glasswright.audit.record import Evidence, Fact, unchecked
from glasswright.audit.subject import Subject
from glasswright.audit.voices import prose, root_voices

MAX_MATCHES = 20  # of one claim in one passage
NEAR = 400  # characters to each side that may qualify a claim

CLAIMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("open source", re.compile(
        r"(?i)\b(?:we (?:have |fully )?|are |is |been |be |were |was )?open-?\s?sourc(?:ed|ing)\b|\b(?:our|the|this|an?|new generation of|next generation of|fully|first|generation)\b"
        r"[^.|]{0,60}\bopen[- ]source(?:d)?\b[^.|]{0,40}\b(?:model|LLM|language model|series|release|family|suite|licen[sc]e)|fully[- ]open(?:[- ]sourced?)?\b"
        r"|open source licen[sc]e|一代开源(?:大?语言)?大?模型|我们[^。]{0,15}开源了?(?!模型)")),
    ("open weights", re.compile(r"(?i)open[- ]weights?\b")),
    ("open", re.compile(
        r"(?i)\bopen (?:language |large language |foundation |pre-?trained )?(?:models?|LLM|access|approach)\b|\bopen,? (?:general-purpose |large )|openly releas|under an open licen[sc]e"
        r"|principles of openness|open large language model")),
)  # fmt: skip
COMPARISON = re.compile(
    r"(?i)\b(?:other|existing|all|many of the|available|previous|among|compared|outperform\w*|surpass\w*|than|of the available|comparable|leading|rivals?)\b[^.]{0,60}open[- ]?(?:source|weight)"
    r"|open[- ]?source[^.]{0,30}\b(?:community|communities|projects?|software|tool|tools|library|libraries|ecosystem|framework|inference|alternatives?|contribut\w*|hardware|world|parties)\b"
    r"|third[- ]party|\bnot (?:been )?open|\bplatform\b|\"\[|\[[^\]\[]{0,100}open[^\]\[]{0,100}\]\(https?://(?:arxiv|aclanthology|openreview)"
    r"|state-of-the-art[^.]{0,30}(?:among|open)|ranked|open[- ]source[^.]{0,20}and closed|performance among open|best open|[Oo]penness of"
)
ABOUT_CODE = re.compile(
    r"(?i)\b(?:code|framework|library|software|toolkit|repo|training-data)\b[^.]{0,40}open[- ]?sourc|open[- ]?sourc\w*[^.]{0,30}\b(?:code|framework|library|toolkit|evaluation)\b"
)


def claim_facts(subject: Subject) -> list[Fact]:
    """The publisher's own word for the model."""
    for word, pattern in CLAIMS:
        found = [e for p in prose(root_voices(subject)) for e in _claims(p, pattern, word)]
        if found:
            return [Fact(id="publisher.claim", status="proved", value=word, evidence=tuple(found[:4]))]
    return [unchecked("publisher.claim", "the publisher's own word for it was not found in the evidence")]


def _claims(passage: Passage, pattern: re.Pattern[str], word: str) -> list[Evidence]:
    if re.search(r"@(?:misc|article|inproceedings)", passage.text):
        return []
    found = []
    for match in islice(pattern.finditer(passage.text), MAX_MATCHES):
        sentence = _sentence(passage.text, match)
        if not COMPARISON.search(sentence) and not ABOUT_CODE.search(sentence):
            found.append(passage.evidence(match, f"claim.{word.replace(' ', '_')}"))
    return found


def _sentence(text: str, match: re.Match[str]) -> str:
    """The sentence or table cell around a match, as far as it is near."""
    low, high = max(0, match.start() - NEAR), min(len(text), match.end() + NEAR)
    start = max(text.rfind(". ", low, match.start()), text.rfind("|", low, match.start())) + 1
    end = text.find(". ", match.end(), high)
    return text[max(low, start) : end if end > 0 else high]
