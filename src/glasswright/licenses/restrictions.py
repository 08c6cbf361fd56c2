"""Words that take away what an open license gives: no commerce, no changes, no copies, no learning from it.

    "for personal use only"                      LicenseRef-NC
    "may not be modified"                        LicenseRef-ND
    "may not be reproduced without permission"   LicenseRef-no-copies
    "may not be used to train models"            LicenseRef-no-training

A condition takes nothing away: "may not be copied except according to those terms".
"""

import re

NOT = (
    r"(?:may|must|can|shall|should|is|are|do|does)(?: ?not|n.t| never)(?:[ \n]+(?:be|to|allowed|permitted)){0,2}[ \n]+"
)
MAY_NOT = r"(?:may|must|can|shall|should|do)(?: ?not|n.t| never)(?:[ \n]+(?:be|to|allowed|permitted)){0,2}[ \n]+"
COMMERCE = r"(?:re)?(?:sold|sell|resale|sale)\b|commercial(?:ly)?\b|used[ \n]+(?:for[ \n]+(?:any[ \n]+)?)?commercial"
ALONE = r"(?:personal|private|academic|classroom|research|teaching|internal|non-?profit|evaluation)"  # "educational" disclaims
RULES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        (
            "LicenseRef-NC",
            rf"\bnon-?[ \n]?commercial(?:ly)?\b|\b{ALONE}(?:[ \n,/]+(?:and|or|and/or)?[ \n]*[\w-]+){{0,3}}?[ \n]+(?:use|purposes?)[ \n]+only"
            rf"|\b(?:only|solely|exclusively|limited)[ \n]+(?:be[ \n]+used[ \n]+)?(?:for|to)[ \n]+(?:your[ \n]+)?(?:own[ \n]+)?{ALONE}"
            rf"|\b{NOT}(?:\w+[ \n]+){{0,6}}?(?:{COMMERCE})|\bnot[ \n]+for[ \n]+(?:re)?sale\b"
            r"|\bno[ \n]+commercial[ \n]+(?:use|usage|purpose|reuse|exploitation|redistribution)"
            r"|\bcommercial[ \n]+(?:use|usage|purposes?|reuse)\b[^.;]{0,60}?\b(?:prohibited|forbidden|not[ \n]+(?:allowed|permitted|granted)|requires?)"
            r"|\b(?:prohibit|forbid)\w*[^.;]{0,40}?\bcommercial\b"
            r"|\bcommons[ \n]+clause\b|\bdoes[ \n]+not[ \n]+include[^.;]{0,80}?\bright[ \n]+to[ \n]+sell\b"
            r"|非商业|非商業|不得[^。\n]{0,12}商业|(?:仅限|仅供)[^。\n]{0,10}(?:学习|研究|个人)|禁止[^。\n]{0,8}商",
        ),
        (
            "LicenseRef-ND",
            rf"\bno[- ]?derivatives?\b|\b{MAY_NOT}(?:be[ \n]+)?(?:modified|altered|changed|adapted|translated|modify|alter)\b"
            r"|\bderivative[ \n]+works?\b[^.;]{0,40}?\b(?:may|must|can|are|is)(?:[ \n]+not|not)\b"
            r"|(?<!or )(?<!or\n)\bwithout[ \n]+(?:any[ \n]+)?(?:modifications?|alterations?|changes)\b|\bunmodified[ \n]+(?:form|copies)[ \n]+only"
            r"|\bonly[ \n]+(?:in[ \n]+)?(?:an[ \n]+)?(?:unmodified|verbatim|unaltered)\b",
        ),
        (
            "LicenseRef-no-copies",
            rf"\b{MAY_NOT}(?:\w+,?[ \n]+(?:or[ \n]+|and[ \n]+)?){{0,3}}?(?:re)?(?:distribut|publish|reproduc|copied|copy\b|post|upload)\w*"
            r"|\b(?:reproduction|copying|copied|reproduced|redistribution|redistributed|republished|distributed)\b[^.;]{0,100}?"
            r"\b(?:without|requires?|with(?:out)?[ \n]+the)[ \n]+(?:[\w-]+,?[ \n]+){0,5}?(?:permission|consent)\b"
            r"|\b(?:reproduction|redistribution|republication|copying)[ \n]+(?:is|are)[ \n]+(?:strictly[ \n]+)?(?:prohibited|forbidden|not)"
            r"|\bno[ \n]+part[ \n]+of[ \n]+this[ \n]+\w+[ \n]+may[ \n]+be\b",
        ),
        (
            "LicenseRef-no-training",
            rf"\b{NOT}(?:be[ \n]+)?used?[^.;]{{0,60}}?\b(?:to[ \n]+train|train(?:ing)?\b[^.;]{{0,40}}?\b(?:AI|models?|machine))"
            r"|\b(?:prohibit|forbid|no)\w*[^.;]{0,60}?\b(?:AI|machine[ \n]+learning|model)[- \n]+training",
        ),
    )
)
HINT = re.compile(
    r"commerc|personal|private|educational|academic|research|only|sold|sell|sale|not\b|n.t\b|deriv|modif|"
    r"alter|without|reproduc|permission|no part|train|classroom|商|禁止|仅",
    re.IGNORECASE,
)
CONDITION = re.compile(
    r"\b(?:except|unless|provided|other[ \n]than|as[ \n]long[ \n]as|if[ \n]you|in[ \n]compliance)\b", re.IGNORECASE
)
BOTH = re.compile(  # with commerce or without
    r"commercial[ \n]+(?:and|or|and/or|as[ \n]well[ \n]as|nor)[ \n]+non-?commercial|commercial(?:ly)?[ \n]*/[ \n]*non"
    r"|non-?commercial(?:ly)?,?[ \n]+(?:and|or|as[ \n]well[ \n]as|nor)[ \n]+(?:for[ \n]+)?commercial|even[ \n]commercial"
    r"|(?:commercial|personal|educational)[ \n]*,[^.]{0,30}or[ \n]otherwise",
    re.IGNORECASE,
)
SENTENCE_END = re.compile(r"[.!?;](?=\s)|\n[ \t]*\n|。")


def restrictions(text: str) -> list[tuple[int, str]]:
    """What a text takes away, and where: unless its sentence says on what condition it does not.

    No condition buys off a clause against commerce but that commerce is meant as well.
    """
    if not HINT.search(text):
        return []
    found = []
    for name, rule in RULES:
        for match in rule.finditer(text):
            harmless = BOTH if name == "LicenseRef-NC" else CONDITION
            if not harmless.search(_sentence(text, match.start(), match.end())):
                found.append((match.start(), name))
    return sorted(found)


def _sentence(text: str, start: int, end: int) -> str:
    begin = 0
    for stop in SENTENCE_END.finditer(text, max(0, start - 600), start):
        begin = stop.end()
    stop_after = SENTENCE_END.search(text, end)
    return text[begin : stop_after.start() if stop_after else min(len(text), end + 600)]
