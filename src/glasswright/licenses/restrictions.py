"""Words that take away what an open license gives: no commerce, no changes, no copies, no learning from it.

    "for personal use only"                      LicenseRef-NC
    "GPL, or a commercial license"               LicenseRef-NC: who pays for one has what the others lack
    "may not be modified"                        LicenseRef-ND
    "may not be reproduced without permission"   LicenseRef-no-copies
    "may not be used to train models"            LicenseRef-no-training
    "It is now proprietary."                     LicenseRef-all-rights-reserved

A condition takes nothing away: "may not be copied except according to those terms". Other languages: `languages`.
"""

import re
from itertools import islice

from glasswright.licenses.languages import taken_in_words
from glasswright.licenses.spoken import spoken

MAY_NOT = r"(?:may|must|can|shall|should|do)(?: ?not|n.t| never)(?: (?:be|to|allowed|permitted)){0,2} "
NOT = r"(?:may|must|can|shall|should|do|does|is|are)(?: ?not|n.t| never)(?: (?:be|to|allowed|permitted)){0,2} "
COMMERCE = r"(?:(?:re)?(?:sold|sell|sale)\b|commercial(?:ly)?\b|used (?:for (?:any )?)?commercial)"
WORK = r"(?:project|software|repository|work|document|book|text|content|site|version|package|library|material)s?"
ALONE = r"(?:personal|private|academic|classroom|research|teaching|internal|non-?profit|evaluation)"
SOLD = r"(?:commercial|paid|enterprise|business|corporate|proprietary|professional|production)(?:[- ]use)?"
TERMS = r"(?:licen[sc](?:es?|ing)|agreements?|contracts?|subscriptions?)"
OFFERS = (
    r"(?:dual\w*|two|otherwise|available|availability|offer\w*|buy|bought|purchas\w+|acquir\w+|obtain\w*|sell|sold|request\w*|contact|quote|"
    r"pay|need\w*|requir\w+|must|everyone|everybody|(?:all|any) others?|the rest|for (?:\w+ ){0,2}(?:compan|business|enterprise|corporat|firm|organi|product)\w*)"
)
# "For educational purposes only" is not among them: in a tutorial it disclaims.
RULES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "LicenseRef-NC",
        spoken(
            r"(?<!\bno[ ])(?<!\bwithout[ ]a[ ])\bnon-? ?commercial(?:ly)?\b",
            rf"\b{ALONE}(?:[ \t\n,/]+(?:and|or|and/or)? ?[\w-]+){{0,4}}? (?:use|purposes?) only",
            rf"\bfree (?:of charge )?for (?:\w+ )?(?:{ALONE}|hobby|home|students)\b(?![^.\n]{{0,40}}\b(?:and|or) commercial)",
            r"\b(?:make money|for[- ]profit|monetiz\w+|paid (?:products?|services?))\b[^.\n]{0,60}?\b(?:contact|talk|ask|licen[sc]e|permission|not|excluded|prohibited)\b",
            r"\bcommercial (?:use|usage|products?|purposes?|projects?)\b[^.;\n]{0,30}?\b(?:not (?:covered|included|part)|excluded|forbidden|off[- ]limits)\b",
            rf"\b(?:only|solely|exclusively|limited) (?:be used )?(?:for|to) (?:your )?(?:own )?{ALONE}",
            rf"\b{NOT}(?:\w+ ){{0,6}}?{COMMERCE}",
            r"\bnot for (?:re)?sale\b",
            r"\b(?:re)?sell(?:ing)?\b[^.;\n]{0,40}?\bnot (?:allowed|permitted)\b|\bno (?:re)?selling\b",
            r"\b(?:only|exclusively|solely) (?:to|for|by) (?:our |its )?(?:members|customers|students|employees|subscribers|staff|partners)\b|\band nobody else\b",
            r"\bnot (?:intended |meant |licensed )?for (?:any )?(?:\w+ (?:or|and) )?(?:commercial|business|profit)",
            r"\bcommercial (?:users?|customers?|entit\w+|organi[sz]ations?|compan\w+|use|usage|purposes?|projects?|products?)\b"
            r"[^.;\n]{0,40}?\b(?:must|needs?|ha(?:s|ve) to|should|requires?|subject to|buy|purchase|contact|ask|write|e-?mail|paid)\b",
            r"\b(?:companies|businesses|enterprises|corporations|organi[sz]ations|for-profit\w*)\b[^.;\n]{0,60}?\b(?:must|need|have to|should|are)\b"
            r"[^.;\n]{0,40}?\b(?:buy|purchase|obtain|licen[sc]e|pay|contact|ask|no rights|excluded)\b",
            r"\b(?:for|in) (?:commercial|business) (?:use|purposes?|projects?|products?|settings?)\b(?! under (?:the|an?)\b)"
            r"[^.;\n]{0,40}?\b(?:contact|ask|write|e-?mail|buy|purchase|request|licen[sc]e)",
            r"\b(?:non-?profits?|students|schools|academics|individuals|researchers|hobbyists) only\b",
            r"\bno commercial (?:use|usage|purpose|reuse|exploitation|redistribution)",
            r"\bcommercial (?:use|usage|purposes?|reuse)\b[^.;]{0,60}?\b(?:prohibited|forbidden|requires?)",
            r"\bcommercial (?:use|usage|purposes?|reuse)\b[^.;]{0,60}?\bnot (?:allowed|permitted|granted)",
            r"\b(?:prohibit|forbid)\w*[^.;]{0,40}?\bcommercial\b",
            rf"(?<!no[ ])(?<!without[ ]a[ ])\b{SOLD} {TERMS}\b[^.;\n]{{0,80}}?\b{OFFERS}\b|\b{OFFERS}\b[^.;\n]{{0,80}}?(?<!no[ ])\b{SOLD} {TERMS}\b",
            rf"\b(?:everyone|everybody|(?:all|any) other (?:use|user|purpose|part|compan|entit)\w*|all others|anyone) (?:else )?(?:\w+ )?(?:needs?|requires?|must|ha(?:s|ve) to)\b"
            rf"[^.;\n]{{0,60}}?\b(?:{TERMS}|permission|pay|contact)\b",
            r"\bcommons clause\b",
            r"\b(?:earn\w*|mak(?:e|es|ing) money|charg(?:e|es|ing))\b[^.;\n]{0,60}?\b(?:pays?|owes?|ask us|contact us|percent|off the table)\b",
            r"\b(?:compan(?:y|ies)|businesses|shops|firms|agencies|banks|vendors|startups|employers)\b[^.;\n]{0,40}?\b(?:must|ha(?:s|ve) to|needs?|pays?|should)\b"
            r"[^.;\n]{0,40}?\b(?:ask|pay|fee|contact|call|talk|write|sign|agreement|contract|register|licen[sc]e)\b",
            r"\b(?:nobody|no one|none) (?:but|except|other than)\b[^.;\n]{0,60}\bmay\b",
            r"\b(?:at|for|in) (?:your )?(?:work|business|a company)\b[^.;\n]{0,30}?\b(?:calls for|needs?|requires?)\b",
            r"\bdoes not include[^.;]{0,80}?\bright to sell\b",
            r"非商业|非商業|不得[^。\n]{0,12}商业|(?:仅限|仅供)[^。\n]{0,10}(?:学习|研究|个人)|禁止[^。\n]{0,8}商",
        ),
    ),
    (
        "LicenseRef-ND",
        spoken(
            r"\bno[- ]?derivatives?\b",
            r"\b(?:may|must|can|shall|should)(?: ?not|n.t| never) (?:be )?(?:modified|altered|changed|adapted|translated|modify|alter)\b",
            r"\bderivative works?\b[^.;]{0,40}?\b(?:may|must|can|are|is)(?: not|not)\b",
            r"(?<!or[ ])(?<!or\n)\bwithout (?:any )?(?:modifications?|alterations?|changes)\b",
            r"\bunmodified (?:form|copies) only",
            r"\bonly (?:in )?(?:an )?(?:unmodified|verbatim|unaltered)\b",
        ),
    ),
    (
        "LicenseRef-no-copies",
        spoken(
            rf"\b{MAY_NOT}(?:\w+,? (?:or |and )?){{0,3}}?(?:re)?(?:distribut|publish|reproduc|copied|copy\b|post|upload)\w*",
            r"\b(?:reproduction|copying|copied|reproduced|redistribution|redistributed|republished|distributed)\b[^.;]{0,100}?"
            r"\b(?:without|requires?|with(?:out)? the) (?:[\w-]+,? ){0,5}?(?:permission|consent)\b",
            r"\b(?:reproduction|redistribution|republication|copying) (?:is|are) (?:strictly )?(?:prohibited|forbidden|not)",
            r"\bno part of this \w+ may be\b",
            r"\b(?:passing on|sharing|publishing|redistribut\w+)\b[^.;\n]{0,40}?\bat (?:our|my|the author.s) (?:sole )?discretion\b",
            r"\b(?:re-?publish\w*|re-?post\w*|re-?print\w*|reproduc\w*|redistribut\w*|copying|translat\w+|re-?use)\b[^.;\n]{0,40}?"
            r"\b(?:needs?|requires?|only with|subject to|without)\b[^.;\n]{0,40}?\b(?:permission|consent|approval|authori[sz]ation)\b",
            r"\b(?:please )?(?:do not|don.t|never) (?:re-?)?(?:post|publish|print|upload|share|distribute|copy|sell) (?:it|them|this|these|the (?:content|text|book|chapter|material)s?)\b",
        ),
    ),
    (
        "LicenseRef-all-rights-reserved",
        spoken(
            rf"\b(?:now|it is|since then|this {WORK}(?: \w+){{0,3}} (?:is|became|becomes))(?: \w+){{0,3}}? (?:proprietary|closed[- ]source|confidential|source[- ]available)\b",
            r"\b(?:is|are|and|but|,) no longer (?:\w+ ){0,2}?(?:open[- ]source|free software|MIT|Apache|GPL|BSD|CC|(?:licen[sc]ed|released|available) under)\b",
            r"\b(?:except|excluding|but not|other than|apart from|with the exception of)\b(?:[^.;\n]|\.\w){0,160}?"
            r"(?P<at>\b(?:which|that|whose)\b)(?:[^.;\n]|\.\w){0,40}?\b(?:reserved|proprietary|copyrighted|confidential|not (?:free|open|licen[sc]ed))\b",
            r"\b(?:texts?|essays?|articles?|chapters?|stor(?:y|ies)|contents?|materials?|posts?|pages?|books?|documents?)"
            r"(?: themselves)? (?:remains?|stays?) (?:\w+ )?(?:copyrighted|proprietary|reserved|the property)\b",
            r"\b(?:no rights|no licen[sc]e|rights) (?:is |are |shall be |will be )?(?:not )?granted (?:to|for|in)\b[^.;\n]{0,80}",
            r"\b(?:have|has|gets?|obtains?|receives?) no rights?\b|\breserves? the right to (?:withdraw|revoke|change|end|terminate|cancel)\b",
            r"\b(?:licen[sc]e|grant|permission)\b[^.;\n]{0,30}?\b(?:laps|expir)(?:es?|ed)\b|\bmust (?:then )?(?:delete|destroy) (?:it|them|all copies|your cop\w+|the)\b",
            r"\b(?:military|police|army|armed forces|governments?|authorities|weapons?)\b[^.;\n]{0,40}?\b(?:excluded|barred|banned|obtains? nothing|not covered)\b",
            r"\bproprietary and confidential\b|\bconfidential and proprietary\b|\bunauthori[sz]ed (?:copying|use|distribution)\b",
            r"\bdo(?:es)? not allow (?:anyone|anybody|others|you) to\b",
            r"\bgranted no (?:rights?|licen[sc]e)\b|\bnot granted any (?:rights?|licen[sc]e)\b",
        ),
    ),
    (
        "LicenseRef-no-training",
        spoken(
            rf"\b{NOT}(?:be )?used?[^.;]{{0,60}}?\bto train",
            r"\bnot (?:to )?be used (?:as|for|in) [^.;\n]{0,40}?\btraining\b",
            rf"\b{NOT}(?:be )?used?[^.;]{{0,60}}?\btrain(?:ing)?\b[^.;]{{0,40}}?\b(?:AI|models?|machine)",
            r"\b(?:prohibit|forbid|no)\w*[^.;]{0,60}?\b(?:AI|machine learning|model)[- \n]+training",
        ),
    ),
)
HINT = spoken(
    r"earn|charg|compan|shops|agencies|banks|rights|unauthori|laps|expir|delet|destroy|military|police|army|governments|nobody|no one|work",
    r"commerc|personal|private|academic|research|only|solely|sold|sell|sale|not\b|n.t\b|deriv|modif|alter",
    r"without|reproduc|permission|no part|train|classroom|prohibit|forbid|clause|reserved|copyrighted|property|nobody|members|money|profit|hobby|consent|approval|proprietary|closed|confidential|longer|granted|enterprise|business|corporate|paid|everyone|everybody|anyone|other|商|禁止|仅",
)
CONDITION = spoken(r"\b(?:except|unless|provided|other than|as long as|if you|in compliance)\b")
BOTH = spoken(  # with commerce or without
    r"commercial (?:and|or|and/or|as well as|nor) non-?commercial|commercial(?:ly)? ?/ ?non",
    r"even (?:for |in )?commercial|including (?:for |in )?commercial|commercial (?:purposes|use),? all without",
    r"non-?commercial(?:ly)?,? (?:and|or|as well as|nor) (?:for )?commercial",
    r"(?:commercial|personal|educational) ?,[^.]{0,30}or otherwise",
    r"\A(?:(?!\b(?:not?|never|only|prohibit\w*|forbid\w*|n.t)\b)(?:[^.]|\.\w))*\bwithout (?:asking|permission|charge|(?:a )?fee)\b",
)
MAX_FOUND = 64  # of one kind: more than any license has, and a text that repeats itself ends here
SENTENCE_END = re.compile(r"[.!?;](?=\s)|\n[ \t]*\n|。")


def restrictions(text: str) -> list[tuple[int, str]]:
    """What a text takes away, and where: unless its sentence says on what condition it does not.

    No condition buys off a clause against commerce but that commerce is meant as well.
    """
    found = list(islice(taken_in_words(text), MAX_FOUND))
    for name, rule in RULES if HINT.search(text) else ():
        harmless = BOTH if name == "LicenseRef-NC" else CONDITION
        taken = (
            (match.start("at") if match.re.groupindex and match["at"] else match.start(), name)
            for match in rule.finditer(text)
            if not harmless.search(_sentence(text, match) if name == "LicenseRef-NC" else _after(text, match))
        )
        found += islice(taken, MAX_FOUND)
    return sorted(found)


def _sentence(text: str, match: re.Match[str]) -> str:
    begin = 0
    for stop in SENTENCE_END.finditer(text, max(0, match.start() - 600), match.start()):
        begin = stop.end()
    return text[begin : match.end()] + _after(text, match)


def _after(text: str, match: re.Match[str]) -> str:
    """The rest of a sentence: a condition before what it takes away is none, "except X, which may not be copied"."""
    stop = SENTENCE_END.search(text, match.end(), match.end() + 600)
    return text[match.end() : stop.start() if stop else match.end() + 600]
