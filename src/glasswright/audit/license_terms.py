"""What a repository's own words take away beside its licenses: in a readme, in the head of a card, in a notice, in a
policy for users.

An open license beside such words is not open by itself, and nobody is accused by them: what the two come to is for a
person to say. So what is found here leaves openness unknown, with its place.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from glasswright.audit.license_files import LicenseReading, Scope
from glasswright.audit.license_places import CODE, restricted_heads
from glasswright.audit.license_statements import NOT_OURS, OWN_NAME, VERB, named_scopes
from glasswright.audit.lineage_places import file_terms
from glasswright.audit.passages import Passage, passages
from glasswright.audit.record import Evidence, shorten
from glasswright.audit.sentences import Names, is_own, sentences
from glasswright.audit.subject import HOUSEKEEPING, Document, Snapshot, Subject
from glasswright.audit.terms_anywhere import bare, terms_anywhere
from glasswright.audit.voices import LEGAL_NAME, is_card, names, prose, root_voices
from glasswright.licenses import find_clauses, mentions, restrictions
from glasswright.licenses.additions import named_blank
from glasswright.licenses.any_case import AnyCase
from glasswright.licenses.beside import is_license_title, is_unclear, unclear_terms
from glasswright.licenses.kinship import taken_by
from glasswright.licenses.languages import ND, NO_COPIES, is_in_no_language_read, may_take, spoken_in
from glasswright.licenses.seen import without_emphasis

TERMS = "LicenseRef-NC"  # for want of a better word: rights are taken away
EVERYTHING: frozenset[Scope] = frozenset({"weights", "code"})
OF_A_DATA_SET: frozenset[Scope] = frozenset({"data"})
WEIGHTS: frozenset[Scope] = frozenset({"weights"})
OF_DOCUMENTS = frozenset({"croissant.json", "private.json"})  # what a release records of its documents
OF_WEIGHTS_FIELD = re.compile(r"(?i)(?:weights|model)[-_]?licen[sc]e\b")
OF_WEIGHTS = re.compile(r"(?i)\bparents?\b|\bhow open\b")  # headings: on what it was made from, on what an audit found
FILE_FIRST = re.compile(r"\W*`([^`]{1,80})`")  # in a list of downloads
COMPARES = re.compile(
    r"(?i)(?:propriet\w*|closed)\W+(?:\w+\W+){0,2}open|open[- ]source\W+(?:\w+\W+){0,2}(?:propriet|closed)"
    r"|プロプライエタリ.{0,8}オープン|(?:专有|闭源|私有).{0,6}开源|开源.{0,6}(?:专有|闭源)|독점.{0,10}오픈"
)
OF_COPIES = re.compile(r"(?i)\b(?:re-?)?distribut|\bcop(?:y|ied)\b|\bpublish")
WEIGHTS_ELSEWHERE = re.compile(  # "Weights: [Fell Terms](https://...)"
    r"(?i)\b(?:weights|models?|checkpoints?)(?: licen[sc]e)?\**\s?:\**\s?(?P<what>\[[^\]]{2,80}\]\([^)]{1,200}\)|(?:[A-Z][\w-]* ){1,6}(?:Terms|Licen[sc]e|Agreement)\b)"
)
LABELLED = re.compile(  # "**Model license**: Fell Terms"
    r"(?i)\b(?:weights?|models?|checkpoints?) licen[sc]e\**\s?[:|]\**\s?(?P<what>[^\s|.][^|.\n]{1,80})"
)
QUICK = AnyCase(r"licen[sc]|\bcc\b|\bcc[-_ ]?by|\bn[cd]\b|proprietary|reserved|commercial|deriv|\w+pl\b|busl|elastic")
MIN_WORDS = 4
OF_A_LICENSE = AnyCase(
    r"licen[sc]|(?:community|individual|user|model|service|signed) agreement\b|\beula\b|terms of (?:use|service)"
)
TABLE_OR_HEAD = re.compile(r"\s*\||---")
NAMED = re.compile(r"\b(?:MIT|Apache)\b(?![-/])")
ADDRESS = re.compile(r"\]\([^()\s]*\)|https?://\S+|!\[[^\]]*\]|<[^<>]{0,400}>")
KEEPING = frozenset(
    {"acceptable_use_policy", "user_threshold", "output_use", "territory"}
)  # clauses, wherever they stand
BINDS = re.compile(
    r"(?i)\b(?:by (?:downloading|using|accessing)|you (?:must |have to |need to )?(?:accept|agree)|subject to|governed by)\b"
    r"[^.]{0,80}\b(?:terms|polic(?:y|ies)|agreement|conditions)\b"
    r"|\b(?:needs?|requires?) an? (?:separate |signed |written )*(?:contract|agreement|licen[sc]e from)\b"
)
ONLY_FOR = re.compile(
    r"(?i)\b(?:models?|weights|checkpoints?|it|they)\b[^.]{0,30}\b(?:may|can|must|shall|should|is|are) (?:to )?only (?:to )?be "
    r"(?:used|downloaded|accessed|shared) (?:by|for|in|within)\b"
)


def terms_beside(
    subject: Subject, snapshot: Snapshot, license_files: frozenset[str], read: frozenset[tuple[str, int]]
) -> Iterator[LicenseReading]:
    """Each sentence about this model that takes rights away, and each policy that forbids.

    license_files:  paths of the files that are read as licenses
    read:           files and lines that are read as naming a license that is not open
    """
    speaking = [d for d in root_voices(subject) if d.snapshot == snapshot.name]
    for passage in prose(speaking):
        for sentence in sentences(passage.text, passage.heading, names(subject)):
            is_ours = sentence.about == "this model" and not _is_of_another_file(sentence.text, names(subject))
            if is_ours and _named_in_passing(sentence.text):
                place = re.compile(re.escape(sentence.text)).search(passage.text)
                evidence = passage.evidence(place, "license.terms")
                if not any((evidence.file, line) in read for line in evidence.lines or ()):
                    yield _reading(evidence, sentence.text)
            if is_ours and _takes(without_emphasis(sentence.text)) and not _is_said_elsewhere(sentence.text):
                place = re.compile(re.escape(sentence.text)).search(passage.text)
                reading = _reading(passage.evidence(place, "license.terms"), sentence.text)
                is_of_weights = OF_WEIGHTS.search(passage.heading.rsplit(" > ", 1)[-1]) is not None
                yield replace(reading, scopes=WEIGHTS) if is_of_weights else reading
        yield from _under_a_license_title(passage)
    for document in speaking:
        yield from _of_a_license(document, names(subject), read)
    for evidence in file_terms(snapshot):
        yield replace(_reading(evidence, ""), scopes=WEIGHTS)
    for evidence in restricted_heads(snapshot):
        yield replace(_reading(evidence, ""), scopes=CODE)
    for evidence in terms_anywhere(snapshot, speaking, license_files, names(subject)):
        reading = _reading(evidence, evidence.quote)
        if snapshot.kind == "dataset" or evidence.file.rpartition("/")[2] in OF_DOCUMENTS:
            reading = replace(reading, scopes=OF_A_DATA_SET)
        yield replace(reading, scopes=WEIGHTS) if OF_WEIGHTS_FIELD.match(evidence.quote) else reading


def _under_a_license_title(passage: Passage) -> Iterator[LicenseReading]:
    """The first sentence under a heading about the license that may be terms: what stands there is of the license."""
    if (own := LABELLED.search(passage.text)) and not (mentions(own["what"]) or "licen" in own["what"].lower()):
        yield replace(_reading(passage.evidence(own, "license.terms"), own.group()), scopes=WEIGHTS)
        return
    if not is_license_title(passage.heading.rsplit(" > ", 1)[-1]):
        return
    if (own := WEIGHTS_ELSEWHERE.search(passage.text)) and not mentions(own["what"]):
        yield replace(_reading(passage.evidence(own, "license.terms"), own.group()), scopes=WEIGHTS)
        return
    for sentence in unclear_terms(passage.told):
        if not (_is_said_elsewhere(sentence.quote) or OWN_NAME.search(named_blank(sentence.quote))):
            place = re.compile(re.escape(sentence.quote)).search(passage.text)
            yield _reading(passage.evidence(place, "license.terms"), sentence.quote)
            return


def _of_a_license(document: Document, called: Names, read: frozenset[tuple[str, int]]) -> Iterator[LicenseReading]:
    """The first sentence that is of a license by its words, wherever it stands, and is not understood."""
    if LEGAL_NAME.match(document.name) or HOUSEKEEPING.search(document.path):
        return
    for passage in map(bare, passages(document)):
        is_told = not (passage.is_code or passage.is_heading or TABLE_OR_HEAD.match(passage.lines[0]))
        if not (is_told and _names_one(passage.text)):
            continue
        for sentence in sentences(passage.text, passage.heading, called):
            said = ADDRESS.sub("", sentence.text)
            is_another = sentence.about in ("another", "its parent") or _is_of_another_file(sentence.text, called)
            if is_another or not _names_one(said) or not (is_unclear(said) or _is_under_its_own(said)):
                continue
            evidence = passage.evidence(re.compile(re.escape(sentence.text)).search(passage.text), "license.terms")
            if not any((evidence.file, line) in read for line in evidence.lines or ()):
                reading = _reading(replace(evidence, quote=shorten(said)), said)
                yield replace(reading, scopes=WEIGHTS) if is_card(document) and not named_scopes(said) else reading
                return


def _names_one(text: str) -> bool:
    return bool(OF_A_LICENSE.search(text) or NAMED.search(text))


def _is_under_its_own(sentence: str) -> bool:
    """Whether a sentence puts something under a license that nobody knows, perhaps beside one that is known."""
    return bool(VERB.search(sentence) and OWN_NAME.search(named_blank(sentence)))


def _takes(sentence: str) -> bool:
    """Whether a sentence, and not a list's word or two, takes a right away. That something "may not be reproduced" is
    said of experiments as well."""
    if (
        len(sentence.split()) < MIN_WORDS
        and sentence.isascii()
        and ("commercial" in sentence.lower() or not may_take(sentence))
        and not sentence.lower().rstrip(" .!*").endswith("only")
    ):
        return False
    names = {name for _, name in restrictions(sentence)}
    taken = bool(names - {NO_COPIES, ND}) or (
        NO_COPIES in names and bool(OF_COPIES.search(sentence) or spoken_in(sentence))
    )
    taken = taken or is_in_no_language_read(sentence) or may_take(sentence)
    closes = any(clause.id in KEEPING for clause in find_clauses(sentence))
    return taken or closes or bool(BINDS.search(sentence) or ONLY_FOR.search(sentence))


def _is_said_elsewhere(sentence: str) -> bool:
    """Whether a sentence is read as naming a license, or is about the work of others."""
    names_one = any(taken_by(mention.license) for mention in mentions(sentence))
    return names_one or bool(NOT_OURS.search(sentence) or COMPARES.search(sentence))


def _named_in_passing(sentence: str) -> bool:
    """Whether a sentence names a license that takes something away, and not for the work of others."""
    is_worth_it = QUICK.search(sentence) and not NOT_OURS.search(sentence)
    return bool(is_worth_it) and any(taken_by(mention.license) for mention in mentions(sentence))


def _is_of_another_file(sentence: str, names: Names) -> bool:
    """ "- `other-7b.tar` has a license of its own": a list of files, and this is not ours."""
    name = FILE_FIRST.match(sentence)
    return name is not None and not is_own(name[1], names)


def _reading(evidence: Evidence, sentence: str) -> LicenseReading:
    scopes = WEIGHTS if FILE_FIRST.match(sentence) else named_scopes(sentence) or EVERYTHING
    note = f"words beside the license take rights away: “{shorten(evidence.quote, 120)}”"
    return LicenseReading(TERMS, "unknown", (evidence,), scopes=scopes, gap="unchecked", note=note)
