"""A batch of documents, examined: text as it is learned from, language, and the reason to drop it, if there is one.

    1. normalize    mend encodings and line ends, take out invisible characters     always, unless switched off
    2. language     label it; drop what is in none of the wanted languages          `not_in_wanted_languages`
    3. C4's lines   leave out lines; drop a document with placeholder text          `has_placeholder_text`
    4. bad words    drop a document that says one of the recipe's list              `has_bad_word`
    5. rules        the first published rule that holds                             reason from `rules`
    6. mask         personal data and secrets                                       counted by kind

Of a conversation the contents of its messages are mended and masked, each by itself, and judged together; what is left
of it is asked again whether anybody can learn from it. Its lines are left alone.

What is found for a document depends on its text and the policy alone: never on the batch, its order or its size.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from glasswright.corpus.quality import bad_words, language, lines, pii
from glasswright.corpus.quality.measures import measure
from glasswright.corpus.quality.normalize import normalize
from glasswright.corpus.quality.rules import RULE_SETS, reasons
from glasswright.corpus.talks import fault
from glasswright.records.conversations import Talk, said
from glasswright.records.sources import Material

LINES_WITH_ENDING = "c4-line-endings"  # C4's lines with the rule that a line ends in punctuation
NAMES = (*RULE_SETS, LINES_WITH_ENDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What is asked of a document. By default: mend the text, label the language, drop nothing."""

    normalize: bool = True
    languages: tuple[str, ...] = ()  # ISO 639 codes; empty: all
    rules: tuple[str, ...] = ()  # names from NAMES
    bad_words: tuple[str, ...] = ()  # that no document may say
    mask_pii: bool = False
    material: Material = "texts"

    def __post_init__(self) -> None:
        unknown = sorted(set(self.rules) - set(NAMES))
        if unknown:
            raise ValueError(f"rules: expected some of {list(NAMES)}, got {unknown[0]!r}")

    @property
    def cleans_lines(self) -> bool:
        return "c4" in self.rules or LINES_WITH_ENDING in self.rules


@dataclass(slots=True, kw_only=True)
class Finding:
    """What was found in one document."""

    text: str  # as it is learned from, if it is kept
    language: str
    reason: str | None = None  # why it is dropped; None: nothing against it
    mended: Counter[str] = field(default_factory=Counter)  # by kind, see `normalize`
    lines_removed: Counter[str] = field(default_factory=Counter)  # by fault, see `lines`
    masked: Counter[str] = field(default_factory=Counter)  # by kind, see `pii`


def examine(texts: Sequence[str], policy: Policy) -> list[Finding]:
    """Examine texts; one finding each, in the order given."""
    findings = [_normalized(text, policy) for text in texts]
    labels = language.languages([said(finding.text, policy.material) for finding in findings])
    for finding, label in zip(findings, labels, strict=True):
        finding.language = label
        if policy.languages and label not in policy.languages:
            finding.reason = "not_in_wanted_languages"
    if policy.cleans_lines:
        _clean_lines(findings, policy)
    if policy.bad_words:
        _drop_bad_words(findings, policy)
    _apply_rules(findings, policy)
    if policy.mask_pii:
        _mask(findings, policy.material)
    if policy.material != "texts":
        for finding in _open(findings):
            finding.reason = fault(Talk.from_text(finding.text))
    return findings


def _open(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.reason is None]


def _normalized(text: str, policy: Policy) -> Finding:
    if not policy.normalize:
        return Finding(text=text, language=language.UNDETERMINED)
    mended: Counter[str] = Counter()

    def mend(content: str) -> str:
        normalized = normalize(content)
        mended.update(normalized.mended)
        return normalized.text

    return Finding(text=_changed(text, policy.material, mend), language=language.UNDETERMINED, mended=mended)


def _changed(text: str, material: Material, change: Callable[[str], str]) -> str:
    """A document whose words were changed: its text, or the contents of its messages one by one."""
    if material == "texts":
        return change(text)
    talk = Talk.from_text(text)
    return talk.saying([change(content) for content in talk.contents()]).text()


def _clean_lines(findings: list[Finding], policy: Policy) -> None:
    for finding in _open(findings):
        if lines.has_placeholder(finding.text):
            finding.reason = "has_placeholder_text"
            continue
        cleaned = lines.clean(finding.text, needs_ending=LINES_WITH_ENDING in policy.rules)
        finding.text, finding.lines_removed = cleaned.text, cleaned.removed


def _drop_bad_words(findings: list[Finding], policy: Policy) -> None:
    says = bad_words.finder(policy.bad_words)
    for finding in _open(findings):
        if says(said(finding.text, policy.material)):
            finding.reason = "has_bad_word"


def _apply_rules(findings: list[Finding], policy: Policy) -> None:
    rule_sets = [name for name in policy.rules if name in RULE_SETS]
    remaining = _open(findings)
    if not rule_sets or not remaining:
        return
    measures = measure([said(finding.text, policy.material) for finding in remaining])
    for finding, reason in zip(remaining, reasons(measures, rule_sets), strict=True):
        finding.reason = reason


def _mask(findings: list[Finding], material: Material) -> None:
    for finding in _open(findings):

        def mask(content: str, counts: Counter[str] = finding.masked) -> str:
            masked = pii.mask(content)
            counts.update(masked.counts)
            return masked.text

        finding.text = _changed(finding.text, material, mask)
