"""What licenses ask of whoever passes on a work made from another: what each kind of duty is, and how texts word it.

    find_duty(text, "display", "1.b.i")   -> Passage(section="1.b.i", lines=(25, 25), quote="you shall ... display ...")
    find_limits(text)["non_commercial"]   -> the sentence that takes it away

Which license asks for which stands in `model_licenses.toml`; what a license takes away, in `clauses`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from glasswright.licenses.clauses import CLAUSES, find_clauses
from glasswright.licenses.sections import Section, split_sections

QUOTE_LENGTH = 400
SENTENCE_END = re.compile(r"[.;](?=\s)(?<!\bInc\.)(?<!\be\.g\.)(?<!\bi\.e\.)|。")
WORDINGS = {rule.id: rule.pattern for rule in CLAUSES}
OBLIGES = re.compile(
    r"(?i)\b(?:must|shall|will not|can ?not|may not|agree)\b"
)  # what else has the words defines or announces


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of duty: what it asks, and how licenses word it."""

    means: str
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Passage:
    """Where a license asks for something."""

    section: str  # "" where the text has no numbers
    lines: tuple[int, int]
    quote: str


def _kind(means: str, *wordings: str) -> Kind:
    return Kind(means, re.compile("|".join(f"(?:{wording})" for wording in wordings), re.IGNORECASE))


KINDS: dict[str, Kind] = {
    "license_copy": _kind(
        "a copy of the license goes with it",
        r"\bcopy of (?:this|the) (?:licen[sc]e|agreement)",
        r"permission notice shall be included|retain the above copyright",
        r"(?:include|reproduce|retain)[^.;]{0,60}\b(?:this|the) licen[sc]e\b",
    ),
    "notice": _kind(
        "a file with its notice goes with it",
        r"[“\"'‘]notice[”\"'’] (?:text )?file",
        r"\battribution notices? within\b",
    ),
    "display": _kind(
        "words of its makers are shown",
        r"(?:prominently|clearly) (?:display|state)",
        r"\b(?:built|powered|improved) (?:with|by|using) [A-Z]",
    ),
    "name": _kind(
        "its name begins with a name of theirs",
        r"include [“\"'‘][^”\"'’]{1,40}[”\"'’]\s+at\s+the\s+beginning",
        r"\bname[^.;]{0,40}(?:begin|start)s? with [“\"'‘]",
    ),
    "use_policy": _kind(
        "their policy of use is passed on",
        r"\b(?:acceptable|prohibited) uses? polic(?:y|ies)",
        r"\buse[- ](?:based )?restrictions\b",
    ),
    "same_terms": _kind(
        "it is under the same terms",
        r"\bsame licen[sc]e\b|\blicen[sc]e elements\b|adapter.s licen[sc]e you apply",
        r"enforceable provisions?",
        r"licen[sc]e the entire work|noncommercial purposes only",
        r"\bcopy of (?:this|the) (?:licen[sc]e|agreement)",
        r"otherwise complies with",
    ),
    "changes": _kind(
        "it is said what was changed",
        r"modified files\b[^.;]{0,60}\bnotices",
        r"\b(?:stating|indicate|state|notice)\b[^.;]{0,20}\b(?:that|if) you (?:changed|modified)",
        r"work must carry prominent notices stating that you modified",
    ),
    "attribution": _kind(
        "its makers are named, and their notices kept",
        r"retain[^.;]{0,80}\b(?:copyright|attribution|identification of the creator)",
        r"retain the following if it is supplied",
        r"above copyright notice",
        r"\bappropriate (?:credit|attribution)",
    ),
    "no_training": _kind(
        "what it puts out trains no model of another family",
        r"not use[^.;]{0,160}\bto (?:improve|train|develop|create)\b[^.;]{0,60}\bmodel",
    ),
}


def find_duty(text: str, kind: str, section: str = "") -> Passage | None:
    """Where a license text asks for a kind of duty.

    A sentence that obliges comes before one that does not, and then one in `section` or below it before any other.
    """
    found = [passage for it in split_sections(text) for passage in _passages(it, KINDS[kind].pattern)]
    return min(
        found, key=lambda it: (OBLIGES.search(it.quote) is None, not _is_within(it.section, section)), default=None
    )


def find_limits(text: str) -> dict[str, Passage]:
    """The sentence in which a license text first takes each thing away, by the clause's id."""
    sections = split_sections(text)
    found: dict[str, Passage] = {}
    for clause in find_clauses(text):
        said = [it for section in sections for it in _passages(section, WORDINGS[clause.id])]
        there = (it for it in said if it.section == clause.section and it.lines[0] <= clause.lines[0] <= it.lines[1])
        found.setdefault(clause.id, next(there, Passage(clause.section, clause.lines, clause.quote)))
    return found


def _is_within(number: str, section: str) -> bool:
    return bool(section) and (number == section or number.startswith(f"{section}."))


def _passages(section: Section, pattern: re.Pattern[str]) -> Iterator[Passage]:
    for match in pattern.finditer(section.text):
        start, end = _sentence(section.text, match)
        quote = " ".join(section.text[start:end].split())
        quote = quote if len(quote) <= QUOTE_LENGTH else f"{quote[: QUOTE_LENGTH - 1]}…"
        yield Passage(section.number, (section.line_at(start), section.line_at(max(start, end - 1))), quote)


def _sentence(text: str, match: re.Match[str]) -> tuple[int, int]:
    """The sentence around a match; a list's items are sentences of their own."""
    ends = [end.end() for end in SENTENCE_END.finditer(text)]
    start = max((end for end in ends if end <= match.start()), default=0)
    end = min((end for end in ends if end >= match.end()), default=len(text))
    start += len(text[start:end]) - len(text[start:end].lstrip())
    return start, end
