"""What a text grants whose whole purpose is to say so: a license file, a rights field, the license part of a README."""

import re

from glasswright.corpus.evidence.mentions import Mention, legal_code_title, mentions
from glasswright.corpus.evidence.weigh import families, is_unversioned
from glasswright.licenses import find_clauses, identify_text, normalize_expression

CHOICE = re.compile(
    r"\bat your option\b|\bdual[- ]licen[sc]ed|\bdually\b|\blicen[sc]ed under either\b|\bwhichever\b|\byour choice\b"
    r"|\bor under the\b",
    re.IGNORECASE,
)
OTHER_PART = re.compile(  # what is granted there is the program, not the text
    r"\b(?:source )?code\b|\bsoftware\b|\bscripts?\b|\bprograms?\b|\bimages?\b|\billustrations?\b|\bfonts?\b|\blogos?\b"
    r"|\bphotos?\b|\bthird[- ]party\b|\bdata ?sets?\b",
    re.IGNORECASE,
)
THIS_PART = re.compile(
    r"\b(?:documentation|docs?|text|content|contents|materials?|prose|guides?|book|books|stories|pages?|articles?|work|"
    r"documents?|lessons?|tutorials?|project|repository)\b",
    re.IGNORECASE,
)
ONLY_CONTRIBUTIONS = re.compile(r"\bcontributions\b", re.IGNORECASE)
OF_ITSELF = re.compile(
    r"\bthis (?:work|document|book|repository|project|site|website|material)[ \n]+is\b", re.IGNORECASE
)
OTHER_SECTION = re.compile(
    r"^#{1,6}[ \t][^\n]{0,200}?\b(?:software|code|trademark|logo)s?\b", re.IGNORECASE | re.MULTILINE
)
PARAGRAPH = re.compile(r"\n[ \t]*\n")
SHORT_TEXT = 1500  # characters; a longer license text is recognised by its words


def expression_of(value: str) -> str | None:
    """The license behind the value of a field: an expression, a name, an address, a link. None if it names none."""
    bare = re.sub(r"\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])?", r"\1", value).strip(" \t*`'\"<>[].,;")
    if bare.lower() in ("pd", "public domain", "public-domain", "publicdomain"):
        return "LicenseRef-PD"
    if bare.startswith("LicenseRef-"):
        return bare
    named = mentions(bare)
    if len(named) == 1 and is_unversioned(named[0].license):
        return named[0].license  # no version is stated, so none is invented
    if found := _with_references(bare) or normalize_expression(bare):
        return found
    return granted(value) if len(value) < SHORT_TEXT else None


def granted(text: str) -> str | None:
    """The license a text grants, or None if none can be told from it."""
    if title := legal_code_title(text):
        return title
    if (known := _known_text(text)) is not None:
        return known
    if own := OF_ITSELF.search(text):
        stop = PARAGRAPH.search(text, own.end())
        named = mentions(text[own.start() : stop.start() if stop else len(text)])
        if named and {"LicenseRef-PD-US"} != {mention.license for mention in named}:
            return _combined(text, named)
    named = _about_the_text(text)
    return _combined(text, named) if named else None


def _known_text(text: str) -> str | None:
    """A license text that is all there and says nothing more; Creative Commons' are told apart by their title alone."""
    for match in identify_text(text):
        if not match.is_whole or match.license.startswith(("CC-BY", "LicenseRef-")):
            continue
        if match.is_alone or (len(text) > SHORT_TEXT and not mentions(text[:SHORT_TEXT]) and not find_clauses(text)):
            return normalize_expression(match.license)
    return None


def _about_the_text(text: str) -> list[Mention]:
    """The licenses named in paragraphs about the text itself, or in all where none says what it is about."""
    by_paragraph = []
    other = OTHER_SECTION.search(text)
    if other and mentions(text[: other.start()]):
        text = text[: other.start()]
    start = 0
    for end in [*(found.start() for found in PARAGRAPH.finditer(text)), len(text)]:
        paragraph = text[start:end]
        if found := mentions(paragraph):
            by_paragraph.append((paragraph, found))
        start = end
    ours = [
        found for paragraph, found in by_paragraph if THIS_PART.search(paragraph) or not OTHER_PART.search(paragraph)
    ]
    chosen = ours or [found for _, found in by_paragraph]
    return [mention for found in chosen for mention in found]


def _combined(text: str, named: list[Mention]) -> str:
    """One expression from the licenses named: a choice where the text offers one, else all of them together."""
    licenses = _distinct([mention.license for mention in named])
    if "LicenseRef-PD-US" in licenses:
        if "CC0-1.0" in licenses:
            return "CC0-1.0 AND LicenseRef-PD-US" if ONLY_CONTRIBUTIONS.search(text) else "CC0-1.0"
        licenses = [license for license in licenses if license != "LicenseRef-PD"]
    if any("CC-BY" in license for license in licenses):
        licenses = [license for license in licenses if license != "LicenseRef-PD"]  # what such a license does not touch
    if len(licenses) == 2 and "LicenseRef-PD" in licenses and "CC0-1.0" in licenses:
        return "LicenseRef-PD OR CC0-1.0" if CHOICE.search(text) else "CC0-1.0"
    if len(licenses) > 1 and "LicenseRef-all-rights-reserved" in licenses:
        licenses.remove("LicenseRef-all-rights-reserved")  # the usual words before a grant
    return (" OR " if CHOICE.search(text) else " AND ").join(licenses)


def _distinct(licenses: list[str]) -> list[str]:
    """Each license once, in order; a name without version gives way to the same name with one."""
    result: list[str] = []
    for license in licenses:
        same = [other for other in result if families(other) == families(license) and "PD" not in license + other]
        if license in result or (same and (is_unversioned(license) or not is_unversioned(same[0]))):
            continue
        if same:
            result[result.index(same[0])] = license
        else:
            result.append(license)
    return result


def _with_references(text: str) -> str | None:
    """An expression that holds `PD` or LicenseRef- names among SPDX ones."""
    parts = re.split(r"\s+(AND|OR)\s+", text)
    if len(parts) < 3 or len(parts) % 2 == 0:
        return None
    names = ["LicenseRef-PD" if part == "PD" else part for part in parts]
    for place in range(0, len(names), 2):
        if not names[place].startswith("LicenseRef-"):
            normal = normalize_expression(names[place])
            if normal is None:
                return None
            names[place] = normal
    return " ".join(names)
