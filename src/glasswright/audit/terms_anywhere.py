"""What stands anywhere in a folder and may be about rights. What is not understood there leaves openness unknown.

    a legal file       TERMS.md, USE_RESTRICTIONS.txt     sentence by sentence: of rights by its name
                       LICENSE-WEIGHTS.pdf                by its name it holds terms, and it was not read
    the gate of a card extra_gated_prompt                 sentence by sentence: of rights by its place
    a field            "license", LABEL, rights =         what names no open license           terms_fields
    any other text     a FAQ, a changelog, a notebook,    sentences that are known for terms   rules/terms.toml
                       what a script tells its user

An open license is proved by a text that was read to its end and understood. So is the rest of the folder, as far as it
speaks of rights at all: nobody is accused by what is found here, and nothing is proved beside it.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace

from glasswright.audit.at_hand import PROSE, SCRIPT, SETTINGS, texts_at_hand
from glasswright.audit.license_statements import NOT_OURS
from glasswright.audit.lineage_record import edges, recorded
from glasswright.audit.passages import Passage, front_matter, passages
from glasswright.audit.record import Evidence, shorten
from glasswright.audit.rules import hits, rules_of, words
from glasswright.audit.sentences import Names, sentences
from glasswright.audit.subject import ASIDE, WEIGHT_FILE, Document, Snapshot
from glasswright.audit.terms_fields import unclear_fields
from glasswright.licenses import is_open, mentions, text_license
from glasswright.licenses.any_case import AnyCase
from glasswright.licenses.beside import MAX_CHARS, unclear_terms
from glasswright.licenses.kinship import taken_by
from glasswright.licenses.languages import may_take, spoken_in
from glasswright.licenses.seen import without_emphasis

RULE = "license.terms"
LEGAL = re.compile(
    r"(?:^|[-_. ])(?:licen[sc]es?|terms|eula|agreement|restrictions?|legal|rights|copying|notices?|disclaimers?"
    r"|permissions?|(?:acceptable[-_ ]?)?(?:use|usage)[-_ ]?polic(?:y|ies)|acceptable[-_ ]use|prohibited[-_ ]?uses?"
    r"|conditions)(?:[-_. ]|$)",
    re.IGNORECASE,
)
LEGAL_FOLDER = re.compile(r"docs?|legal|terms|polic(?:y|ies)", re.IGNORECASE)
OF_WEIGHTS = re.compile(r"(?:.*/)?(?:weights|checkpoints?|ckpts?|models?)", re.IGNORECASE)  # a folder
ASKED = re.compile(r"faq|question|polic|pricing|commercial|terms|access", re.IGNORECASE)  # a page on how to get it
LEGAL_TEXT = re.compile(r"(?:^|/)[^/.]+$|\.(?:md|markdown|txt|rst|org|adoc|html?)$", re.IGNORECASE)
NOT_TEXT = re.compile(r"\.(?:pdf|docx?|odt|rtf|pages|png|jpe?g|tiff?|zip|7z|gz|tgz|rar)$", re.IGNORECASE)
LOCKED = re.compile(r"[-.]lock\.(?:json|ya?ml|toml)$|\.lock$", re.IGNORECASE)  # of other people's packages
# A page of a manual speaks of rights where it has one of these; a file at the top, or beside weights, in any case.
OF_RIGHTS = AnyCase(
    r"licen[sc]|\bweights\b|checkpoint|\bmodels?\b|commercial|consent|agreement|terms of|\bsign(?:s|ed)?\b"
    r"|\bentit(?:y|ies)\b"
)
TELLS = re.compile(r"[\"'`](?P<said>(?:[^\"'`\s\\\\]\S*[ ]){4,80}[^\"\n]{1,200})")
OF_PROGRAM = re.compile(r"[=(){}\[\];]|^(?:import|from|def|class|return)\b")
HTML = re.compile(r"\.html?$", re.IGNORECASE)
GATE = re.compile(r"extra_gated_(?!button_content)\w+|gated_\w+", re.IGNORECASE)
OF_PERSONAL_DATA = re.compile(
    r"personal data|privacy polic|information (?:I|you) provide|be contacted|share[sd]? (?:your|my) contact",
    re.IGNORECASE,
)
TAGS = re.compile(r"<[^<>]{0,400}>")


def terms_anywhere(
    snapshot: Snapshot, spoken: list[Document], license_files: frozenset[str], called: Names
) -> Iterator[Evidence]:
    """Each place where something about rights stands that was not understood, the first of a file.

    spoken:         the documents that speak for the release
    license_files:  paths of the files that are read as licenses
    called:         how the release calls itself
    """
    paths = frozenset(entry.path for entry in snapshot.entries)
    folders = {path.rpartition("/")[0] for path in paths}
    weights = {path.rpartition("/")[0] for path in paths if WEIGHT_FILE.search(path)}
    beside = {"", *weights, *filter(OF_WEIGHTS.fullmatch, folders)}
    legal = {path for path in paths - license_files if _is_legal(path, beside)}
    of_parents = {it.evidence.file for it in (*recorded(snapshot), *(parent for _, parent in edges(snapshot)))}
    for path in sorted(legal):
        if NOT_TEXT.search(path):
            quote = f"{path}: by its name it holds terms, and it was not read"
            yield Evidence(file=f"{snapshot.name}/{path}", lines=None, quote=quote, rule=RULE)
    for document in spoken:
        yield from _gate(document)
        yield from _head_link(document, snapshot.repo, paths)
    for document in texts_at_hand(snapshot):
        if document.where in of_parents or document.path in license_files:
            continue  # read elsewhere
        if LEGAL.search(document.name) and document.path not in legal:
            continue  # kept of other people's work
        if document.path in legal and LEGAL_TEXT.search(document.path):
            yield from _legal(document)
        elif document in spoken or document.path.rpartition("/")[0] in beside or ASKED.search(document.name):
            yield from _of_the_release(document, snapshot.repo, paths, called)
        elif not SCRIPT.search(document.path) and OF_RIGHTS.search(document.text):
            yield from _of_the_release(document, snapshot.repo, paths, called, near=OF_RIGHTS)


def _is_legal(path: str, beside: set[str]) -> bool:
    """Whether a file holds terms by its name: at the top or in a folder of it, or beside weights."""
    folder, _, name = path.rpartition("/")
    if ASIDE.search(path) or SCRIPT.search(path):
        return False
    return folder == "LICENSES" or bool((folder in beside or LEGAL_FOLDER.fullmatch(folder)) and LEGAL.search(name))


def _legal(document: Document) -> Iterator[Evidence]:
    """The first sentence of a file that by its name holds terms, where it is not understood, or names a license that
    takes something away."""
    text = TAGS.sub(" ", document.text)
    known = text_license(text)
    if known is not None and is_open(known.license, "data") and not known.additions:
        return
    if len(text) > MAX_CHARS:
        yield _at(document, 1, f"{document.name}: a long text, of no license that is known")
        return
    for found in unclear_terms(text):
        yield _at(document, found.line, found.quote)
        return
    for passage in passages(document):
        if not NOT_OURS.search(passage.text) and any(taken_by(named.license) for named in mentions(passage.text)):
            yield passage.evidence(None, RULE)
            return


def _gate(document: Document) -> Iterator[Evidence]:
    """What a card asks of those who want its files, where it is more than who they are."""
    is_gate = False
    for number, line in enumerate(document.lines[1:] if document.lines[:1] == ("---",) else (), 2):
        if line.strip() == "---":
            return
        if line[:1].strip():
            is_gate = bool(GATE.match(line))
        said = line.partition(":")[2] if line[:1].strip() else line
        if is_gate and not OF_PERSONAL_DATA.search(said):
            for found in unclear_terms(said):
                yield _at(document, number, found.quote)
                return


def _head_link(document: Document, repo: str, paths: frozenset[str]) -> Iterator[Evidence]:
    """The link to a license in a card's head, where it leads to terms elsewhere."""
    line, links = front_matter(document).get("license_link", (0, []))
    for link in links:
        for field in unclear_fields(f"license_link: {link}", repo, paths):
            yield _at(document, line, field.quote)


def _of_the_release(
    document: Document, repo: str, paths: frozenset[str], called: Names, near: AnyCase | None = None
) -> Iterator[Evidence]:
    """The first field that is not understood, and the first sentence that is known for terms."""
    is_book = document.path.lower().endswith(".ipynb")
    if SETTINGS.search(document.path) and LOCKED.search(document.path):
        return
    if is_book or SETTINGS.search(document.path) or HTML.search(document.path):
        fields = unclear_fields(_metadata_of(document) if is_book else document.text, repo, paths)
        for field in fields:
            yield _at(document, field.line, field.quote)
            break
    yield from _spoken(replace(document, lines=_words(document)), called, near)


def _words(document: Document) -> tuple[str, ...]:
    """What a text says to people: a notebook its cells, a script what it tells its user, settings their values."""
    if document.path.lower().endswith(".ipynb"):
        return _cells(document)
    if SCRIPT.search(document.path):
        return tuple(_told(line) for line in document.lines)
    if SETTINGS.search(document.path) and not PROSE.search(document.path):
        return tuple(re.sub(r"[\"'{}\[\]]+[,:]?", " ; ", line) for line in document.lines)
    return document.lines


def _told(line: str) -> str:
    """What a line of a program says to people: a string of several words, or prose in a comment or a docstring."""
    if told := TELLS.search(line):
        return told["said"]
    bare = line.strip().lstrip("#/* ")
    return "" if OF_PROGRAM.search(bare) or not OF_RIGHTS.search(bare) else bare


def _cells(document: Document) -> tuple[str, ...]:
    """The cells of text of a notebook, and the comments of its code."""
    try:
        cells = [
            (cell["cell_type"], "".join(cell["source"]).split("\n")) for cell in json.loads(document.text)["cells"]
        ]
    except (ValueError, RecursionError, KeyError, TypeError):
        return ()
    lines: list[str] = []
    for kind, source in cells:
        comments = [line.lstrip("# ") for line in source if line.lstrip().startswith("#")]
        lines += [*(source if kind == "markdown" else comments), ""]
    return tuple(lines)


def _metadata_of(document: Document) -> str:
    """The metadata of a notebook, as JSON."""
    try:
        return json.dumps(json.loads(document.text)["metadata"], ensure_ascii=False)
    except (ValueError, RecursionError, KeyError, TypeError):
        return ""


def _spoken(document: Document, called: Names, near: AnyCase | None) -> Iterator[Evidence]:
    """The first sentence of a text that is known for terms.

    near:  words of which a passage has one, or is not about rights
    """
    for passage in map(bare, passages(document)):
        if near is not None and not near.search(f"{passage.heading} {passage.text}"):
            continue
        for rule in rules_of("terms"):
            if found := hits(rule.id, (passage,), called):
                yield replace(found[0].evidence, rule=RULE)
                return
        for sentence in () if passage.is_code else sentences(passage.text, passage.heading, called):
            if spoken_in(sentence.text) and may_take(sentence.text) and sentence.about != "another":
                yield passage.evidence(None, RULE)
                return
        asked = f"{passage.heading} {passage.text}" if passage.heading.endswith("?") else passage.text
        if words("terms", "answered_no").search(asked):
            yield passage.evidence(None, RULE)
            return


def bare(passage: Passage) -> Passage:
    """A passage without tags and marks of emphasis."""
    return replace(passage, lines=tuple(without_emphasis(TAGS.sub(" ", line)) for line in passage.lines))


def _at(document: Document, line: int, quote: str) -> Evidence:
    return Evidence(file=document.where, lines=(line, line), quote=shorten(quote), rule=RULE)
