"""Where a model says in a place made for it what it was made from, and how.

    README.md            base_model, base_model_relation in its head
    config.json          _name_or_path, what the weights were loaded from
    adapter_config.json  base_model_name_or_path
    mergekit_config.yml  every model that went in
    axolotl_config.yml   base_model; the same in a config that the card shows
    *.gguf               general.base_model.N.repo_url and name, general.source.*, general.name
    *.safetensors        base_model in its metadata
    parents.json         of a release of ours: every parent on record
    *lineage.json        beside what `merge` or `export` of ours made: what it was made from

A path on somebody's disk names a parent only by a folder that is called like a known model. So does the model's own
name, if it is that of a restricted family.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from glasswright.audit.at_hand import texts_at_hand
from glasswright.audit.lineage_record import edges, recorded
from glasswright.audit.passages import front_matter, passages
from glasswright.audit.record import Evidence, Strength, shorten
from glasswright.audit.subject import Document, Entry, Snapshot
from glasswright.audit.tensor_headers import Header, headers
from glasswright.audit.voices import is_card
from glasswright.licenses import is_open, restrictions
from glasswright.licenses.beside import unclear_terms
from glasswright.licenses.model_licenses import MAX_NAME_CHARACTERS, known_model

Relation = Literal["finetune", "adapter", "merge", "quantized", "distilled"]

RELATIONS: dict[str, Relation] = {  # the words of hubs
    "finetune": "finetune",
    "adapter": "adapter",
    "merge": "merge",
    "quantized": "quantized",
    "distilled": "distilled",
    "distill": "distilled",
}
KINDS: dict[str, Relation] = {  # of an edge on record
    "quantize": "quantized",
    "merge-adapter": "merge",
    "merge-linear": "merge",
    "merge-slerp": "merge",
}
HUB_ADDRESS = re.compile(r"^(?:https?://)?(?:www\.)?(?:huggingface\.co|hf\.co|modelscope\.cn/models)/")
HUB_CACHE = re.compile(r"models--([\w.-]+?)--([\w.-]+)")
HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.+-]+")
OWN_FOLDER = re.compile(
    r"(?i)(?:out(?:put)?s?|checkpoints?|ckpts?|models?|results?|runs?|exp\w*|tmp|data|weights|saved?|train\w*)/"
)
JSON_TEXT = r'\s*:\s*"([^"\n]{1,300})"'
YAML_TEXT = r"\s*:\s*[\"']?([\w./~+@:-]{3,300})"
OWN_NAME = "lineage.own_name"
NAMED = "lineage.named"  # without a word on what it is to this model
KEYS = tuple(
    (rule, re.compile(file), re.compile(key))
    for rule, file, key in (
        ("lineage.loaded_from", r"(?:^|/)(?:config|quantize_config)\.json$", rf'"(?:_|model_)name_or_path"{JSON_TEXT}'),
        ("lineage.adapter", r"(?:^|/)adapter_config\.json$", rf'"base_model_name_or_path"{JSON_TEXT}'),
        (
            "lineage.merge",
            r"(?:^|/)mergekit\w*\.ya?ml$",
            rf"(?:^|[\s{{,-])(?:base_model|source_model|model|path|lora){YAML_TEXT}",
        ),
        (
            NAMED,
            r"(?:^|/)(?:train|run|finetune|fine-tune|sft)\w*\.sh$",
            r"--(?:model_name_or_path|base_model|pretrained_model_name_or_path|base)[ =][\"']?([\w-][\w./+-]{2,300})",
        ),
        (
            "lineage.trainer",
            r"(?:^|/)(?:axolotl|train)\w*\.ya?ml$",
            rf"^\s*(?:base_model|model_name_or_path){YAML_TEXT}",
        ),
    )
)
SETTINGS_OR_SCRIPT = re.compile(r"\.(?:ya?ml|sh)$")
STARTS_FROM = re.compile(
    rf"(?:^\s*(?:base_model|model_name_or_path){YAML_TEXT}"
    r"|--(?:model_name_or_path|base_model)[ =]([\w-][\w./+-]{2,300}))"
)
TAG = re.compile(r"\bbase_model:(?:(?:finetune|adapter|merge|quantized):)?([\w.-]+/[\w.+-]+)")  # as hubs make them
TOP_KEY = re.compile(r"[\"']?([A-Za-z_][\w-]*)[\"']?\s*:(?:\s|$)")
NAME_IN_YAML = re.compile(r"[A-Za-z0-9](?:[\w./+@-]|:(?=\S))*(?![\w:])")
ADAPTER_LOADED = re.compile(r"PeftModel\.from_pretrained|load_adapter\(|load_lora_weights\(")
LOADED = re.compile(r"\bAuto\w*\.from_pretrained\(\s*[\"']([\w.-]{1,100}/[\w.+-]{1,100})[\"']")
MAX_LOADED = 8
CARD_KEY = re.compile(rf"^\s*(?:base_model|model_name_or_path){YAML_TEXT}")
ADAPTER_CONFIG, ADAPTER_BASE = KEYS[1][1:]
MERGED = KEYS[2][2]
OF_MERGE = re.compile(r"\bmerge_method\s*:")
USUAL: tuple[tuple[Relation, re.Pattern[str]], ...] = (
    ("adapter", re.compile(r"(?:^|/)adapter_config\.json$")),
    ("merge", re.compile(r"(?:^|/)mergekit\w*\.ya?ml$")),
    ("quantized", re.compile(r"\.gguf$|(?:^|/)quantize_config\.json$")),
)
METADATA_KEY = re.compile(
    r"general\.(?:base_model|source)\.(?:\d+\.)?repo_url|general\.source\.huggingface\.repository"
    r"|general\.(?:base)?name|general\.base_model\.\d+\.name|base_model(?:_name_or_path)?|source_model"
)
BASE_NAME = re.compile(r"general\.base_model\.\d+\.name")  # whatever it is called, it is a base
POSSIBLE = (OWN_NAME, NAMED)
METADATA_LICENSE = re.compile(r"(?:(?:general|modelspec)[._])?license(?:[._]name)?")
METADATA_TERMS = re.compile(r"(?:\w+\.)?(?:usage(?:_\w+)?|terms(?:_of_use)?|license_terms|restrictions|rights)")
METADATA_TELLS = re.compile(r"(?:\w+[._])?(?:description|comments?|notes?|notice|copyright)")
NAMES_NONE = ("other", "unknown", "custom")  # of a license: its name stands beside it
NO_NAME = ("null", "none", "~")


@dataclass(frozen=True, slots=True)
class Mention:
    """A parent named somewhere."""

    name: str
    relation: Relation
    evidence: Evidence


def mentions(snapshot: Snapshot) -> Iterator[Mention]:
    """Every parent that the files of a snapshot name."""
    usual = _usual_relation(snapshot)
    yield from _own_name(snapshot, usual)
    yield from (Mention(it.name[:MAX_NAME_CHARACTERS], usual, it.evidence) for it in recorded(snapshot))
    for kind, it in edges(snapshot):
        yield Mention(it.name[:MAX_NAME_CHARACTERS], KINDS.get(kind, usual), it.evidence)
    for document in snapshot.documents:
        if is_card(document):
            yield from _card(document, usual)
    for document in snapshot.documents:
        for rule, file, asked in KEYS:
            if file.search(document.path):
                yield from _lines(document, asked, usual, _rule_for(document, rule, snapshot))
        if ADAPTER_CONFIG.search(document.path) and not ADAPTER_BASE.search(document.text):
            yield Mention("a base that is not named", "adapter", _evidence(document, 1, "lineage.adapter"))
    yield from _headers(snapshot, usual)
    if snapshot.kind == "model":
        yield from _in_passing(snapshot, usual)


def _in_passing(snapshot: Snapshot, relation: Relation) -> Iterator[Mention]:
    """The models that other settings and scripts beside the weights start from: possible parents, and no more."""
    known = set(snapshot.documents)
    for text in texts_at_hand(snapshot):
        if text not in known and SETTINGS_OR_SCRIPT.search(text.path):
            for found in _lines(text, STARTS_FROM, relation, NAMED):
                if hub_name(found.name):
                    yield found


def _rule_for(document: Document, rule: str, snapshot: Snapshot) -> str:
    """An adapter in a folder below a model of its own may be put on it, or on another: possible, and no more."""
    is_beside = rule == "lineage.adapter" and document.depth > 0
    return NAMED if is_beside and any(d.path == "config.json" for d in snapshot.documents) else rule


def _own_name(snapshot: Snapshot, relation: Relation) -> Iterator[Mention]:
    """A model that is called like a restricted family, and not by its makers: a name says so, and proves nothing."""
    known = known_model(snapshot.repo) if snapshot.kind == "model" and "/" in snapshot.repo else None
    if known is not None and not known.is_by_maker and not is_open(known.license, "weights"):
        own = snapshot.repo.rpartition("/")[2]
        evidence = Evidence(file=snapshot.name, lines=None, quote=own, rule=OWN_NAME, strength="said")
        yield Mention(own, relation, evidence)


def _usual_relation(snapshot: Snapshot) -> Relation:
    """The relation where nothing says which: by the files that only one of them has."""
    paths = [document.path for document in snapshot.documents] + [entry.path for entry in snapshot.entries]
    for relation, pattern in USUAL:
        if any(pattern.search(path) for path in paths):
            return relation
    return "finetune"


def file_licenses(snapshot: Snapshot) -> Iterator[tuple[str, Evidence]]:
    """The licenses that files of weights state in their metadata."""
    for entry, key, value in _metadata(snapshot):
        if METADATA_LICENSE.fullmatch(key) and value.strip().lower() not in NAMES_NONE:
            yield value, _metadata_evidence(snapshot, entry, key, value, "lineage.file_license")


def file_terms(snapshot: Snapshot) -> Iterator[Evidence]:
    """What the metadata of weights says of their use, where words of it take rights away."""
    for entry, key, value in _metadata(snapshot):
        is_of_terms = METADATA_TERMS.fullmatch(key) is not None
        takes = (is_of_terms or METADATA_TELLS.fullmatch(key)) and restrictions(value)
        if takes or (is_of_terms and any(unclear_terms(value))):
            yield _metadata_evidence(snapshot, entry, key, value, "license.terms")


def hub_name(text: str) -> str | None:
    """What a model is called where it lies: `owner/name`, or a known model's name in a path. None if it is neither."""
    text = HUB_ADDRESS.sub("", text.strip()[: 2 * MAX_NAME_CHARACTERS]).partition("@")[0].rstrip("/")
    if cached := HUB_CACHE.search(text):
        return f"{cached[1]}/{cached[2]}"
    if HUB_NAME.fullmatch(text) and not OWN_FOLDER.match(text):
        return text
    parts = [part for part in text.split("/") if (known := known_model(part)) is not None and known.is_sure]
    return parts[-1] if parts else None


def key(name: str) -> str:
    """What is the same in all spellings of a model's name: its own part, without punctuation."""
    return re.sub(r"\W|_", "", name.rsplit("/", 1)[-1].replace("+", "plus")).lower()


def _card(document: Document, usual: Relation) -> Iterator[Mention]:
    named = list(_bases(document))
    _, stated = front_matter(document).get("base_model_relation", (0, []))
    relation = RELATIONS.get(stated[0].lower(), usual) if stated else "merge" if len(named) > 1 else usual
    for number, name in named:
        yield Mention(hub_name(name) or name, relation, _evidence(document, number, "lineage.card_head"))
    yield from _lines(document, CARD_KEY, relation, "lineage.card_config")
    yield from _loaded_below_an_adapter(document)
    yield from _merged_in_the_card(document)


def _merged_in_the_card(document: Document) -> Iterator[Mention]:
    """The models in the configuration of a merge that a card shows."""
    for passage in passages(document):
        if passage.is_code and OF_MERGE.search(passage.text):
            for match in islice(MERGED.finditer(passage.text), MAX_LOADED):
                if name := hub_name(match[1]):
                    yield Mention(name, "merge", passage.evidence(match, "lineage.card_config"))


def _loaded_below_an_adapter(document: Document) -> Iterator[Mention]:
    """The models that a card's code loads to put an adapter on them."""
    for passage in passages(document):
        if passage.is_code and ADAPTER_LOADED.search(passage.text):
            for match in islice(LOADED.finditer(passage.text), MAX_LOADED):
                yield Mention(match[1], "adapter", passage.evidence(match, "lineage.card_code"))


def _bases(document: Document) -> Iterator[tuple[int, str]]:
    """The names under `base_model` in a card's head, however YAML lets them be written, and their lines."""
    is_under = False
    for number, line in enumerate(document.lines[1:] if document.lines[:1] == ("---",) else (), 2):
        if line.strip() == "---":
            return
        yield from ((number, tag) for tag in TAG.findall(line))
        if top := TOP_KEY.match(line):
            is_under = top[1].lower() == "base_model"
        if is_under:
            for name in NAME_IN_YAML.findall(line[top.end() if top else 0 :].partition(" #")[0]):
                if name.lower() not in NO_NAME:
                    yield number, name[:MAX_NAME_CHARACTERS]


def _lines(document: Document, asked: re.Pattern[str], relation: Relation, rule: str) -> Iterator[Mention]:
    """The values of a key, line by line.

    Where weights were loaded from may be anywhere; what a file calls the base of its adapter is one, whatever its name.
    """
    for number, line in enumerate(document.lines, 1):
        for match in asked.finditer(line):
            for part in (match[1] or match[match.lastindex or 1]).split("+"):  # a model with an adapter on it
                told = None if rule == "lineage.loaded_from" or part.lower() in NO_NAME else part[:MAX_NAME_CHARACTERS]
                if name := hub_name(part) or told:
                    yield Mention(name, relation, _evidence(document, number, rule))


def _headers(snapshot: Snapshot, relation: Relation) -> Iterator[Mention]:
    for entry, key, value in _metadata(snapshot):
        is_base = BASE_NAME.fullmatch(key) is not None
        if METADATA_KEY.fullmatch(key) and (name := hub_name(value.replace(" ", "-")) or (value if is_base else None)):
            yield Mention(name, relation, _metadata_evidence(snapshot, entry, key, value, "lineage.metadata"))


def _metadata(snapshot: Snapshot) -> Iterator[tuple[Entry, str, str]]:
    found = headers(snapshot)
    for entry in snapshot.entries:
        header = found.get(entry.path)
        for key, value in header.metadata if isinstance(header, Header) else ():
            yield entry, key, value


def _evidence(document: Document, line: int, rule: str) -> Evidence:
    strength: Strength = "said" if rule in POSSIBLE else "direct"
    quote = shorten(document.lines[line - 1])
    return Evidence(file=document.where, lines=(line, line), quote=quote, rule=rule, strength=strength)


def _metadata_evidence(snapshot: Snapshot, entry: Entry, key: str, value: str, rule: str) -> Evidence:
    return Evidence(file=f"{snapshot.name}/{entry.path}", lines=None, quote=shorten(f"{key}: {value}"), rule=rule)
