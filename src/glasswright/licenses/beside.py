"""Sentences under a heading about the license that may be terms, and that nobody here can tell from none.

    ## License
    MIT License. Shops have to ask us first.        "Shops have to ask us first.": a duty that the MIT License has not
    MIT License. See LICENSE for the text.          none: it says where the license stands
    MIT-Lizenz. Die Frist endet im Mai.             "Die Frist endet im Mai.": of a license by its place, and not read
    MIT-Lizenz. Verkaufen ist erlaubt.              none: it gives

What stands under such a heading is of the license by its place, whatever its words. So here a sentence has to be
understood before it is taken for harmless; anywhere else it has to be understood before it is taken for terms.
"""

import re
from collections.abc import Iterator

from glasswright.licenses.additions import NO_TERMS, Addition, named_blank, sentences_in
from glasswright.licenses.languages import ENGLISH, is_in_no_language_read, is_plainly_free, spoken_in
from glasswright.licenses.mentions import mentions
from glasswright.licenses.openness import is_open
from glasswright.licenses.spoken import spoken

LICENSE_TITLES = (  # words of a heading about the license
    "copyright", "public domain", "creative commons", "cc0", "licen", "lizenz", "licença", "legal", "rights",
    "ліценз", "лиценз", "许可", "授權", "授权", "協議", "协议", "版权", "ライセンス", "라이선스", "رخصة", "ترخيص",
    "terms of use", "conditions of use", "usage terms", "terms and conditions", "nutzungsbeding", "conditions d", "condiciones de uso",
    "termos de uso", "condições de uso", "condizioni d", "voorwaarden", "warunki", "условия использ", "条款", "條款", "規約", "利用条件",
    "이용 조건", "약관", "شروط",
)  # fmt: skip
LICENSE_TITLE = re.compile("|".join(LICENSE_TITLES), re.IGNORECASE)
OF_A_PROTOCOL = re.compile(
    r"(?:传输|控制|数据报|通信|网络|通訊|傳輸|應用層|应用层|[A-Z]{3,5} ?)(?:协议|協議)|(?:协议|協議)\W*[(（][A-Z]{2,5}"
)
# Of a page, and no sentence: its tags, and links to places within it.
MARKUP = re.compile(r"""<a [^<>]*href=["']#[^<>]*>[^<>]*</a>|</?[a-z][^<>]*>""", re.IGNORECASE)
MAX_TITLE = 60
MAX_CHARS = 6000  # of a section; a longer one holds a license, and `fidelity` reads that
MIN_WORDS = 3
NO_NAME_WORDS = 7  # from which a sentence without one English word is no name, and in a language that nobody knows

# A word that takes, limits, or asks for something. One of them in a sentence, outside what is known to be harmless,
# and the sentence may be terms.
TAKES = spoken(
    r"\b(?:not|no|never|neither|nor|nobody|none|only|solely|except\w*|exclu\w+|unless|without|until|prohibit\w*|forb\w+|ban(?:s|ned)?|restrict\w*|limit\w*|"
    r"must|shall|ha(?:s|ve) to|needs? to|requir\w+|oblig\w+|fees?|pa(?:y|ys|id|yments?)|charg\w+|percent|royalt\w+|revenue\w*|profit\w*|earn\w*|money|"
    r"revo[kc]\w+|withdr\w+|terminat\w+|expir\w+|laps\w+|ends?|delet\w+|destroy\w*|trial|evaluation (?:only|purposes?)|"
    r"owes?|confined|refrain\w*|on loan|write to|for an? (?:day|week|month|year)|individuals|contact|ask|request\w*|appl(?:y|ication)|permission|consent\w*|approv\w+|authori[sz]\w+|regist\w+|sign|discretion|reserv\w+|"
    r"agree\w*|separate\w*|conditions?|conditional\w*|provided that|subject to|commercial\w*|non-?commercial|proprietary|purchas\w+|buy\w*|sell|sold|resale|subscri\w+|"
    r"void|breach\w*|violat\w*|territor\w+|countr\w+|residents?|citizens?|military|polic\w+|government\w*|weapon\w*|members?|customers?|employees?|partners?|"
    r"students?|schools?|universit\w+|academ\w+|research\w*|educat\w+|teach\w*|hobby\w*|personal\w*|private\w*|internal\w*|compan\w+|enterprise\w*|"
    r"compet\w+|train\w*|off the table|off[- ]limits|can.?t|cannot|don.?t|won.?t|isn.?t|aren.?t|doesn.?t)\b"
)
# What is said beside a license and takes nothing of it, each with an example.
HARMLESS: tuple[tuple[str, str], ...] = (
    (r"\blanguage governing permissions and limitations\b", "See the License for the specific language governing permissions and limitations under the License."),
    (r"\b(?:files?|code) that (?:do|does) not (?:contain|have|bear|carry) [^.]*\bcopyright of\b[^.]*", "All files that do not contain such a header are the exclusive copyright of their author."),
    (r"\bno licen[sc]e (?:here )?is (?:bound|limited|restricted|confined) to (?:a|any|one) (?:country|territory|region)\b", "No license is bound to a country."),
    (r"\b(?:you|everyone|everybody|anyone|anybody|all|they|researchers and developers) (?:are|is) (?:entirely |absolutely )?free to\b", "You are free to use it."),
    (r"\bwithout (?:any )?(?:warrant\w+|guarantee\w*|restrictions?|limitations?|charge|fees?|royalt\w+|permission|asking|attribution)(?: or (?:conditions?|\w+))*(?: of any kind)?", "It comes without warranty."),
    (r"\b(?:ask for |there (?:is|are) )?(?:no|free of) (?:warrant\w+|guarantee\w*|restrictions?|limitations?|charge|fees?|cost|royalt\w+|registration)(?:,? (?:and|or)? ?(?:no )?(?:fees?|registration|warrant\w+|limitations?|charge))*", "We ask for no fee and no registration."),
    (r"\b(?:licen[sc]e|it) (?:allows|permits) (?:all|any|both) of (?:that|this|these|it)\b[^.]*|\b(?:sell|change|share|copy|train on) (?:it|them)[,:;]", "Sell it, change it, share it: the license allows all of that."),
    (r"\b(?:in|as part of|for) (?:products?|things|services) that you sell\b", "You may use it in products that you sell."),
    (r"\b\w+ and \w+ alike\b", "Schools and shops alike may use it."),
    (r"\bcontributors? must not\b[^.]*", "Contributors must not submit what they do not own."),
    (r"\b(?:not|in no (?:event|way)|shall)(?: \w+){0,3} (?:responsible|liable|affiliated|endors\w+|imply|constitute)\b[^.]*", "We are not responsible for what you do."),
    (r"\bunless required by applicable law or agreed to in writing[^.]*", "Unless required by applicable law or agreed to in writing, it is as it is."),
    (r"\bsubject to the (?:included |accompanying |attached )?licen[sc]e file\b", "Its use is subject to the included LICENSE file."),
    (r"\bexcept in compliance with (?:(?:the|this) licen[sc]e|it\b)", "except in compliance with the License"),
    (r"\bmay not use (?:this file|these files|this \w+)(?= ?$|\W+(?:$|except))", "You may not use this file except in compliance with the License."),
    (r"\bunless you explicitly state otherwise[^.]*(?:\.\w[^.]*)*", "Unless you explicitly state otherwise, any contribution is under both."),
    (r"\bby (?:contributing|submitting)\b[^.]*\blicen[sc]\w+[^.]*|\b(?:your|all) contributions (?:will|shall|are)[^.]*\blicen[sc]\w+[^.]*", "By contributing, you agree that your contributions are licensed alike."),
    (r"\b(?:must|shall|should|need to|have to|required to|requires?)(?: \w+){0,2} (?:retain|preserv\w+|keep|includ\w+|give credit|credit|attribut\w+|cite|mention|acknowledg\w+)\b[^.]*", "You must give credit to the authors."),
    (r"\brequires? (?:attribution|that credit)\b[^.]*|\battribution is required\b", "It requires attribution."),
    (r"\bfree for (?:both )?(?:personal|academic|research)[\w ,]*\b(?:and|or) commercial (?:use|usage|purposes)\b", "It is free for personal usage, academic purposes, and commercial use."),
    (r"\b(?:is|are|has|have) no (?:non-?commercial|such|further|other) (?:clauses?|restrictions?|conditions?|terms)\b", "There is no non-commercial clause in our license."),
    (r"\b(?:may|can) (?:also )?(?:use|be used)(?: \w+){0,3} commercially\b|\bno (?:other|further) licen[sc]e is (?:needed|required)\b", "You may use the model commercially, and no other license is needed."),
    (r"\bno strings attached\b", "It is MIT with no strings attached."),
    (r"\bif you(?:.re| are) interested in\b[^.]*", "If you are interested in our policy on licenses, see below."),
    (r"\b(?:supports?|allows?|permits?|including|for|in|any|even|and|or|both|licen[sc]ed for) (?:\w+ ){0,3}?(?:research\w*|commercial\w*|academic|personal|private|educational)(?: (?:and|or|use|purposes?|entit\w+|users?|academic|non-?commercial|commercial|research|personal))*(?=[,.;) ]|$)(?! only)", "It supports commercial use."),
    (r"\bnot (?:only|limited to|just|merely)\b", "including, but not limited to, copies"),
    (r"\b(?:records?|logs?|transcripts?|states?) of (?:each|every|all|the) training (?:steps?|runs?)\b|\btraining can be (?:run|done) again\b", "The weights and a record of every training step are released, and the whole training can be run again."),
    (r"\b(?:licen[sc]es?|terms) (?:is|are) (?:recorded|reported|listed|stated), not judged\b", "What the documents state of their licenses is recorded, not judged."),
    (r"\bfor (?:training|further training|distillation)\b", "It allows distillation for training."),
    (r"\btrained (?:on|with|by|using)\b", "The model was trained on books."),
    (r"\bif you (?:have (?:any )?(?:questions?|problems?)|use|find|wish|like)\b[^.]*\b(?:contact|cite|citation|credit|reference|ask|open an issue)\b[^.]*", "If you have questions, contact us."),
    (r"\bthe licen[sc]e you receive[^.]*", "The license you receive is from me and not my employer."),
    (r"\b(?:permission|right\w*) (?:is|are) (?:hereby )?granted\b", "Permission is hereby granted to all."),
    (r"\bas long as (?:you )?(?:\w+ ){0,2}(?:credit|attribut\w+|cite|mention|keep|includ\w+)\b[^.]*", "as long as you credit us"),
    (r"\bwe waive\b[^.]*|\bto the extent (?:possible|permitted) under law\b", "We waive copyright in the work."),
    (r"\b(?:end of )?terms and conditions\b(?= (?:of|for))", "under the terms and conditions of the license"),
    (r"\ba (?:personal|private) (?:repository|project)\b|\b(?:my|our) (?:own )?(?:personal|private) (?:repository|project)\b", "This is my personal repository."),
    (r"\bexcept where (?:otherwise )?(?:noted|stated)(?: otherwise)?\b|\bunless (?:otherwise )?(?:noted|stated|specified|indicated)(?: otherwise)?\b", "Except where noted, all is CC0."),
    (r"\b(?:work|employees?|officers?) of the (?:united states|U\.?S\.?|federal) (?:federal )?government\b|\bgovernment works?\b", "As a work of the United States government, it is in the public domain."),
    (r"\blicen[sc]es? only applies to\b[^.]*", "The license only applies to the source files and the weights."),
    (r"\bmodif\w+, (?:and|or) (?:sell|distribute)\b|\b(?:use|copy|change|modify|sell|share|distribute)(?:,? (?:(?:and|or) )?(?:use|copy|change|modify|sell|share|distribute|resell))+\b", "You may copy, change and sell it."),
    (r"\b(?:companies|businesses|firms) (?:and|or) (?:students|schools|individuals|people|researchers)\b|\b(?:companies|businesses) are (?:as |just as )?welcome\b[^.]*", "Companies are as welcome as students."),
)  # fmt: skip
HARMLESS_PATTERN = spoken(*(pattern for pattern, _ in HARMLESS))


def is_license_title(title: str) -> bool:
    """Whether a heading is about the license: "License", "## 授权协议", and not "The TCP protocol (协议)"."""
    return len(title) < MAX_TITLE and bool(LICENSE_TITLE.search(title)) and not OF_A_PROTOCOL.search(title)


def unclear_terms(section: str) -> Iterator[Addition]:
    """The sentences of a section about the license that are not understood as harmless.

    section:  what stands under the heading; nothing is found in one that is longer than `MAX_CHARS`
    """
    if len(section) > MAX_CHARS:
        return
    bare = MARKUP.sub(lambda tag: " " * len(tag[0]), named_blank(section))
    for start, sentence in sentences_in(bare):
        for place, piece in _cells(start, sentence):
            if _is_unclear(piece, section[place : place + len(piece)]):
                yield Addition(section.count("\n", 0, place) + 1, " ".join(section[place : place + len(piece)].split()))


def is_unclear(sentence: str) -> bool:
    """Whether a sentence that is of a license, by its place or by its words, is not understood as harmless."""
    return _is_unclear(named_blank(sentence), sentence)


def _cells(start: int, sentence: str) -> Iterator[tuple[int, str]]:
    """The cells of a table, which has no sentences, with their places; of anything else the whole."""
    if not sentence.lstrip().startswith("|"):
        yield start, sentence
        return
    for cell in re.finditer(r"[^|]+", sentence):
        yield start + cell.start(), cell[0]


def _is_unclear(sentence: str, as_it_stands: str) -> bool:
    if len(as_it_stands.split()) < MIN_WORDS and sentence.isascii():
        return False
    named = [is_open(mention.license, "data") for mention in mentions(as_it_stands)]
    if not all(named):
        return False  # a license's name says what it takes, and is read as such
    if is_in_no_language_read(sentence):
        return True
    if languages := spoken_in(sentence):
        return not any(is_plainly_free(language, as_it_stands, names_open=bool(named)) for language in languages)
    if len(sentence.split()) >= NO_NAME_WORDS and not ENGLISH.search(sentence.lower()):
        return True
    return bool(TAKES.search(HARMLESS_PATTERN.sub(" ", NO_TERMS.sub(" ", " ".join(sentence.split())))))
