"""Tables of Parquet and Arrow: numbers and texts, but for a type of Arrow that a reader once restored from a pickle.

pyarrow loaded the pickle in `arrow.py_extension_type` by itself (CVE-2023-47248). The schema that names it stands as it
is in Arrow's own files, and in base64 at the end of Parquet's.
"""

import re

from glasswright.audit.scan.bounds import beginning
from glasswright.audit.scan.encoded import in_base64
from glasswright.audit.scan.item import Item
from glasswright.audit.scan.says import refuted, unknown
from glasswright.records.verdict import Finding

MAX_SCHEMA_BYTES = 2**24
PICKLED = re.compile(rb"arrow\.py_extension_type")
ENCODED = re.compile(rb"[A-Za-z0-9+/]{40,}={0,2}")
FOOTER_BYTES = 8  # the length of the footer, and the magic bytes again
HINT = "read it with pyarrow 14.0.1 or newer, which loads no pickle unasked"


def scan_table(item: Item) -> Finding | None:
    """The finding of a table with a pickle in its schema, or whose schema is out of reach; none of any other."""
    claim = f"{item.shown}: reading it loads no pickle"
    with item.open() as file:
        first = beginning(file, MAX_SCHEMA_BYTES)
        file.seek(max(0, item.size_bytes - MAX_SCHEMA_BYTES))
        last = beginning(file, MAX_SCHEMA_BYTES)
    footer_bytes = int.from_bytes(last[-FOOTER_BYTES:][:4], "little") if last.endswith(b"PAR1") else 0
    if footer_bytes > MAX_SCHEMA_BYTES - FOOTER_BYTES:
        return unknown(claim, f"{footer_bytes:,} bytes of footer, where at most {MAX_SCHEMA_BYTES:,} are looked at")
    footer = last[len(last) - FOOTER_BYTES - footer_bytes :] if footer_bytes else b""
    if any(PICKLED.search(data) for data in (first, last, *map(in_base64, ENCODED.findall(footer)))):
        return refuted(claim, "a type of its schema is restored from a pickle", hint=HINT)
    return None
