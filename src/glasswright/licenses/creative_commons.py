"""Creative Commons licenses as people write them: addresses, names in many languages, titles of legal codes.

    creativecommons.org/licenses/by-sa/3.0/igo/          CC-BY-SA-3.0-IGO
    Creative Commons Attribution-NonCommercial 4.0       CC-BY-NC-4.0
    CC BY-SA                                             LicenseRef-CC-BY-SA: no version is stated, so none is invented
    Namensnennung - Keine Bearbeitung 4.0                CC-BY-ND-4.0

A term that is not understood would make a license look more open than it is, so the terms are read in every language
in which the deeds are much used.
"""

import re
from collections.abc import Iterator

from glasswright.licenses.names import normalize_expression

TERMS: tuple[tuple[str, str], ...] = (  # in the order in which an identifier holds them
    (
        "BY",
        r"attribution|\bby\b|namensnennung|reconocimiento|atribui[cç][aã]o|atribuci[oó]n|attribuzione|paternit[eé]"
        r"|naamsvermelding|erkännande|navngivelse|uznanie autorstwa|атрибуция"
        r"|с указанием авторства|نَ?سب المُ?صنَّ?ف|署名|姓名標示|姓名标示|表示|저작자[ ]?표시",
    ),
    (
        "NC",
        r"non[- ]?commercial(?:e|ly)?|\bnc\b|nicht[- ]?kommerziell|keine kommerzielle nutzung|no[- ]?comercial"
        r"|n[aã]o[- ]?comercial|pas d.utilisation commerciale|niet[- ]?commercieel|ick?ke[- ]?komm?er[sc]iel?l"
        r"|użycie niekomercyjne|некоммерческ\w+|非商业性?(?:使用)?|非商業性?(?:使用)?|非営利|비영리|غير تجاري",
    ),
    (
        "ND",
        r"no[- ]?deriv(?:ative)?(?:s|[- ]works?)?|\bnd\b|keine bearbeitung(?:en)?|sin[- ]?(?:obras?[- ]?)?derivadas?"
        r"|sem[- ]?deriva[cç][oõ]es|(?:non|no)[- ]opere[- ]derivate|pas de modification|geen[- ]?afgeleide ?werken"
        r"|bez utworów zależnych|без производных(?: произведений)?|禁止演绎|禁止改作|改変禁止|변경[ ]?금지|(?:منع|بدون) الاشتقاق",
    ),
    (
        "SA",
        r"share[- ]?alike|\bsa\b|weitergabe unter gleichen bedingungen|compartir[- ]?igual|compartilha ?igual"
        r"|condividi allo stesso modo|partage (?:dans les mêmes conditions|à l.identique)|gelijk ?delen|dela ?lika"
        r"|na tych samych warunkach|с сохранением условий|相同方式共享|相同方式分享|継承|동일[ ]?조건[ ]?변경[ ]?허락",
    ),
)
TERM_PATTERNS = tuple((short, re.compile(pattern, re.IGNORECASE)) for short, pattern in TERMS)
TERM = "(?:" + "|".join(pattern.replace(r"\b", "") for _, pattern in TERMS) + ")(?![a-z])"
VERSION = r"(?P<version>[1-4]\.0|2\.[15]|[1-4](?![\w.]))"
JOINT = r"[- \t\n/,&+–—()]"
PORTS = {  # the countries whose ports have an identifier of their own
    "igo": "IGO",
    **dict.fromkeys(("us", "united states"), "US"),
    **dict.fromkeys(("uk", "england", "england and wales"), "UK"),
    **dict.fromkeys(("de", "germany", "deutschland"), "DE"),
    **dict.fromkeys(("at", "austria"), "AT"),
    **dict.fromkeys(("au", "australia"), "AU"),
    **dict.fromkeys(("nl", "netherlands"), "NL"),
    **dict.fromkeys(("jp", "japan"), "JP"),
    **dict.fromkeys(("fr", "france"), "FR"),
}
PORT = r"(?P<port>" + "|".join(sorted(PORTS, key=len, reverse=True)) + r")(?![a-z])"
ADDRESS = re.compile(
    r"creativecommons\.org/(?:licen[sc]es/(?P<terms>(?:by|nc|nd|sa)(?:-(?:by|nc|nd|sa)){0,3})(?![a-z])"
    rf"(?:/(?P<version>\d\.\d)(?:/{PORT})?)?"
    r"|(?P<zero>publicdomain/zero|choose/zero)|(?P<mark>publicdomain/mark|licen[sc]es/publicdomain))",
    re.IGNORECASE,
)
NAME = re.compile(
    rf"(?:\b(?:creative[ \t\n-]*commons|cc)|知识共享|創用 ?CC|クリエイティブ・コモンズ|크리에이티브 ?커먼즈|المشاع الإبداعي){JOINT}{{0,4}}:?"
    r"(?:(?:public )?(?:licen[sc]es?|licencia|licença|licenza|lizenz|许可协议|ライセンス)[ \t\n:(]{1,3})?"
    r"(?:the[ \n])?"
    rf"(?:v?(?P<early>[1-4]\.0)[- \t\n]{{1,2}})?(?:cc[- \n]{{1,2}})?"
    rf"(?P<terms>{TERM}(?:{JOINT}{{1,4}}(?:and[ \n])?{TERM}){{0,3}})"
    r"[- \t\n)*_]{0,4}(?:(?:public )?(?:licen[sc]e|lizenz|licencia)[ \t\n,(]{0,3})?"
    r"(?:(?:international|unported)[ \t\n]{1,2})?(?:(?:v|version|versión)[ \t\n.]{0,3})?"
    rf"(?:{VERSION}(?:[ \n,]{{1,2}}\(?{PORT})?)?",
    re.IGNORECASE,
)
CODE_TITLE = re.compile(  # the first line of a legal code
    rf"^\W*(?:creative commons )?(?P<terms>{TERM}(?:{JOINT}{{1,3}}{TERM}){{0,3}})(?: public license)?"
    rf" (?P<version>\d\.\d)(?: (?:international|unported|generic|{PORT}))?(?: public license)?\W*$",
    re.IGNORECASE | re.MULTILINE,
)
TITLE_CHARS = 400
NAMED = re.compile(r"(?:LicenseRef-)?CC-(?P<terms>BY(?:-NC)?(?:-ND|-SA)?)(?:-(?P<version>\d\.\d))?")


def found_in(text: str) -> Iterator[tuple[int, int, str]]:
    """Where a text names one of the licenses: begin, end, identifier."""
    for match in ADDRESS.finditer(text):
        if match["terms"]:
            yield match.start(), match.end(), identifier(match["terms"], match["version"], match["port"])
        else:
            yield match.start(), match.end(), "CC0-1.0" if match["zero"] else "LicenseRef-PD"
    for match in NAME.finditer(text):
        name = identifier(match["terms"], match["early"] or match["version"], match["port"])
        yield match.start(), match.end(), name


def same_named(one: str, other: str) -> str | None:
    """The license that two names in a row are for, of which one leaves out terms: never the more open one.

    "Creative Commons Attribution 4.0 International (CC BY-NC-SA 4.0)" is the second.
    """
    first, second = NAMED.fullmatch(one), NAMED.fullmatch(other)
    if not first or not second or (first["version"] and second["version"] and first["version"] != second["version"]):
        return None
    terms = [set(found["terms"].split("-")) for found in (first, second)]
    if not (terms[0] < terms[1] or terms[1] < terms[0]):
        return None
    longer = first if terms[1] < terms[0] else second
    return identifier(longer["terms"], first["version"] or second["version"])


def legal_code_title(text: str) -> str | None:
    """The license whose legal code a text is: its title says which, its body barely differs."""
    match = CODE_TITLE.search(text[:TITLE_CHARS])
    return identifier(match["terms"], match["version"], match["port"]) if match else None


def identifier(terms: str, version: str | None, port: str | None = None) -> str:
    """The identifier of a license from its terms in any spelling. All of them require attribution since 2004."""
    parts = [short for short, pattern in TERM_PATTERNS if short == "BY" or pattern.search(terms)]
    name = "-".join(parts)
    if not version:
        return f"LicenseRef-CC-{name}"
    versioned = f"CC-{name}-{version if '.' in version else version + '.0'}"
    ported = normalize_expression(f"{versioned}-{PORTS[port.lower()]}") if port else None
    return ported or versioned
