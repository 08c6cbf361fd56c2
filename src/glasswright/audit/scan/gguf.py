"""A GGUF file by its header: the tensors that it names lie behind it, each within the file, none over another.

Readers in C have trusted these numbers (CVE-2024-25664 and its kin). A chat template in it is read as any other.
"""

import io
from collections.abc import Iterator

from glasswright.audit.scan.item import Item
from glasswright.audit.scan.says import proved, refuted, unknown
from glasswright.audit.scan.templates import scan_templates
from glasswright.foreign.gguf import MAX_HEADER_BYTES, Header, Unread, Wrong, require_apart
from glasswright.records.verdict import Finding

TEMPLATE_KEY = "chat_template"  # tokenizer.chat_template, and those with a name behind it


def scan_gguf(item: Item) -> Iterator[Finding]:
    """The findings of one file: its header, and its chat templates."""
    claim = f"{item.shown}: the header describes the bytes"
    header = Header(io.BytesIO(item.beginning(MAX_HEADER_BYTES)), item.size_bytes)
    try:
        header.read()
        require_apart(header)
    except Wrong as error:
        yield refuted(claim, str(error), hint="fetch it again; a file that was made so should not be loaded")
    except Unread as error:
        yield unknown(claim, str(error))
    else:
        yield proved(claim, f"{len(header.keys)} keys, {len(header.tensors)} tensors, each within the file")
    templates = [value for key, value in header.keys.items() if TEMPLATE_KEY in key and isinstance(value, str)]
    if templates:
        yield scan_templates(item, templates)
