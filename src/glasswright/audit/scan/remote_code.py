"""Configs that ask for Python from the model's own repository to be run: `auto_map`, behind `trust_remote_code`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from glasswright.records.verdict import Answer, Finding

MAX_CONFIG_BYTES = 10_000_000
HINT = "read that code before loading with trust_remote_code=True, or use a class that the library itself has"


def scan_config(file: Path, shown: str) -> Iterator[Finding]:
    """The finding of one config; none if it is clean of code."""
    claim = f"{shown}: loading runs no code from the repository"
    try:
        if file.stat().st_size > MAX_CONFIG_BYTES:
            raise ValueError(f"{file.stat().st_size} bytes is no config")
        config = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        yield Finding(claim=claim, answer=Answer.UNKNOWN, evidence=f"could not be read: {error}")
        return
    classes = sorted(set(_auto_map(config)))
    if not classes:
        yield Finding(claim=claim, answer=Answer.PROVED, evidence="no auto_map")
        return
    modules = sorted({name.split("--")[-1].rpartition(".")[0].split(".")[0] + ".py" for name in classes})
    there = [module for module in modules if (file.parent / module).is_file()]
    where = f"; here: {', '.join(there)}" if there else "; the files are not in this folder"
    yield Finding(claim=claim, answer=Answer.REFUTED, evidence=f"auto_map names {', '.join(classes)}{where}", hint=HINT)


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
