"""Configs that ask for Python from the model's own repository to be run: `auto_map`, behind `trust_remote_code`."""

import json
from collections.abc import Iterator
from typing import Any

from glasswright.audit.scan.bounds import named
from glasswright.audit.scan.item import Item
from glasswright.records.verdict import Answer, Finding

MAX_CONFIG_BYTES = 10_000_000
HINT = "read that code before loading with trust_remote_code=True, or use a class that the library itself has"


def scan_config(item: Item) -> Finding:
    """The finding of one config."""
    claim = f"{item.shown}: loading runs no code from the repository"
    if item.size_bytes > MAX_CONFIG_BYTES:
        told = f"{item.size_bytes:,} bytes, where at most {MAX_CONFIG_BYTES:,} are looked at"
        return Finding(claim=claim, answer=Answer.UNKNOWN, evidence=told)
    try:
        classes = sorted(set(_auto_map(json.loads(item.beginning(MAX_CONFIG_BYTES)))))
    except (ValueError, RecursionError) as error:
        return Finding(claim=claim, answer=Answer.UNKNOWN, evidence=f"could not be read: {str(error)[:200]}")
    if not classes:
        return Finding(claim=claim, answer=Answer.PROVED, evidence="no auto_map")
    evidence = f"auto_map names {named(classes)}{_where(classes, item)}"
    return Finding(claim=claim, answer=Answer.REFUTED, evidence=evidence, hint=HINT)


def _where(classes: list[str], item: Item) -> str:
    """Whether the code is at hand."""
    if item.is_beside is None:
        return ""
    modules = sorted({name.split("--")[-1].rpartition(".")[0].split(".")[0] + ".py" for name in classes})
    there = [module for module in modules if item.is_beside(module)]
    return f"; here: {named(there)}" if there else "; the files are not in this folder"


def _auto_map(config: Any) -> Iterator[str]:
    """Every class named in any `auto_map` of a config, at any depth."""
    if isinstance(config, dict):
        for key, value in config.items():
            if key == "auto_map":
                yield from _names(value)
            else:
                yield from _auto_map(value)
    elif isinstance(config, list):
        for item in config:
            yield from _auto_map(item)


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner)
