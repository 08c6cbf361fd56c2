"""The licenses that a text names, in the order in which it names them.

"the MIT License", "GPLv2 or later", "CC BY-SA 4.0", "Apache-2.0", "placed in the public domain". A name without a
version is kept as such (`LicenseRef-CC-BY`, `LicenseRef-GPL`): none is invented.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from glasswright.licenses import creative_commons
from glasswright.licenses.any_case import AnyCase
from glasswright.licenses.names import normalize_expression, spdx_expression
from glasswright.licenses.spoken import spoken

SPDX_ID = re.compile(
    r"(?<![\w.-])(?!cc-)[A-Z][A-Z0-9]*(?:-[A-Z0-9.]+)*-\d[\w.]*(?:-only|-or-later|-Clause)?(?![\w-])", re.IGNORECASE
)
EXPRESSION = re.compile(  # of two licenses or more; what it comes to is for the parser to say
    r"(?<![\w.-])\(*[A-Z0-9][\w.+-]{0,60}\)*(?:[ \t]+(?:AND|OR|WITH)[ \t]+\(*[A-Z0-9][\w.+-]{0,60}\)*){1,20}",
    re.IGNORECASE,
)
GNU = spoken(
    r"\b(?:the )?(?:GNU )?(?:(?P<affero>affero (?:general public |GPL)|AGPL)"
    r"|(?P<lesser>(?:lesser|library) (?:general public |GPL)|LGPL)|(?P<free>free documentation |GFDL|FDL)"
    r"|(?P<plain>general public |GPL))(?:licen[sc]e)?(?: ?\([AL]?GPL\)| ?\(G?FDL\))?"
    r"(?:,? as published by the free software foundation)?[,;:]?[- \n]*(?:either )?(?:(?:version|v\.?) ?)?"
    r"(?P<version>[1-3](?:\.[0-3])?(?![\d.]*\d))?(?P<plus>\+)?"
)
TAG = re.compile(
    r"SPDX-License-Identifier:[ \t]*[`\"']?([A-Za-z0-9][\w.+() -]{1,200}?)[ \t]*(?:$|[`\"'*<>,;])", re.MULTILINE
)
DENIED = spoken(
    r"\b(?:not|never|no longer)(?: be| been)?(?: (?:licen[sc]ed|released|distributed|published|covered|available|offered))?"
    r"(?: (?:under|by|in|with))?(?: (?:an?|the))?[ \n*_\[]*$"
)
MODIFIED = spoken(
    r"\b(?:modified|custom(?:ized|ised)?|adapted|amended|variant of|variation of|based on|similar to|inspired by)(?: (?:an?|the))?[ *_\[\"]*$"
)
DENIED_CHARS = 60
NAMED_AGAIN = spoken(  # "Attribution 4.0 International (", and the same license follows
    r"[ *_]*(?:(?:international|unported|generic)[ *_]*)?(?:(?:public )?licen[sc]e[ *_]*)?"
    r"(?:[(\[<]+|\]\(|[ ][-–—][ ])[ *_]*"
)
FAMILIES = {"affero": "AGPL", "lesser": "LGPL", "free": "GFDL", "plain": "GPL"}
OR_LATER = spoken(
    r"\W{0,3}(?:of the licen[sc]e)?\W{0,3}\(?(?:or|and)[ \n(]+(?:\(?at your option\)? )?(?:any )?"
    r"(?:later|newer|above)",
    r"-or-later",
)
NO_INVARIANTS = spoken(r"\bno invariant sections\b", r"\bwithout invariant\b")
INVARIANTS_CHARS = 400  # how far behind its name the GFDL says which sections may not be changed

NAMES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("CC0-1.0", spoken(r"creative commons (?:zero|0)", r"\bcc[- ]?0\b(?:[- ]1\.0)?", r"\bcc zero\b")),
    (
        "Apache-2.0",
        spoken(
            r"\bapache[- ](?:software )?licen[sc]ed?(?:,? \(?(?:version |v\.? ?)?2(?:\.0)?)?"
            r"(?![ ,\n]*(?:version |v)?1)",
            r"\bapache[- ]v?2(?:\.0)?\b",
            r"apache\.org/licen[sc]es/LICENSE-2",
        ),
    ),
    (
        "MIT",
        spoken(
            r"\bMIT[- \n](?:\(expat\) )?(?:licen[sc]ed?|terms|style)",
            r"\bMIT/Expat\b|\bexpat licen[sc]e",
            r"\b(?:is|are) MIT\b(?=\W{0,3}(?:$|and\b|but\b|the\b))",
            r"opensource\.org/licenses?/MIT\b",
            r"\b(?:licen[sc]ed?|under)(?: (?:the|is|under|terms|of)){0,4}:? ?[*_`\[\"]*MIT\b",
            r"^\W{0,4}MIT\W{0,3}(?:©|\(c\)|$)",
            r"\bMIT\W{1,3}(?:©|\(c\) )",
            r"[:(] ?[*_`\[\"]*MIT\b(?=\W{0,3}(?:$|for\b))",
        ),
    ),
    ("MIT-0", spoken(r"\bMIT[- ]No[- ]Attribution\b", r"\bMIT-0\b")),
    (
        "BSD-3-Clause",
        spoken(r"\bBSD[- ]3[- ]clause", r"\b(?:3|three)[- ]clause \"?BSD", r"\b(?:new|modified) BSD"),
    ),
    ("BSD-2-Clause", spoken(r"\bBSD[- ]2[- ]clause", r"\b(?:2|two)[- ]clause \"?BSD", r"\bsimplified BSD")),
    ("0BSD", spoken(r"\bBSD[- ]0[- ]clause", r"\b(?:0|zero)[- ]clause \"?BSD", r"\b0BSD\b")),
    ("FSFAP", spoken(r"\bFSF All[- ]Permissive")),
    ("OPUBL-1.0", spoken(r"\bopen publication licen[sc]e")),
    ("MPL-2.0", spoken(r"\bmozilla public licen[sc]e", r"\bMPL[- ]?v?2")),
    ("ISC", spoken(r"\bISC licen[sc]ed?", r"\bunder ISC\b")),
    ("Unlicense", spoken(r"\bthe unlicense\b", r"\bunlicense\.org")),
    ("WTFPL", spoken(r"\bWTFPL\b", r"\bdo what the f\S+ you want to public licen[sc]e")),
    (
        "OGL-UK-3.0",
        spoken(r"\bopen government licen[sc]e(?:,? (?:version |v)?3(?:\.0)?)?(?![ ,\n]*(?:version |v)?[12])"),
    ),
    (
        "etalab-2.0",
        spoken(r"\bopen licence,? (?:version )?2", r"\blicence ouverte(?:[^.\n]{0,40}?2\.0)?", r"\betalab[- ]2\.0"),
    ),
    ("ODC-By-1.0", spoken(r"\bopen data commons attribution", r"\bODC[- ]By\b")),
    ("ODbL-1.0", spoken(r"\bopen database licen[sc]e", r"\bODbL\b")),
    ("PDDL-1.0", spoken(r"\bopen data commons public domain dedication", r"\bPDDL\b")),
    ("OFL-1.1", spoken(r"\bSIL open font licen[sc]e")),
    ("BSL-1.0", spoken(r"\bboost software licen[sc]e")),
    ("EPL-2.0", spoken(r"\beclipse public licen[sc]e[- ,\n]*(?:version |v)?2")),
    ("EUPL-1.2", spoken(r"\beuropean union public licen[sc]e", r"\bEUPL\b")),
    ("Artistic-2.0", spoken(r"\bartistic licen[sc]e[- ,\n]*(?:version |v)?2")),
    ("Vim", spoken(r"\bvim licen[sc]e\b")),
    ("Zlib", spoken(r"\bzlib licen[sc]e\b")),
    ("PSF-2.0", spoken(r"\bpython software foundation licen[sc]e", r"\bPSF licen[sc]e")),
    (
        "W3C-20150513",
        spoken(r"\bW3C(?:®|\(R\))? software (?:and|&|notice and) (?:document )?(?:notice and )?licen[sc]e"),
    ),
    (
        "LicenseRef-W3C-Document",
        spoken(r"\bW3C(?:®|\(R\))? (?:permissive )?document (?:use )?licen[sc]e", r"\bW3C document use"),
    ),
    ("LicenseRef-IETF-Trust", spoken(r"\bIETF trust\b", r"\bBCP ?78\b")),
    ("BUSL-1.1", spoken(r"\bbusiness source licen[sc]e")),
    ("SSPL-1.0", spoken(r"\bserver side public licen[sc]e")),
    ("Elastic-2.0", spoken(r"\belastic licen[sc]e")),
    (
        "LicenseRef-PD-US",
        spoken(
            r"\bproject gutenberg(?:-tm|™)? licen[sc]e",
            r"(?:united states|U\.?S\.?) public domain",
            r"public domain (?:within|in) the (?:united|US|U\.S)",
            r"\bnot subject to (?:domestic )?copyright (?:protection )?(?:within|in) the united",
            r"\b17 U\.?S\.?C\.? (?:§|section|sec\.)? ?105\b",
        ),
    ),
    ("LicenseRef-PD", spoken(r"\bpublic domain\b(?! dedication)")),
    ("LicenseRef-all-rights-reserved", spoken(r"\ball rights reserved\b")),
)
QUICK_GNU = AnyCase(GNU.pattern, re.MULTILINE)
QUICK_NAMES = tuple((license, AnyCase(names.pattern, re.MULTILINE)) for license, names in NAMES)


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """A license named in a text, and where."""

    start: int
    end: int
    license: str


def mentions(text: str) -> list[Mention]:
    """Every license named in a text, by place; where names overlap, the longest. "Not a CC BY license" names none."""
    found = sorted(_all(text), key=lambda mention: (mention.start, -mention.end))
    result: list[Mention] = []
    for mention in found:
        if result and mention.start < result[-1].end:
            continue
        again = result and NAMED_AGAIN.fullmatch(text, result[-1].end, mention.start)
        if again and (one := creative_commons.same_named(result[-1].license, mention.license)):
            result[-1] = Mention(result[-1].start, mention.end, one)
            continue
        before = max(0, mention.start - DENIED_CHARS)
        if MODIFIED.search(text, before, mention.start):
            result.append(replace(mention, license=f"LicenseRef-changed-{mention.license.split()[0]}"))
        elif not DENIED.search(text, before, mention.start):
            result.append(mention)
    return result


def _all(text: str) -> Iterator[Mention]:
    for start, end, license in creative_commons.found_in(text):
        yield Mention(start, end, license)
    for match in QUICK_GNU.finditer(text):
        yield _gnu(text, match)
    if "SPDX-L" in text:
        for match in TAG.finditer(text):
            if identifier := normalize_expression(match.group(1)):
                yield Mention(match.start(), match.end(), identifier)
    for match in EXPRESSION.finditer(text):
        if identifier := spdx_expression(match.group().rstrip(".")):
            yield Mention(match.start(), match.end(), identifier)
    for match in SPDX_ID.finditer(text):
        if identifier := _identifier(match.group()):
            yield Mention(match.start(), match.end(), identifier)
    for license, names in QUICK_NAMES:
        for match in names.finditer(text):
            yield Mention(match.start(), match.end(), license)


def _gnu(text: str, match: re.Match[str]) -> Mention:
    """A license of the GNU project: its family, version, whether later ones hold too, whether parts are invariant."""
    family = next(short for group, short in FAMILIES.items() if match[group])
    later = OR_LATER.match(text, match.end())
    end = later.end() if later else match.end()
    if not match["version"]:
        return Mention(match.start(), end, f"LicenseRef-{family}")
    version = match["version"] if "." in match["version"] else match["version"] + ".0"
    if family == "GFDL" and NO_INVARIANTS.search(text, end, end + INVARIANTS_CHARS):
        version += "-no-invariants"
    stated = f"{family}-{version}-{'or-later' if later or match['plus'] else 'only'}"
    return Mention(match.start(), end, normalize_expression(stated) or f"LicenseRef-{family}")


def _identifier(word: str) -> str | None:
    """An SPDX identifier that stands in a text as it is; a bare GNU one is read by its version."""
    return (
        None
        if re.fullmatch(r"[AL]?GPL-\d(?:\.\d)?|GFDL-1\.\d", word, re.IGNORECASE)
        else normalize_expression(word.rstrip("."))
    )
