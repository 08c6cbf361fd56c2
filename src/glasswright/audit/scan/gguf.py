"""A GGUF file by its header: the tensors that it names lie behind it, each within the file, none over another.

Readers in C have trusted these numbers (CVE-2024-25664 and its kin). A chat template in it is read as any other.
"""

import io
import math
from collections.abc import Iterator

from glasswright.audit.gguf import MAX_HEADER_BYTES, Header, Tensor, Unread, Wrong
from glasswright.audit.scan.item import Item
from glasswright.audit.scan.says import proved, refuted, unknown
from glasswright.audit.scan.templates import scan_templates
from glasswright.records.verdict import Finding

MAX_SIZE = 2**63
MAX_ALIGNMENT = 2**20
ALIGNMENT_KEY, ALIGNMENT = "general.alignment", 32
TEMPLATE_KEY = "chat_template"  # tokenizer.chat_template, and those with a name behind it
# Type of a tensor -> numbers in a block, bytes of a block.  Source:  the GGUF description, ggml's table of types.
BLOCKS = {
    **{0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 9: (32, 36)},
    **{10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 15: (256, 292)},
    **{16: (256, 66), 17: (256, 74), 18: (256, 98), 19: (256, 50), 20: (32, 18), 21: (256, 110), 22: (256, 82)},
    **{23: (256, 136), 24: (1, 1), 25: (1, 2), 26: (1, 4), 27: (1, 8), 28: (1, 8), 29: (256, 56), 30: (1, 2)},
    **{34: (256, 54), 35: (256, 66), 39: (32, 17), 40: (64, 36), 41: (128, 18)},
}


def scan_gguf(item: Item) -> Iterator[Finding]:
    """The findings of one file: its header, and its chat templates."""
    claim = f"{item.shown}: the header describes the bytes"
    header = Header(io.BytesIO(item.beginning(MAX_HEADER_BYTES)), item.size_bytes)
    try:
        header.read()
        _require_apart(header)
    except Wrong as error:
        yield refuted(claim, str(error), hint="fetch it again; a file that was made so should not be loaded")
    except Unread as error:
        yield unknown(claim, str(error))
    else:
        yield proved(claim, f"{len(header.keys)} keys, {len(header.tensors)} tensors, each within the file")
    templates = [value for key, value in header.keys.items() if TEMPLATE_KEY in key and isinstance(value, str)]
    if templates:
        yield scan_templates(item, templates)


def _require_apart(header: Header) -> None:
    """Raises:  Wrong for a tensor that lies over another, between two places, or beyond the file; Unread, also
    for bytes behind the last.
    """
    alignment = _alignment(header.keys.get(ALIGNMENT_KEY, ALIGNMENT))
    begins_at = -(-header.place // alignment) * alignment
    end = 0
    for first, size_bytes, name in sorted((t.begins_at, _size_bytes(t), t.name[:80]) for t in header.tensors):
        if first % alignment or first < end:
            raise Wrong(f"{name} begins at {first:,}, over another or between two places")
        end = first + size_bytes
        if begins_at + end > header.size_bytes:
            raise Wrong(f"{name} ends at {begins_at + end:,}, where the file has {header.size_bytes:,}")
    if (behind := header.size_bytes - begins_at - end) > alignment:
        raise Unread(f"{behind:,} bytes lie behind the last tensor")


def _alignment(value: int | str | None) -> int:
    if not isinstance(value, int) or value < 8 or value % 8 or value > MAX_ALIGNMENT:
        raise Wrong(f"{ALIGNMENT_KEY} is {str(value)[:40]}")
    return value


def _size_bytes(tensor: Tensor) -> int:
    if tensor.kind not in BLOCKS:
        raise Unread(f"{tensor.name[:80]} is of type {tensor.kind}, which is not known")
    in_block, block_bytes = BLOCKS[tensor.kind]
    count = math.prod(tensor.shape)
    if count >= MAX_SIZE or count % in_block or (tensor.shape and tensor.shape[0] % in_block):
        raise Wrong(f"{tensor.name[:80]} has a shape that its type cannot have")
    return count // in_block * block_bytes
