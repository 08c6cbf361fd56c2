"""What documents say of licenses in words: "the code is MIT, the weights are under the Model License".

A statement is a sentence with a verb of licensing and the name of a license, or a `License:` line of a card, or the
`license` of a card's head. What it covers are the things named before the license: code, weights, data.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote

from glasswright.audit.license_files import Scope, title_name
from glasswright.audit.passages import Passage, front_matter, passages
from glasswright.audit.record import Evidence
from glasswright.audit.sentences import LEAD, Names, is_of_a_rival, is_own
from glasswright.audit.subject import Document, Snapshot
from glasswright.audit.voices import is_card, is_data_card
from glasswright.licenses import (
    Mention,
    hub_tag_expression,
    is_open,
    mentions,
    normalize_expression,
    restrictions,
    spoken_grant,
)
from glasswright.licenses.languages import says_license

OWN_NAME = re.compile(
    r"(?:[A-Z0-9][\w.-]*,? (?:of |for |and )?){1,7}(?:LICEN[SC]E|Licen[sc]e|Terms of Use)(?: Agreement| AGREEMENT)?|[\w-]*(?:Open)?RAIL[\w+.-]*|custom (?:commercial )?licen[sc]e"
)
LICENSE_LINK = re.compile(r"\[(?P<text>[^\]]{2,90})\]\((?P<target>[^)\s]+)\)")
LICENSE_WORDS = re.compile(r"(?i)licen[sc]e|apache|\bmit\b|rail|odc|cc[- ]by|许可")
VERB = re.compile(
    r"(?i)\b(?:licen[sc]ed|released|distributed|available|provided|covered|governed|open-?sourced|published|shared|offered)\b[^.]{0,40}?\b(?:under|by|with|via)\b"
    r"|\b(?:is|are) subject to\b|\b(?:is|are) (?:all |both |now |also |under )*(?:the |an? )?(?=[\[*`]*(?:MIT|Apache|[AL]?GPL|BSD|MPL|CC[- ](?:BY|0)|Creative Commons|ODC|ODbL|CDLA|OpenMDW|\w*RAIL)\b)|\bunder (?:the |an? )?(?:permissive |open )*(?=[\[A-Z*])|licen[sc]e applies to|requires adherence to|依照|遵循|\blicen[sc]e\**:?\** "
)
NOT_OURS = re.compile(
    r"(?i)originally licensed|derived from|third[- ]party|portions of|may not use this file|you may (?:choose|use)|base model license|dependenc|inherits?|derivative of|used under|subject to the license of"
)
PRONOUN = re.compile(r"(?i)\s*(?:they|it|these|both|all of (?:them|these))\b")
TO_COME = re.compile(
    r"(?i)\b(?:will|to|going to|plan(?:s|ned)? to|shall|would) (?:soon |later )?be (?:\w+ ){0,2}(?:licen[sc]ed|released|open|available|published)"
)
SOME_MODELS_ONLY = re.compile(r"(?i)\b(?:v\d(?:\.\d)?|older|earlier|previous|legacy)\s+models?\b")
SCOPES: tuple[tuple[Scope, re.Pattern[str]], ...] = (
    (
        "code",
        re.compile(
            r"(?i)\b(?:source ?code|codes?|codebase|repository|repo|library|software|scripts?|toolkit|package|framework)\b|代码|仓库"
            r"|quellcode|quelltext|\bcódigo|\bcodice|\bкод\b|コード|코드"
        ),
    ),
    (
        "weights",
        re.compile(
            r"(?i)\bweights?\b|\bmodels?\b|checkpoints?|\bparameters\b|模型|权重"
            r"|\bpoids\b|modèle|gewichte|modell|\bpesos\b|modelo|\bpesi\b|modello|\bwagi\b|веса\b|модел|モデル|重み|모델|가중치|نموذج|أوزان"
        ),
    ),
    (
        "data",
        re.compile(
            r"(?i)\bdata(?:sets?)?\b|corpus|corpora\b|数据"
            r"|\bdonnées|\bdaten\b|\bdatos\b|\bdados\b|\bdati\b|\bdane\b|данны|データ|데이터|بيانات"
        ),
    ),
    ("document", re.compile(r"(?i)\bdocumentation\b|\bdocs\b")),
)
LICENSE_LINE = re.compile(r"(?i)^[\s>*+-]*\|?\s*\**licen[sc]e\**\s*:?\**\s*:?\|?\s+(?P<rest>\S.*)$")
# A request takes nothing for certain; `license_terms` reads it, and leaves openness unknown.
ASKS = re.compile(r"(?i)\b(?:we|and(?: so)?|kindly|please) (?:kindly )?(?:ask|request) (?:that|you|users|everyone)\b")
NEGATION_CHARS = 12  # before a verb of licensing: "not released under"
MARKUP = re.compile(r"[*_`#>|]|^\s*[-+]\s|<[^>]{0,200}>|\[|\]\([^)]{0,300}\)")
IS = re.compile(r"(?i)\s*\b(?:is|are|has been|have been|was|were|be)(?: \w+ly)?$")
OF_THE_WHOLE = re.compile(
    r"(?i)(?:(?:this|the|our|the (?:whole|entire)) (?:project|work|release|series|suite|family)|it|they|everything(?: here)?)?"
    r"(?:\s*\b(?:is|are|has been|have been|was|were)(?: \w+ly)?)?"
)
MAX_NAME_WORDS = 4
MIN_TABLE = 3  # lines
PREPOSITIONS = ("under", "by", "with", "via", "to")  # a verb's; the word "license" alone says nothing of its subject
BETWEEN_WORDS = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])")  # in the name of a file
MAX_TAGS = 8  # licenses in the head of a card
LICENSE_WORD = re.compile(r"(?i)licen[sc]|lizen|licença|лиценз|许可|協議|协议|ライセンス|라이선스|ترخيص|رخصة")
PIECE_END = re.compile(
    r"[,;，；]\s*(?:and |while |whereas |but )?|\s(?:and|while|whereas|but)\s(?=(?:the|its|our|all)\s)"
)
EVERYTHING = re.compile(
    r"(?i)all code|everything in this|any other copyrightable|all (?:artifacts|materials|components)"
)
RULE_LINE = re.compile(r"\s*\|?[\s:|-]*-[\s:|-]*$")  # below a table's head
GENERIC = re.compile(
    r"(?i)(?:the |an? |our |this )?(?:open |open[- ]source |permissive |same |model |following )*licen[sc]e(?: file| agreement)?"
)
DATA_LICENSE = re.compile(r"ODC|ODbL|CDLA|PDDL")


@dataclass(frozen=True, slots=True)
class _Whole:
    """A release as a sentence names it that tells no part of it: "Licensed under X", "This project is ...", by its name."""

    called: Names
    scopes: frozenset[Scope]

    def spoken_of(self, subject: str, license: str) -> frozenset[Scope]:
        """What is meant by the words before the verb; by the name of a model, its weights above all."""
        words = MARKUP.sub("", subject).strip()
        if OF_THE_WHOLE.fullmatch(words):
            return self.scopes if is_open(license, "code") else self.scopes | {"weights"}
        if self._is_own(words):
            return self.scopes if is_open(license, "code") else frozenset({"weights"})
        return frozenset()

    def _is_own(self, words: str) -> bool:
        bare = IS.sub("", words)
        return len(bare.split()) <= MAX_NAME_WORDS and is_own(bare, self.called)


@dataclass(frozen=True, slots=True)
class Statement:
    """A license named for something, and where."""

    name: str  # SPDX, or LicenseRef-
    target: str | None  # a file of the same snapshot that holds the text, or an address
    scopes: frozenset[Scope]
    evidence: Evidence
    snapshot: str


def statements(
    snapshot: Snapshot, documents: list[Document], called: Names, whole: frozenset[Scope]
) -> list[Statement]:
    """Every license statement in the documents of a snapshot.

    called:  how the release calls itself
    whole:   what a sentence speaks of that is about the release, and names no part of it
    """
    found: list[Statement] = []
    for document in documents:
        found.extend(_head(snapshot, document))
        found.extend(_lines(snapshot, document))
        sections = list(passages(document))
        for index, passage in enumerate(sections):
            if not passage.is_code:
                following = sections[index + 1 : index + 4]
                found.extend(_rows(snapshot, passage))
                found.extend(
                    _sentences(
                        snapshot,
                        passage,
                        following,
                        _Whole(called, _scopes_of(document) or whole),
                    )
                )
    return found


def _scopes_of(document: Document) -> frozenset[Scope]:
    """What a document speaks of by its kind and its name: a card of the model, or of the data."""
    if is_card(document):
        return frozenset({"data"} if is_data_card(document) else {"weights"})
    return named_scopes(BETWEEN_WORDS.sub(" ", document.name))


def _head(snapshot: Snapshot, document: Document) -> list[Statement]:
    """The `license:` of a card's head; of several, parts are under each."""
    head = front_matter(document)
    line, tags = head.get("license", (1, []))
    name_line, names = head.get("license_name", (line, []))
    _, links = head.get("license_link", (line, []))
    scopes: frozenset[Scope] = frozenset({"data"}) if snapshot.kind == "dataset" else frozenset({"weights", "document"})
    found = []
    for tag in tags[:MAX_TAGS]:
        label = names[0] if tag == "other" and names else tag
        lines = (min(line, name_line), max(line, name_line))
        evidence = Evidence(file=document.where, lines=lines, quote=f"license: {label}", rule="license.card_head")
        name = hub_tag_expression(label) or title_name(label)
        found.append(Statement(name, links[0] if links else None, scopes, evidence, snapshot.name))
    return found


def _lines(snapshot: Snapshot, document: Document) -> list[Statement]:
    """`License: X` lines: in a card or a model description they speak of the model."""
    found = []
    code = {n for p in passages(document) if p.is_code for n in range(p.first, p.first + len(p.lines))}
    for number, line in enumerate(document.lines, 1):
        match = LICENSE_LINE.match(line) if len(line) < 600 and number not in code else None
        if not match or not (is_card(document) or document.depth == 0):
            continue
        name, target = _license_in(match["rest"])
        if name is None:
            continue
        scopes: frozenset[Scope] = frozenset({"data"}) if snapshot.kind == "dataset" else frozenset({"weights"})
        evidence = Evidence(
            file=document.where, lines=(number, number), quote=line.strip()[:200], rule="license.card_line"
        )
        found.append(Statement(name, target, scopes, evidence, snapshot.name))
    return found


def _sentences(snapshot: Snapshot, passage: Passage, following: list[Passage], of: _Whole) -> list[Statement]:
    text = passage.text
    speaks = LICENSE_WORD.search(f"{passage.heading} {text}") or VERB.search(text)
    if not speaks or (NOT_OURS.search(text) and len(text) > 4000):
        return []
    found = []
    of_rows = table_scopes(passage)
    named: frozenset[Scope] = frozenset()
    for match in re.finditer(r"[^.。;]*(?:\.(?=\S)[^.。;]*)*[.。;]?", text):
        sentence = match.group()
        if not sentence.strip():
            continue
        meant = named if PRONOUN.match(sentence) else frozenset()
        named = named_scopes(sentence) or meant
        if (
            NOT_OURS.search(sentence)
            or SOME_MODELS_ONLY.search(sentence)
            or TO_COME.search(sentence)
            or is_of_a_rival(sentence)
            or not (VERB.search(sentence) or says_license(sentence))
            or (sentence.lstrip().startswith("#") and not mentions(sentence))  # "## Release, License and Usage"
        ):
            continue
        stated = ASKS.split(LEAD.sub("", sentence), maxsplit=1)[0]
        for piece in _pieces(stated):
            statement = _statement(snapshot, passage, piece, match, following, meant, of)
            if statement is not None:
                statement = replace(statement, scopes=of_rows or statement.scopes)
                found.append(_less_what_is_taken(statement, stated))
                found.extend(_second(statement, piece))
    return found


def _rows(snapshot: Snapshot, passage: Passage) -> Iterator[Statement]:
    """The rows of a table that has a column for the license: "| Weights | CC BY-NC 4.0 |"."""
    if len(passage.lines) < MIN_TABLE or not RULE_LINE.match(passage.lines[1]) or table_scopes(passage):
        return
    of_license = next((n for n, cell in enumerate(_cells(passage.lines[0])) if LICENSE_WORD.search(cell)), 0)
    for number, line in enumerate(passage.lines[2:] if of_license else (), passage.first + 2):
        cells = _cells(line)
        name, target = _license_in(cells[of_license]) if len(cells) > of_license else (None, None)
        scopes = named_scopes(cells[0]) if len(cells[0].split()) <= MAX_NAME_WORDS else frozenset()
        if name and scopes:
            evidence = Evidence(file=passage.document.where, lines=(number, number), quote=line.strip()[:200], rule="license.table")  # fmt: skip
            yield Statement(name, target, scopes, evidence, snapshot.name)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def table_scopes(passage: Passage) -> frozenset[Scope]:
    """What the rows of a table are, by the head of its first column: "Dataset"; nothing where that names no work."""
    cells = passage.lines[0].strip().strip("|").split("|")
    return (
        named_scopes(cells[0])
        if len(cells) > 1 and len(passage.lines) > 1 and RULE_LINE.match(passage.lines[1])
        else frozenset()
    )


def _pieces(sentence: str) -> list[str]:
    """A sentence cut where it goes on to another thing and its license: "the code is MIT, the weights are ..."."""
    pieces: list[str] = []
    start = 0
    for stop in [*PIECE_END.finditer(sentence), None]:
        piece = sentence[start : stop.start() if stop else len(sentence)]
        goes_on = named_scopes(piece) and _license_in(piece)[0] is not None
        if pieces and not (goes_on and _license_in(pieces[-1])[0] is not None):
            pieces[-1] += " " + piece
        else:
            pieces.append(piece)
        start = stop.end() if stop else len(sentence)
    return pieces


def _less_what_is_taken(statement: Statement, sentence: str) -> Statement:
    """A license, and what the sentence takes away of it: "MIT, but not for commercial use"."""
    taken = dict.fromkeys(name for _, name in restrictions(sentence) if name[-3:] not in statement.name)
    return replace(statement, name=" AND ".join([statement.name, *taken]))


def _second(first: Statement, sentence: str) -> list[Statement]:
    """A further license that the sentence asks for as well: "under A and B"."""
    links = [m for m in LICENSE_LINK.finditer(sentence) if LICENSE_WORDS.search(m["text"]) and m["text"].isascii()]
    also = [m for m in links[1:] if re.search(r"(?:\band\b|和|以及|及)\W*$", sentence[: m.start()])]
    return [
        replace(first, name=normalize_expression(m["text"]) or title_name(m["text"]), target=unquote(m["target"]))
        for m in also
    ]


def _statement(
    snapshot: Snapshot,
    passage: Passage,
    sentence: str,
    match: re.Match[str],
    following: list[Passage],
    meant: frozenset[Scope],  # by a pronoun that the sentence begins with
    of: _Whole,
) -> Statement | None:
    verb = VERB.search(sentence)  # a later piece may have left it out
    name, target = _license_in(sentence[max(0, verb.start() - NEGATION_CHARS) :] if verb else sentence)
    before = sentence[: verb.end()] if verb and "applies to" not in verb.group() else sentence
    if name is None and re.search(r"(?i)following licen[sc]e|applies to", sentence):
        name = next((n for p in following if (n := _license_in(p.text)[0]) is not None), None)
    if name is None:
        return None
    scopes = named_scopes(before) or meant
    if not scopes and verb and verb.group().lower().endswith(PREPOSITIONS) and not DATA_LICENSE.match(name):
        scopes = of.spoken_of(sentence[: verb.start()], name)
    if EVERYTHING.search(sentence):
        scopes = scopes | {"document"}
    if not scopes and DATA_LICENSE.match(name):
        scopes = frozenset({"data"})
    if not scopes and target and not target.startswith("http"):
        scopes = frozenset()  # the file that is pointed to will say what it covers
    elif not scopes or (scopes == {"code"} and DATA_LICENSE.match(name)):
        return None
    return Statement(name, target, scopes, passage.evidence(match, "license.statement"), snapshot.name)


def named_scopes(before: str) -> frozenset[Scope]:
    """What some words name: code, weights, data."""
    tidy = re.sub(r"https?://\S+|\((?:[^)]*)\)|[Mm]odel [Ll]icen[sc]e", " ", before)
    scopes = {scope for scope, pattern in SCOPES if pattern.search(tidy)}
    return frozenset(scopes | ({"document"} if scopes == {"code"} else set()))


def _license_in(text: str) -> tuple[str | None, str | None]:
    """The license that some words name, less what they take away, and the file or address they link to."""
    link = next((m for m in LICENSE_LINK.finditer(text) if LICENSE_WORDS.search(m.group())), None)
    target = unquote(link["target"]) if link else None
    named, own = mentions(text), OWN_NAME.search(text)
    is_own = own is not None and (not named or own.start() < named[0].start) and not _holds(own, named)
    if named and not is_own and (link is None or named[0].start <= link.end()):
        said = spoken_grant(text)
        return (said.license if said else named[0].license), target
    label = link["text"] if link else own.group() if own else None
    if label is None or (GENERIC.fullmatch(label.strip(" *")) and target is None and "model" not in label.lower()):
        return None, None
    return normalize_expression(re.sub(r"(?i)^the |\*", "", label).strip()) or title_name(label), target


def _holds(own: re.Match[str], named: list[Mention]) -> bool:
    """Whether what looks like a license's own title is the name of a known one: "Apache License"."""
    return any(mention.start < own.end() and own.start() < mention.end for mention in named)
