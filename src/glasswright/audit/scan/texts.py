"""Texts that are more than words: templates on their own, pages with scripts in them, code; and TensorFlow's index."""

import re
from pathlib import PurePosixPath

from glasswright.audit.scan.item import Item
from glasswright.audit.scan.says import proved, unknown
from glasswright.audit.scan.templates import MAX_TEMPLATE_CHARACTERS, scan_templates
from glasswright.records.verdict import Finding

MAX_PAGE_BYTES = 2**24
MAX_SHOWN = 80
SCRIPT = re.compile(rb"<\s*(script|iframe|object|embed)\b|\bon\w{3,20}\s*=|javascript:|<!ENTITY", re.IGNORECASE)
ELSEWHERE = re.compile(rb"^\s*(-\w|--[\w-]+|[./~]|file:).*|\w+\+\w+://.*|https?://.*", re.MULTILINE)
INDEX_MAGIC = (0xDB4775248B80FB57).to_bytes(8, "little")  # how a table of LevelDB ends
SHARDS = 100  # of a bundle that are looked for


def scan_template(item: Item) -> Finding:
    """The finding of a file that is a chat template."""
    claim = f"{item.shown}: its chat template inserts nothing by what is said, and reaches nothing else"
    data = item.beginning(4 * MAX_TEMPLATE_CHARACTERS + 1)
    try:
        return scan_templates(item, [data.decode("utf-8")])
    except UnicodeDecodeError:
        return unknown(claim, "it is no text in UTF-8")


def scan_page(item: Item) -> Finding:
    """The finding of a page, a drawing or XML: whether its reader would run something in it, or fetch or repeat it."""
    claim = f"{item.shown}: opening it runs nothing"
    return _without(SCRIPT, item, claim, "its reader may run or fetch what it holds", "no script is in it")


def scan_requirements(item: Item) -> Finding:
    """The finding of a list of packages, which a server that is given the folder may install."""
    claim = f"{item.shown}: all that it installs comes from the index of packages"
    return _without(ELSEWHERE, item, claim, "it installs from elsewhere", "names and versions")


def _without(pattern: re.Pattern[bytes], item: Item, claim: str, found_it: str, found_none: str) -> Finding:
    """The finding of a text that is to hold nothing of a kind."""
    if item.size_bytes > MAX_PAGE_BYTES:
        return unknown(claim, f"{item.size_bytes:,} bytes, where at most {MAX_PAGE_BYTES:,} are looked at")
    if found := pattern.search(item.beginning(MAX_PAGE_BYTES)):
        return unknown(claim, f"{found_it}: {found[0].strip()[:MAX_SHOWN].decode('latin-1')!r}")
    return proved(claim, found_none)


def scan_code(item: Item) -> Finding:
    """The finding of a program in a language that is not read."""
    hint = "read it before you run it, or anything that runs it"
    return unknown(f"{item.shown}: it is safe to run", "it is code, and was not read", hint=hint)


def scan_tensorflow_index(item: Item) -> Finding:
    """The finding of the index of a TensorFlow checkpoint; the shards beside it are its numbers."""
    claim = f"{item.shown}: it is an index of numbers"
    with item.open() as file:
        file.seek(max(0, item.size_bytes - len(INDEX_MAGIC)))
        if file.read(len(INDEX_MAGIC)) != INDEX_MAGIC:
            return unknown(claim, "it does not end as one")
    prefix = PurePosixPath(item.shown).name.removesuffix(".index")
    for number in range(1, SHARDS):
        names = [f"{prefix}.data-{index:05}-of-{number:05}" for index in range(number)]
        if item.is_beside is not None and item.is_beside(names[0]):
            for name in names:
                item.names_numbers(name)
    return proved(claim, "a table of TensorFlow, whose shards are read as numbers alone")
