"""Clauses that close a license, found in any license text, known or not: which, where, and what they take away.

    find_clauses(text) -> [Clause(id="user_threshold", section="2", lines=(41, 41), quote="...", ...)]

Each rule is one row of `CLAUSES`: a pattern over the text of a section, in English or Chinese, and what it takes away.
Rules speak of what a clause says, never of who wrote it.
"""

import re
from dataclasses import dataclass

from glasswright.licenses.sections import Section, split_sections

QUOTE_LENGTH = 160
MAX_PLACES = 3


@dataclass(frozen=True, slots=True)
class ClauseRule:
    """One kind of clause: how it is worded and what it takes away."""

    id: str
    means: str
    pattern: re.Pattern[str]
    closes: bool = True  # OSAID: the freedom to use, study, modify or share is gone
    disqualifies_eu: bool = (
        True  # EU AI Act Art. 53(2), Commission guidelines: no longer a free and open-source license
    )
    unless: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause found in a text."""

    id: str
    means: str
    section: str  # "1.b.v", or "" where the text has no numbers
    lines: tuple[int, int]
    quote: str
    closes: bool
    disqualifies_eu: bool


def _pattern(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{a})" for a in alternatives), re.IGNORECASE)


NUMBER = r"(?:(?:\d[\d,.]*|one|ten)\s*(?:million|billion)|\d{1,3}(?:,\d{3})+|\d{6,}|\d+\s*万)"

CLAUSES: tuple[ClauseRule, ...] = (
    ClauseRule(
        "user_threshold",
        "rights end above a number of users",
        _pattern(
            rf"{NUMBER}\s+(?:\w+\s+){{0,2}}(?:active )?users\b",
            r"(?:users?|MAU|DAU)\)?[^.;]{0,80}(?:greater|more|fewer|less|lower) than " + NUMBER,
            r"(?:日均|月活|月度|每日|每月)[^。]{0,20}(?:用户|活跃)[^。]{0,40}\d+\s*[万亿]",
        ),
    ),
    ClauseRule(
        "revenue_threshold",
        "other terms, or a fee, above an amount of revenue",
        _pattern(
            r"(?:US ?)?(?:\$|dollars?|USD)[^.;]{0,60}\brevenues?\b",
            r"\brevenues?\b[^.;]{0,80}(?:\$\s?\d|\d+\s*(?:million|billion) (?:US )?dollars)",
            r"attributable revenue[^.;]{0,80}royalt",
        ),
    ),
    ClauseRule(
        "output_use",
        "outputs may not improve other models",
        _pattern(
            r"not use[^.;]{0,160}(?:outputs?|results?|materials|model\w*|derivatives)[^.;]{0,120}to (?:improve|train|develop|create|build)"
            r"[^.;]{0,60}(?:other|another|competing|any) (?:[\w-]+ ){0,4}models?",
            r"not use[^.;]{0,80}to (?:improve|train|develop) any other (?:[\w-]+ ){0,3}models?",
        ),
    ),
    ClauseRule(
        "naming_duty",
        "products or models must carry a name or display a notice on their face",
        _pattern(
            r"prominently display",
            r"include [“\"'‘][^”\"'’]{1,40}[”\"'’] (?:at the beginning of|in)[^.;]{0,40}\bname",
            r"(?:Built|Powered|Improved) with [A-Z]\w+[^.;]{0,80}(?:display|user interface|website)",
        ),
        disqualifies_eu=False,
    ),
    ClauseRule(
        "acceptable_use_policy",
        "use is bound to a policy of the licensor",
        _pattern(
            r"(?:comply with|adhere to|in accordance with|subject to|prohibited by|set forth in|comply with the)[^.;]{0,120}"
            r"(?:acceptable|prohibited) uses? (?:policy|policies)",
            r"(?:acceptable|prohibited) uses? policy[^.;]{0,120}(?:incorporated|by reference)",
            r"^\W*(?:[\w .-]{0,40} )?(?:acceptable|prohibited) uses? policy\W*$",
        ),
        disqualifies_eu=False,
    ),
    ClauseRule(
        "field_of_use",
        "some fields of use are forbidden",
        _pattern(
            r"use-based restrictions?",
            r"\b(?:for|support|in)\b (?:any |all |or otherwise support any )?(?:[\w-]+,? (?:or )?){0,2}military\b",
            r"any military (?:use|purpose)|military purposes?",
            r"^\W*use restrictions?\W*$",
            r"agree (?:that )?(?:you|it|licensee)?\s*(?:will )?not (?:to )?use[^.;]{0,60}\b(?:model|models|materials|derivatives|artifact)\b[^.;]{0,120}"
            r"(?:to|for|in)\b",
            r"for purposes of surveillance|weapons? (?:of mass destruction|development)|nuclear technology",
            r"军事",
        ),
        disqualifies_eu=False,
    ),
    ClauseRule(
        "non_commercial",
        "commercial use is not allowed",
        _pattern(
            r"\bnon-?commercial(?:ly)?\b",
            r"research(?: and evaluation)? (?:purposes|use) only|solely for (?:your )?(?:internal )?(?:academic |scientific )?research",
            r"(?:not|no)\b[^.;]{0,60}\bfor (?:\([a-z]+\) )?(?:any |a )?commercial (?:or production )?(?:use|purposes?)",
            r"(?:非商业|仅(?:限|供)[^。]{0,10}(?:研究|学术)|不得[^。]{0,10}商业)",
        ),
        unless=_pattern(
            r"commercial (?:and|or) non-?commercial",
            r"non-?commercial (?:and|or) commercial",
            r"noncommercial(?:ly)?,? (?:and only|with)",
            r"commercially or noncommercially",
            r"noncommercial distribution|noncommercially",
        ),
    ),
    ClauseRule(
        "separate_commercial_license",
        "commercial use needs another license or an application",
        _pattern(
            r"(?:must|shall|need to|have to|should)\s+(?:\w+\s+){0,2}(?:request|apply for|obtain|contact)[^.;]{0,60}\b(?:a |an )?(?:\w+ )?licen[sc]e from",
            r"submit[^.;]{0,60}application[^.;]{0,160}commercial",
            r"for commercial (?:use|purposes?)[^.;]{0,80}(?:please )?(?:contact|apply|request|fill)",
            r"commercial licen[sc]e (?:is|must|may be|can be)?[^.;]{0,40}(?:request|obtain|appl)",
            r"(?:申请|获得)[^。]{0,20}商用(?:许可|授权)",
        ),
    ),
    ClauseRule(
        "territory",
        "rights are not granted in some territory",
        _pattern(
            r"(?:not granted|no rights?|shall not|does not apply|excluding)[^.;]{0,160}\b(?:European Union|United Kingdom|South Korea|EEA)\b",
            r"(?:domiciled|principal place of business)[^.;]{0,60}European Union",
        ),
        unless=_pattern(r"governing law|jurisdiction"),
    ),
    ClauseRule(
        "no_redistribution",
        "copies may not be passed on",
        _pattern(
            r"(?:not|nor)\s+(?:\([a-z]+\)\s*)?(?:sell, |rent, |lease, |lend, |copy, |publish, |modify, |sublicense, |share, )*"
            r"(?:re)?distribute(?:,| or| the| any| copies)[^.;]{0,60}(?:model|software|materials|weights|derivative)",
            r"no right to (?:re)?distribut|redistribution is (?:not permitted|prohibited)",
            r"without (?:the )?(?:right|permission) to (?:sublicense or )?(?:re)?distribute",
        ),
        unless=_pattern(r"except|unless|provided"),
    ),
    ClauseRule(
        "no_derivatives",
        "changed versions may not be shared",
        _pattern(
            r"(?:not|no)\b[^.;]{0,30}\bshare adapted material|\bno-?derivatives?\b|may not (?:create|make|distribute) (?:any )?derivative works"
        ),
        unless=_pattern(r"except|unless|provided"),
    ),
    ClauseRule(
        "remote_restriction",
        "the licensor may restrict use from afar",
        _pattern(r"restrict \(remotely or otherwise\)|remotely (?:restrict|disable)"),
        disqualifies_eu=False,
    ),
)


def find_clauses(text: str) -> list[Clause]:
    """Every closing clause in a text, at most three places for each kind, in the order of `CLAUSES`."""
    sections = split_sections(text)
    return [clause for rule in CLAUSES for clause in _operative(_places(rule, sections))[:MAX_PLACES]]


def _places(rule: ClauseRule, sections: list[Section]) -> list[Clause]:
    """The first place in each section where a rule applies."""
    places = []
    for section in sections:
        for match in rule.pattern.finditer(section.text):
            if rule.unless is None or not rule.unless.search(_sentence(section.text, match)):
                places.append(_clause(rule, section, match))
                break
    return places


def _operative(places: list[Clause]) -> list[Clause]:
    """Places in numbered sections and attachments, where there are any: a preamble only announces them."""
    numbered = [place for place in places if re.match(r"\d|Attachment|[A-Z][a-z]+ ", place.section)]
    return numbered or places


def _sentence(text: str, match: re.Match[str]) -> str:
    """The sentence around a match, where an exception to the clause would stand."""
    start = max(text.rfind(". ", 0, match.start()), text.rfind("。", 0, match.start())) + 1
    end = text.find(". ", match.end())
    return text[start : end if end >= 0 else len(text)]


def _clause(rule: ClauseRule, section: Section, match: re.Match[str]) -> Clause:
    first, last = section.line_at(match.start()), section.line_at(match.end() - 1)
    quote = re.sub(r"\s+", " ", match.group()).strip()
    quote = quote if len(quote) <= QUOTE_LENGTH else quote[: QUOTE_LENGTH - 1] + "…"
    return Clause(rule.id, rule.means, section.number, (first, last), quote, rule.closes, rule.disqualifies_eu)
