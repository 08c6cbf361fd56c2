"""JSON and YAML files: every object in them against the rules of `config_rules`, every chat template against its own.

What lies in the file decides, not its name: a shard index, an adapter, a Keras model and a notebook are all JSON.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from glasswright.audit.scan.bounds import named
from glasswright.audit.scan.config_rules import KEYS, RULES
from glasswright.audit.scan.config_wrongs import Wrong, leaves, texts
from glasswright.audit.scan.item import Item
from glasswright.audit.scan.notebooks import scan_notebook
from glasswright.audit.scan.says import proved, refuted, unknown
from glasswright.audit.scan.templates import scan_templates
from glasswright.records.verdict import Answer, Finding

MAX_JSON_BYTES = 2**24  # that are made into objects; of a longer file only the keys are looked for
MAX_KEYS_BYTES = 2**28
MAX_YAML_BYTES = 2**19  # some seconds
HINT = "read that code before loading with trust_remote_code=True, or use a class that the library itself has"
KEY = re.compile(rb'"((?:[^"\\]|\\.)*+)"\s*+:')
PLAIN: dict[str, Any] = {"true": True, "false": False, "null": None, "~": None, "": None}  # without quotes, in YAML
TEMPLATE_KEY = re.compile(r"(\w+_)?chat_?templates?(_\w+)?", re.IGNORECASE)


def scan_json(item: Item) -> Iterator[Finding]:
    """The findings of a JSON file; of a text that only begins like one, none."""
    claim = _claim(item)
    if item.size_bytes > MAX_JSON_BYTES:
        yield _by_keys(item, claim)
        return
    data = item.beginning(MAX_JSON_BYTES)
    twice: set[str] = set()
    try:
        record = json.loads(data, object_pairs_hook=lambda pairs: _object(pairs, twice))
    except (ValueError, RecursionError) as error:
        if item.name.endswith((".json", ".ipynb")):
            yield unknown(claim, f"could not be read: {str(error)[:200]}")
        else:
            item.notes.inert("text")
        return
    if isinstance(record, dict) and "cells" in record and "nbformat" in record:
        yield scan_notebook(item, record)
        return
    yield from scan_record(item, record, twice)


def scan_yaml(item: Item) -> Iterator[Finding]:
    """The findings of a YAML file: tags that make Python objects, then its objects as those of JSON."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    claim = _claim(item)
    if item.size_bytes > MAX_YAML_BYTES:
        yield unknown(claim, f"{item.size_bytes:,} bytes, where at most {MAX_YAML_BYTES:,} are looked at")
        return
    try:
        nodes = list(YAML(typ="safe", pure=True).compose_all(item.beginning(MAX_YAML_BYTES)))
        tags: set[str] = set()
        twice: set[str] = set()
        records = [_plain(node, tags, twice, {}) for node in nodes if node is not None]
    except (YAMLError, MarkedYAMLError, ValueError, RecursionError, AttributeError, TypeError, KeyError) as error:
        yield unknown(claim, f"could not be read: {type(error).__name__}: {str(error)[:200]}")
        return
    if python := sorted(tag for tag in tags if "python" in tag):
        yield refuted(claim, f"its tags make Python objects: {named(python)}", hint="read it with a safe loader only")
        return
    yield from scan_record(item, records, twice)


def scan_record(item: Item, record: Any, twice: set[str]) -> Iterator[Finding]:
    """The findings of what JSON or YAML holds. `twice`: keys that stand twice in one object."""
    claim, wrong, templates = _claim(item), list[Wrong](), list[str]()
    for found in _objects(record):
        for rule in RULES:
            if rule.keys <= found.keys():
                wrong += rule.wrong(found)
        templates += (text for key, value in found.items() if TEMPLATE_KEY.fullmatch(key) for text in _template(value))
        wrong += _absent(item, found)
    if templates:
        yield scan_templates(item, templates)
    refutations = [each for each in wrong if each.answer is Answer.REFUTED]
    if refutations:
        told = "; ".join(dict.fromkeys(each.told for each in refutations[:5]))
        yield refuted(claim, told + _where(item, [name for each in refutations for name in each.classes]), hint=HINT)
    elif wrong:
        yield unknown(claim, named(dict.fromkeys(each.told for each in wrong)))
    elif twice & KEYS:
        yield unknown(claim, f"keys that stand twice are read in two ways: {named(sorted(twice & KEYS))}")
    else:
        yield proved(claim, "nothing in it asks for any")


def _claim(item: Item) -> str:
    return f"{item.shown}: loading runs no code from the repository"


def _by_keys(item: Item, claim: str) -> Finding:
    if item.size_bytes > MAX_KEYS_BYTES:
        return unknown(claim, f"{item.size_bytes:,} bytes, where at most {MAX_KEYS_BYTES:,} are looked at")
    keys = set()
    for found in KEY.finditer(item.beginning(MAX_KEYS_BYTES)):
        try:
            keys.add(json.loads(b'"' + found[1] + b'"', strict=False))
        except ValueError:
            continue
    if asking := sorted(key for key in keys if key in KEYS or TEMPLATE_KEY.fullmatch(key)):
        told = f"it has {named(asking)}, and more than the {MAX_JSON_BYTES:,} bytes that are looked into"
        return unknown(claim, told)
    return proved(claim, f"no key of the {item.size_bytes:,} bytes asks for any")


def _object(pairs: list[tuple[str, Any]], twice: set[str]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        twice |= {key for key, count in Counter(key for key, _ in pairs).items() if count > 1}
    return record


def _plain(node: Any, tags: set[str], twice: set[str], known: dict[int, Any]) -> Any:
    """The objects, lists and texts of a YAML node. One that is referred to again is one object."""
    if id(node) in known:
        return known[id(node)]
    tags.add(str(node.tag))
    if isinstance(node.value, list) and node.id == "mapping":
        record: dict[str, Any] = {}
        known[id(node)] = record
        pairs = [
            (str(getattr(key, "value", "")), _plain(value, tags, twice, known))
            for key, value in node.value
            if _plain(key, tags, twice, known) is not None
        ]
        record.update(_object(pairs, twice))
        return record
    if isinstance(node.value, list):
        items: list[Any] = []
        known[id(node)] = items
        items += [_plain(value, tags, twice, known) for value in node.value]
        return items
    return PLAIN.get(node.value.lower(), node.value) if node.style is None else node.value


def _objects(record: Any) -> Iterator[dict[str, Any]]:
    """Every object at any depth, each once."""
    seen, left = set[int](), [record]
    while left:
        value = left.pop()
        if not isinstance(value, dict | list) or id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, dict):
            yield value
        left += value.values() if isinstance(value, dict) else value


def _template(value: Any) -> list[str]:
    """The templates at a key: one, several by name, or a list of names and templates."""
    if isinstance(value, list):
        return [text for each in value for text in _template(each.get("template") if isinstance(each, dict) else each)]
    return texts(value)


def _absent(item: Item, found: dict[str, Any]) -> Iterator[Wrong]:
    """Weights that a shard index names and that are not there to be looked at."""
    if "weight_map" not in found or item.is_beside is None:
        return
    paths = [path for path in texts(found["weight_map"]) if not leaves(path)]
    if absent := [path for path in paths if not item.is_beside(path)]:
        yield Wrong(Answer.UNKNOWN, f"files that it names are not here: {named(absent)}")


def _where(item: Item, classes: list[str]) -> str:
    """Whether the code is at hand."""
    if item.is_beside is None or not classes:
        return ""
    modules = sorted({name.split("--")[-1].rpartition(".")[0].split(".")[0] + ".py" for name in classes})
    there = [module for module in modules if item.is_beside(module)]
    return f"; here: {named(there)}" if there else "; the files are not in this folder"
