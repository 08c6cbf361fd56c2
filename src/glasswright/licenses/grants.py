"""What a text grants whose whole purpose is to say so: a license file, a rights field, the license part of a README.

A license text that is all there and says nothing else is that license. One that was changed is no license anybody
knows: `LicenseRef-changed-MIT`. Else it is what the text names for the work itself, and what its words take away again:
`CC-BY-4.0 AND LicenseRef-NC`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from glasswright.licenses.creative_commons import legal_code_title
from glasswright.licenses.fidelity import MOST, Fidelity, taken_beyond, text_license
from glasswright.licenses.kinship import families, is_unversioned, taken_by
from glasswright.licenses.languages import UNREAD, is_unread, says_license, sentences, spoken_in
from glasswright.licenses.mentions import Mention, mentions
from glasswright.licenses.names import normalize_expression
from glasswright.licenses.openness import is_open
from glasswright.licenses.parts import FOR_ALL, PARAGRAPH, TEXT_PART, Part, parts
from glasswright.licenses.restrictions import restrictions
from glasswright.licenses.spoken import spoken

CHOICE = spoken(
    r"\bat your option\b|\bdual[- ]licen[sc]ed|\bdually\b|\blicen[sc]ed under either\b|\bwhichever\b|\byour choice\b",
    r"\bor under the\b|\beither\b[^.]{0,120}\bor\b",
)
OFFERED = spoken(r"\bat your option\b|\bdual[- ]licen[sc]ed|\bdually\b|\bwhichever\b|\byour choice\b")
NOT_FOR_ALL = re.compile(r"-(?:NC|ND)\b")
ONLY_CONTRIBUTIONS = spoken(r"\bcontributions\b")
OF_ITSELF = spoken(r"\bthis (?:work|document|book|repository|project|site|website|material) is\b")
OF_OTHERS = re.compile(  # from here on a license file speaks of what others made
    r"^[#= \t*]*(?:licen[sc]es?|notices?)?[ \t]*(?:for|of)?[ \t]*(?:the[ \t]+)?"
    r"(?:incorporated|included|bundled|vendored|embedded|third[- ]party)\b[^\n]{0,60}$"
    r"|^[#= \t*]*(?:this|the)[^\n.]{0,60}\b(?:includes|incorporates|bundles|contains)\b[^\n.]{0,40}"
    r"\b(?:third[- ]part|other|following)",
    re.IGNORECASE | re.MULTILINE,
)
EXCEPTIONS = (  # that a text adds to a license: what it asks for less
    ("Apache-2.0", spoken(r"\bruntime library exception to the apache"), "Swift-exception"),
    ("Apache-2.0", spoken(r"\bLLVM exceptions? to the apache"), "LLVM-exception"),
    ("GPL-2.0", spoken(r"\bclasspath\W+exception\b"), "Classpath-exception-2.0"),
    ("GPL-3.0", spoken(r"\bGCC runtime library exception\b"), "GCC-exception-3.1"),
)
PICTURES = spoken(
    r"\b(?:images?|pictures?|illustrations?|artwork|figures|fonts?|icons?|logos?|trademarks?|names?|brand|photos?|"
    r"photographs|videos?)\b"
)
SOFTWARE = re.compile(r"MIT|Apache|BSD|ISC|(?:LicenseRef-)?[AL]?GPL|MPL|EPL|Zlib|0BSD|PSF")
ADDED = "LicenseRef-additions"
NO_GRANT = "LicenseRef-all-rights-reserved"
LINK = re.compile(r"\[([^\]]{0,1000})\](?:\([^)]{0,1000}\)|\[[^\]]{0,1000}\])?")
MAY_NAME = re.compile(
    r"[A-Z]{2}|\d|[Cc]ommons|[Ll]i[cz]en|[Dd]omain|知识|創用|クリエ|크리에|المشاع"
)  # quick, and true of every name
HEADING = re.compile(r"#|={2,}|[^\W\u3040-\ud7af]{1,20}$|\W*\w{1,6}\W*$")  # or one word
MAX_VALUE = 20_000  # characters of a field; a longer one is no name, and too long for any list of names
MAX_NAMED = 100  # mentions in a text that are looked at
MAX_TOGETHER = 4  # licenses; a text that names more is a list of what others chose
MAX_CHARS = 300_000  # no license is as long, and a hostile file would take long
SHORT_TEXT = 1500  # characters; a longer license text is recognised by its words
MIN_LICENSE_TEXT = 300  # characters; no license text that is told by its words is shorter


@dataclass(frozen=True, slots=True)
class Grant:
    """What is granted for the text itself, and what for other parts of the work."""

    license: str
    for_others: tuple[str, ...] = ()
    is_for_text: bool = True  # False: what is granted is said to be for other parts alone


def expression_of(value: str) -> str | None:
    """The license behind the value of a field: an expression, a name, an address, a link. None if it names none."""
    if len(value) > MAX_VALUE:
        return None
    bare = LINK.sub(r"\1", value).strip(" \t*`'\"<>[].,;")
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
    found = grant(text)
    return found.license if found else None


def grant(text: str) -> Grant | None:
    """What a text grants, or None if that cannot be told from it."""
    text = text[:MAX_CHARS]
    if title := legal_code_title(text):
        return Grant(_checked_title(title, text))
    if len(text) < MIN_LICENSE_TEXT:
        return spoken_grant(text)
    if known := _known_text(text):
        return Grant(known)
    others = OF_OTHERS.search(text, MIN_LICENSE_TEXT)
    return grant(text[: others.start()]) if others else spoken_grant(text)


def spoken_grant(text: str) -> Grant | None:
    """What a text says it grants; license texts are not looked for."""
    named = [mention for mention in mentions(text)[:MAX_NAMED] if not _is_of_names(text, mention)]
    for of_whole in (OF_ITSELF, FOR_ALL):
        if own := of_whole.search(text):
            start, end = _paragraph(text, own.start(), own.end())
            spoken = [
                mention for mention in named if (own.start() if of_whole is OF_ITSELF else start) <= mention.start < end
            ]
            if {"LicenseRef-PD-US"} < {mention.license for mention in spoken} | {"LicenseRef-PD-US"}:
                return _granted_by(text, spoken, named)
    if named:
        return _granted_by(text, named, named)
    taken = restrictions(text)
    return Grant(taken[0][1]) if taken else None


def said_in_words(text: str) -> Iterator[tuple[Grant, str]]:
    """What each sentence of a text that is not in English grants or takes away; or that it says what nobody here reads."""
    for _, sentence in sentences(text):
        if not (spoken := spoken_in(sentence)):
            continue
        taken = next(filter(None, (language.takes(sentence) for language in spoken)), None)
        named = mentions(sentence) if MAY_NAME.search(sentence) else []
        if named and (taken or says_license(sentence) or any(taken_by(mention.license) for mention in named)):
            if found := spoken_grant(sentence):
                yield found, sentence
        elif taken:
            yield Grant(taken), sentence
        elif not named and is_unread(sentence) and not HEADING.match(sentence):
            yield Grant(UNREAD), sentence


def _checked_title(title: str, text: str) -> str:
    """A legal code's license by its title; where its words take more away than that license does, that too."""
    generic = re.sub(r"-[A-Z]{2,3}$", "", title)
    extra = [name for name in taken_beyond(text, generic) if name[-3:] not in title]
    return " AND ".join([title, *extra])


def _known_text(text: str) -> str | None:
    """A license text that is all there and says nothing more; one that was changed is told apart from it."""
    found = text_license(text)
    if found is None or found.fidelity is Fidelity.PART:
        return None
    if found.fidelity is Fidelity.CHANGED and is_open(found.license, "data"):
        return f"LicenseRef-changed-{found.license}"
    expression = normalize_expression(found.license) or found.license
    with_ = [name for license, pattern, name in EXCEPTIONS if found.license == license and pattern.search(text)]
    if with_:
        return f"{expression} WITH {with_[0]}"
    if found.fidelity is Fidelity.ADDED and found.covered >= MOST:
        return f"{expression} AND {ADDED}"
    if found.fidelity in (Fidelity.WITHIN, Fidelity.ADDED) and (len(text) <= SHORT_TEXT or mentions(text[:SHORT_TEXT])):
        return None
    return expression


def _granted_by(text: str, named: list[Mention], all_named: list[Mention]) -> Grant | None:
    """The licenses named for the text itself, as one expression, with what the words around them take away."""
    of = parts(text, named)
    ours = _ours(named, of)
    licenses = _distinct([_versioned(mention.license, all_named) for mention in ours])
    if len(licenses) > MAX_TOGETHER:
        return None
    combined = _combined(text, licenses)
    others = _distinct([mention.license for mention in all_named if mention not in ours])
    if combined == NO_GRANT:
        return Grant(NO_GRANT, tuple(others))  # nothing is left to take away
    taken = [
        name for place, name in restrictions(text) if _is_own_word(place, all_named) and not _of_pictures(text, place)
    ]
    extra = _distinct([name for name in taken if name[-3:] not in combined])
    return Grant(_join([combined, *extra]), tuple(others), is_for_text=any(part is not Part.OTHER for part in of))


def _versioned(license: str, named: list[Mention]) -> str:
    """A license by the version that is named elsewhere in the same text."""
    if not is_unversioned(license):
        return license
    same = [other.license for other in named if families(other.license) == families(license)]
    return next((other for other in same if not is_unversioned(other)), license)


def _paragraph(text: str, start: int, end: int) -> tuple[int, int]:
    breaks = [found.end() for found in PARAGRAPH.finditer(text, 0, start)]
    stop = PARAGRAPH.search(text, end)
    return (breaks[-1] if breaks else 0), (stop.start() if stop else len(text))


def _is_own_word(place: int, named: list[Mention]) -> bool:
    """Whether a word stands outside the names of licenses."""
    return not any(mention.start <= place < mention.end for mention in named)


def _of_pictures(text: str, place: int) -> bool:
    """Whether the sentence up to a place is about pictures or names, which no text holds."""
    sentence = re.split(r"[.!?;](?=\s)|\n[ \t]*\n", text[max(0, place - 300) : place])[-1]
    return bool(PICTURES.search(sentence)) and not TEXT_PART.search(sentence)


def _is_of_names(text: str, mention: Mention) -> bool:
    """Whether all rights are reserved in pictures or names: "The name and the logo are ..., all rights reserved"."""
    return mention.license == NO_GRANT and _of_pictures(text, mention.start)


def _ours(named: list[Mention], of: list[Part]) -> list[Mention]:
    """The licenses that are for the text; a software license for nothing in particular gives way to one that is."""
    own = [(mention, part) for mention, part in zip(named, of, strict=True) if part is not Part.OTHER]
    if not own:
        return named
    said = [mention for mention, part in own if part is Part.TEXT]
    if said and not any(SOFTWARE.match(mention.license) for mention in said):
        own = [(mention, part) for mention, part in own if part is Part.TEXT or not SOFTWARE.match(mention.license)]
    return [mention for mention, _ in own]


def _join(expressions: list[str]) -> str:
    return " AND ".join(f"({part})" if " OR " in part and len(expressions) > 1 else part for part in expressions)


def _combined(text: str, named: list[str]) -> str:
    """One expression from the licenses named: a choice where the text offers one, else all of them together."""
    licenses = _distinct(named)
    if "LicenseRef-PD-US" in licenses:
        if "CC0-1.0" in licenses:
            return "CC0-1.0 AND LicenseRef-PD-US" if ONLY_CONTRIBUTIONS.search(text) else "CC0-1.0"
        licenses = [license for license in licenses if license != "LicenseRef-PD"]
    if any("CC-BY" in license for license in licenses):
        licenses = [license for license in licenses if license != "LicenseRef-PD"]  # what such a license does not touch
    if len(licenses) == 2 and "LicenseRef-PD" in licenses and "CC0-1.0" in licenses:
        return "LicenseRef-PD OR CC0-1.0" if CHOICE.search(text) else "CC0-1.0"
    if len(licenses) > 1 and NO_GRANT in licenses:
        licenses.remove(NO_GRANT)  # the usual words before a grant
    return (" OR " if _is_offered(text, licenses) else " AND ").join(licenses)


def _is_offered(text: str, licenses: list[str]) -> bool:
    """Whether the reader may choose. "The stories are under either BY or BY-NC" says that each is under one of them."""
    if any(NOT_FOR_ALL.search(license) for license in licenses):
        return bool(OFFERED.search(text))
    return bool(CHOICE.search(text))


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
    parts = re.split(r"(?<!\s)\s+(AND|OR)\s+", text)
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
