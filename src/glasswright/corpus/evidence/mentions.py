"""The licenses that a text names, in the order in which it names them.

"the MIT License", "GPLv2 or later", "CC BY-SA 4.0", "Apache-2.0", "placed in the public domain". A name without a version
is kept as such (`LicenseRef-CC-BY`, `LicenseRef-GPL`): none is invented.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from glasswright.corpus.evidence import creative_commons
from glasswright.licenses import normalize_expression

SPDX_ID = re.compile(
    r"(?<![\w.-])(?!cc-)[A-Z][A-Z0-9]*(?:-[A-Z0-9.]+)*-\d[\w.]*(?:-only|-or-later|-Clause)?(?![\w-])", re.IGNORECASE
)
GNU = re.compile(
    r"\b(?:the[ \n])?(?:GNU[ \n]+)?(?:"
    r"(?P<affero>affero[ \n]+(?:general[ \n]+public[ \n]+|GPL)|AGPL)"
    r"|(?P<lesser>(?:lesser|library)[ \n]+(?:general[ \n]+public[ \n]+|GPL)|LGPL)"
    r"|(?P<free>free[ \n]+documentation[ \n]+|GFDL|FDL)"
    r"|(?P<plain>general[ \n]+public[ \n]+|GPL))(?:licen[sc]e)?"
    r"(?:[ \n]*\([AL]?GPL\)|[ \n]*\(G?FDL\))?(?:,?[ \n]+as[ \n]+published[ \n]+by[ \n]+the[ \n]+free[ \n]+software[ \n]+foundation)?"
    r"[,;:]?[- \n]*(?:either[ \n]+)?(?:(?:version|v\.?)[ \n]*)?(?P<version>[1-3](?:\.[0-3])?(?![\d.]*\d))?(?P<plus>\+)?",
    re.IGNORECASE,
)
FAMILIES = {"affero": "AGPL", "lesser": "LGPL", "free": "GFDL", "plain": "GPL"}
OR_LATER = re.compile(
    r"\W{0,3}(?:of the licen[sc]e)?\W{0,3}\(?(?:or|and)[ \n(]+(?:\(?at your option\)?[ \n]+)?(?:any[ \n]+)?(?:later|newer|above)"
    r"|-or-later|\W{0,3}(?:of the licen[sc]e)?\W{1,3}or[ \n]+\(at[ \n]+your[ \n]+option\)[ \n]+any[ \n]+later",
    re.IGNORECASE,
)
NO_INVARIANTS = re.compile(r"\bno[ \n]+invariant[ \n]+sections\b|\bwithout[ \n]+invariant\b", re.IGNORECASE)
INVARIANTS_CHARS = 400  # how far behind its name the GFDL says which sections may not be changed

NAMES: tuple[tuple[str, str], ...] = (
    (r"creative commons (?:zero|0)|\bcc[- ]?0\b(?:[- ]1\.0)?|\bcc zero\b", "CC0-1.0"),
    (
        r"\bapache[- ](?:software[ \n])?licen[sc]ed?(?:,?[ \n]+\(?(?:version[ \n]+|v\.?[ ]?)?2(?:\.0)?)?(?![ ,\n]*(?:version |v)?1)"
        r"|\bapache[- ]v?2(?:\.0)?\b|apache\.org/licen[sc]es/LICENSE-2",
        "Apache-2.0",
    ),
    (
        r"\bMIT[- \n](?:\(expat\)[ ])?(?:licen[sc]ed?|terms|style)|\bMIT/Expat\b|\bexpat[ \n]+licen[sc]e|opensource\.org/licenses?/MIT\b"
        r"|\b(?:licen[sc]ed?|under)(?:[ \n]+(?:the|is|under|terms|of))*[:]?[ \n]*[*_`\[\"]*MIT\b|^\W{0,4}MIT\W{0,3}(?:©|\(c\)|$)"
        r"|\bMIT\W{1,3}(?:©|\(c\)[ ])",
        "MIT",
    ),
    (r"\bMIT[- ]No[- ]Attribution\b|\bMIT-0\b", "MIT-0"),
    (r"\bBSD[- ]3[- ]clause|\b(?:3|three)[- ]clause[ \n]\"?BSD|\b(?:new|modified|revised) BSD", "BSD-3-Clause"),
    (r"\bBSD[- ]2[- ]clause|\b(?:2|two)[- ]clause[ \n]\"?BSD|\bsimplified BSD", "BSD-2-Clause"),
    (r"\bBSD[- ]0[- ]clause|\b(?:0|zero)[- ]clause[ \n]\"?BSD|\b0BSD\b", "0BSD"),
    (r"\bFSF All[- ]Permissive", "FSFAP"),
    (r"\bopen publication licen[sc]e", "OPUBL-1.0"),
    (r"\bmozilla[ \n]public[ \n]licen[sc]e|\bMPL[- ]?v?2", "MPL-2.0"),
    (r"\bISC[ \n]licen[sc]ed?|\bunder[ \n]ISC\b", "ISC"),
    (r"\bthe unlicense\b|\bunlicense\.org", "Unlicense"),
    (r"\bWTFPL\b|\bdo what the f\S+ you want to public licen[sc]e", "WTFPL"),
    (r"\bopen government licen[sc]e(?:,?[ \n]+(?:version |v)?3(?:\.0)?)?(?![ ,\n]*(?:version |v)?[12])", "OGL-UK-3.0"),
    (r"\bopen data commons attribution|\bODC[- ]By\b", "ODC-By-1.0"),
    (r"\bopen database licen[sc]e|\bODbL\b", "ODbL-1.0"),
    (r"\bopen data commons public domain dedication|\bPDDL\b", "PDDL-1.0"),
    (r"\bSIL open font licen[sc]e", "OFL-1.1"),
    (r"\bboost software licen[sc]e", "BSL-1.0"),
    (r"\beclipse public licen[sc]e[- ,\n]*(?:version |v)?2", "EPL-2.0"),
    (r"\beuropean union public licen[sc]e|\bEUPL\b", "EUPL-1.2"),
    (r"\bartistic licen[sc]e[- ,\n]*(?:version |v)?2", "Artistic-2.0"),
    (r"\bvim licen[sc]e\b", "Vim"),
    (r"\bzlib licen[sc]e\b", "Zlib"),
    (r"\bpython software foundation licen[sc]e|\bPSF licen[sc]e", "PSF-2.0"),
    (
        r"\bW3C(?:®|\(R\))?[ \n]+software[ \n]+(?:and|&|notice[ \n]and)[ \n]+(?:document[ \n]+)?(?:notice[ \n]and[ \n])?licen[sc]e",
        "W3C-20150513",
    ),
    (
        r"\bW3C(?:®|\(R\))?[ \n]+(?:permissive[ \n]+)?document[ \n]+(?:use[ \n]+)?licen[sc]e|\bW3C document use",
        "LicenseRef-W3C-Document",
    ),
    (r"\bIETF[ \n]+trust\b|\bBCP[ \n]?78\b", "LicenseRef-IETF-Trust"),
    (r"\bbusiness source licen[sc]e", "BUSL-1.1"),
    (r"\bserver side public licen[sc]e", "SSPL-1.0"),
    (r"\belastic licen[sc]e", "Elastic-2.0"),
    (r"\bproject gutenberg(?:-tm|™)? licen[sc]e", "LicenseRef-PD-US"),
    (
        r"(?:united[ \n]states|U\.?S\.?)[ \n]public[ \n]domain"
        r"|public[ \n]domain[ \n](?:within|in)[ \n]the[ \n](?:united|US|U\.S)"
        r"|\bnot[ \n]subject[ \n]to[ \n](?:domestic[ \n])?copyright[ \n](?:protection[ \n])?(?:within|in)[ \n]the[ \n]united"
        r"|\b17[ \n]U\.?S\.?C\.?[ \n](?:§|section|sec\.)?[ \n]?105\b",
        "LicenseRef-PD-US",
    ),
    (r"\bpublic[ \n]+domain\b(?![ \n]+dedication)", "LicenseRef-PD"),
    (r"\ball rights reserved\b", "LicenseRef-all-rights-reserved"),
)
PATTERNS = tuple((re.compile(pattern, re.IGNORECASE | re.MULTILINE), license) for pattern, license in NAMES)


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """A license named in a text, and where."""

    start: int
    end: int
    license: str


def mentions(text: str) -> list[Mention]:
    """Every license named in a text, by place; where names overlap, the longest."""
    found = sorted(_all(text), key=lambda mention: (mention.start, -mention.end))
    result: list[Mention] = []
    for mention in found:
        if not result or mention.start >= result[-1].end:
            result.append(mention)
    return result


def _all(text: str) -> Iterator[Mention]:
    for start, end, license in creative_commons.found_in(text):
        yield Mention(start, end, license)
    for match in GNU.finditer(text):
        yield _gnu(text, match)
    for match in SPDX_ID.finditer(text):
        if license := _identifier(match.group()):
            yield Mention(match.start(), match.end(), license)
    for pattern, license in PATTERNS:
        for match in pattern.finditer(text):
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
