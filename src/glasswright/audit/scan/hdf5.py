"""HDF5, the container of Keras and of PyTables: walked from its root by the format's own description, without libhdf5.

    groups       old ones (a B-tree of symbols) and new ones (links in the header); each object once
    attributes   text that is JSON against the rules of configs, as Keras keeps its layers; bytes that are a pickle
    outside      external links, external files of a dataset, virtual datasets: bytes that lie in other files

What is kept densely (a fractal heap, from nine attributes on in files of the newest kind) is not read, and UNKNOWN.
Source:  HDF5 File Format Specification 3.0.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from glasswright.audit.scan.bounds import named
from glasswright.audit.scan.configs import scan_json
from glasswright.audit.scan.hdf5_cursor import Cursor, NoFile
from glasswright.audit.scan.item import Item
from glasswright.audit.scan.kinds import HDF5, PROTOCOLS
from glasswright.audit.scan.opcodes import may_be_opcodes
from glasswright.audit.scan.pickles import scan_pickle
from glasswright.audit.scan.says import proved, refuted, unknown
from glasswright.records.verdict import Finding

PLACES = (0, *(512 * 2**power for power in range(8)))
MAX_OBJECTS = 200_000
MAX_MESSAGES = 1_000_000
MAX_BLOCK_BYTES = 2**24
MAX_TEXTS = 100_000
MIN_TEXT_BYTES = 2
LINK_INFO, LINK, EXTERNAL_FILES, LAYOUT, ATTRIBUTE, CONTINUATION, SYMBOLS, ATTRIBUTE_INFO = 2, 6, 7, 8, 12, 16, 17, 21
SOFT, EXTERNAL = 1, 64
VIRTUAL = 3
STRING, VARIABLE = 3, 9
HINT = "load its weights alone, into layers that you wrote"


@dataclass
class Found:
    """What a walk came by."""

    outside: list[str] = field(default_factory=list)
    unread: dict[str, None] = field(default_factory=dict)
    texts: list[tuple[str, bytes]] = field(default_factory=list)  # attributes, with their names
    num_objects: int = 0


def scan_hdf5(item: Item) -> Iterator[Finding]:
    """The findings of one file: what lies outside it, and each text in it that is a config or a pickle."""
    claim = f"{item.shown}: all that it names lies in it"
    found = Found()
    try:
        with item.open() as file:
            _Walk(file, item.size_bytes, found).run()
    except (NoFile, RecursionError) as error:
        yield unknown(claim, f"could not be read: {error}")
    else:
        if found.outside:
            yield refuted(claim, named(found.outside), hint=HINT)
        elif found.unread:
            yield unknown(claim, named(found.unread))
        else:
            yield proved(claim, f"{found.num_objects} groups and data sets, {len(found.texts)} texts at them")
    for name, data in found.texts:
        inner = item.within(name, data)
        if data.lstrip()[:1] in (b"{", b"["):
            yield from scan_json(inner)
        elif (data.startswith(PROTOCOLS) or may_be_opcodes(data)) and (finding := scan_pickle(inner)):
            yield finding


class _Walk:
    def __init__(self, file: BinaryIO, size_bytes: int, found: Found):
        self.file, self.size_bytes, self.found = file, size_bytes, found
        self.base, self.offset_bytes, self.length_bytes = 0, 8, 8
        self.num_messages = 0
        self.left: list[int] = []  # object headers
        self.seen: set[int] = set()

    def run(self) -> None:
        """Raises:  NoFile."""
        self.left.append(self._root())
        while self.left:
            address = self.left.pop()
            if address in self.seen:
                continue
            self.seen.add(address)
            self.found.num_objects += 1
            if self.found.num_objects > MAX_OBJECTS:
                raise NoFile(f"more than {MAX_OBJECTS:,} objects")
            for kind, data in self._messages(address):
                self._message(kind, data)

    # Bytes and numbers

    def _read(self, address: int, count: int) -> bytes:
        if count > MAX_BLOCK_BYTES:
            raise NoFile(f"a block of {count:,} bytes")
        place = self.base + address
        if count < 0 or place + count > self.size_bytes:
            raise NoFile(f"{count:,} bytes at {address:,}, beyond its end")
        self.file.seek(place)
        data = self.file.read(count)
        if len(data) < count:
            raise NoFile("not all of it is at hand")
        return data

    def _cursor(self, data: bytes, place: int = 0) -> "Cursor":
        return Cursor(data, place, self.offset_bytes, self.length_bytes)

    def _root(self) -> int:
        """The address of the root group's header."""
        for place in PLACES:
            if place + 8 <= self.size_bytes:
                self.base = place
                if self._read(0, 8) == HDF5:
                    break
        else:
            raise NoFile("no HDF5 begins in it")
        cursor = self._cursor(self._read(8, min(120, self.size_bytes - self.base - 8)))
        version = cursor.number(1)
        if version > 3:
            raise NoFile(f"version {version} is not known")
        cursor.place = 5 if version < 2 else 1
        self.offset_bytes, self.length_bytes = cursor.number(1), cursor.number(1)
        if not {self.offset_bytes, self.length_bytes} <= {2, 4, 8}:
            raise NoFile("its addresses have a size that none has")
        cursor = self._cursor(cursor.data, {0: 16, 1: 20}.get(version, 4))
        addresses = [cursor.offset() for _ in range(6 if version < 2 else 4)]
        return addresses[5] if version < 2 else addresses[3]

    # Object headers

    def _messages(self, address: int) -> Iterator[tuple[int, bytes]]:
        first = self._read(address, 6)
        if first.startswith(b"OHDR"):
            yield from self._messages_of_2(address, first[5])
            return
        head = self._cursor(self._read(address, 16))
        if head.number(1) != 1:
            raise NoFile(f"no object begins at {address:,}")
        head.place = 8
        blocks = [(address + 16, head.number(4))]
        while blocks:
            data = self._read(*blocks.pop())
            cursor = self._cursor(data)
            while cursor.left() >= 8:
                kind, size = cursor.number(2), cursor.number(2)
                flags = cursor.number(1)
                cursor.place += 3
                yield from self._one(kind, flags, cursor.take(size), blocks)

    def _messages_of_2(self, address: int, flags: int) -> Iterator[tuple[int, bytes]]:
        start = 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
        width = 1 << (flags & 3)
        size = int.from_bytes(self._read(address + start, width), "little")
        blocks = [(address + start + width, size)]
        is_first = True
        while blocks:
            place, length = blocks.pop()
            data = self._read(place, length) if is_first else self._read(place + 4, length - 8)
            is_first = False
            cursor = self._cursor(data)
            head_bytes = 6 if flags & 4 else 4
            while cursor.left() >= head_bytes:
                kind, size, message_flags = cursor.number(1), cursor.number(2), cursor.number(1)
                cursor.place += head_bytes - 4
                yield from self._one(kind, message_flags, cursor.take(size), blocks)

    def _one(self, kind: int, flags: int, data: bytes, blocks: list[tuple[int, int]]) -> Iterator[tuple[int, bytes]]:
        self.num_messages += 1
        if self.num_messages > MAX_MESSAGES:
            raise NoFile(f"more than {MAX_MESSAGES:,} messages")
        if kind == CONTINUATION:
            cursor = self._cursor(data)
            blocks.append((cursor.offset(), cursor.length()))
        elif flags & 2 and kind in (LINK, EXTERNAL_FILES, LAYOUT, ATTRIBUTE):
            self.found.unread["a message that several objects share"] = None
        else:
            yield kind, data

    def _message(self, kind: int, data: bytes) -> None:
        cursor = self._cursor(data)
        if kind == SYMBOLS:
            self._symbols(cursor.offset(), cursor.offset())
        elif kind == LINK:
            self._link(cursor)
        elif kind == EXTERNAL_FILES:
            self.found.outside.append("a data set lies in other files")
        elif kind == LAYOUT:
            if cursor.number(1) >= 4 and cursor.number(1) == VIRTUAL:
                self.found.outside.append("a data set is put together from other files")
        elif kind == ATTRIBUTE:
            self._attribute(cursor)
        elif kind in (LINK_INFO, ATTRIBUTE_INFO):
            flags = data[1] if len(data) > 1 else 0
            cursor.place = 2 + ((8 if kind == LINK_INFO else 2) if flags & 1 else 0)
            if not cursor.is_undefined():
                self.found.unread["links or attributes that are kept densely"] = None

    # Groups

    def _symbols(self, tree: int, heap: int) -> None:
        head = self._cursor(self._read(heap, 8 + 2 * self.length_bytes + self.offset_bytes))
        if head.take(4) != b"HEAP":
            raise NoFile("a group without names")
        nodes, seen = [tree], set[int]()
        while nodes:
            address = nodes.pop()
            if address in seen or len(seen) > MAX_OBJECTS:
                raise NoFile("a group that goes round")
            seen.add(address)
            signature = self._read(address, 4)
            if signature == b"TREE":
                nodes += self._children(address)
            elif signature == b"SNOD":
                self._entries(address)
            else:
                raise NoFile("a group that is none")

    def _children(self, address: int) -> list[int]:
        count = int.from_bytes(self._read(address + 6, 2), "little")
        size = count * (self.length_bytes + self.offset_bytes)
        cursor = self._cursor(self._read(address + 8 + 2 * self.offset_bytes, size))
        children = []
        for _ in range(count):
            cursor.length()
            children.append(cursor.offset())
        return children

    def _entries(self, address: int) -> None:
        count = int.from_bytes(self._read(address + 6, 2), "little")
        cursor = self._cursor(self._read(address + 8, count * (2 * self.offset_bytes + 24)))
        for _ in range(count):
            cursor.offset()
            header = cursor.offset()
            is_soft = cursor.number(4) == 2
            cursor.place += 20
            if not is_soft:
                self.left.append(header)

    def _link(self, cursor: "Cursor") -> None:
        cursor.number(1)
        flags = cursor.number(1)
        kind = cursor.number(1) if flags & 8 else 0
        cursor.place += (8 if flags & 4 else 0) + (1 if flags & 16 else 0)
        name = cursor.take(cursor.number(1 << (flags & 3))).decode("utf-8", "replace")
        if kind == 0:
            self.left.append(cursor.offset())
        elif kind == EXTERNAL:
            target = cursor.take(cursor.number(2))[1:].split(b"\0")[0].decode("utf-8", "replace")
            self.found.outside.append(f"{name[:60]} links to the file {target[:120]}")
        elif kind != SOFT:
            self.found.unread[f"a link of type {kind}"] = None

    # Attributes

    def _attribute(self, cursor: "Cursor") -> None:
        version = cursor.number(1)
        flags = cursor.number(1)
        name_bytes, type_bytes, space_bytes = cursor.number(2), cursor.number(2), cursor.number(2)
        cursor.place += 1 if version == 3 else 0
        name = cursor.padded(name_bytes, version).rstrip(b"\0").decode("utf-8", "replace")
        type_ = cursor.padded(type_bytes, version)
        cursor.padded(space_bytes, version)
        data = cursor.take(cursor.left())
        if version > 1 and flags & 1:
            self.found.unread[f"the attribute {name[:60]}, whose type several share"] = None
            return
        kind = type_[0] & 0x0F if type_ else 0
        if kind == STRING:
            self._text(name, data)
        elif kind == VARIABLE:
            size = 8 + self.offset_bytes
            for begins_at in range(0, len(data) - size + 1, size):
                self._variable(name, self._cursor(data, begins_at))

    def _variable(self, name: str, cursor: "Cursor") -> None:
        cursor.number(4)
        if cursor.is_undefined():
            return
        address, index = cursor.offset(), cursor.number(4)
        if address == 0:
            return
        head = self._cursor(self._read(address, 8 + self.length_bytes))
        if head.take(4) != b"GCOL":
            raise NoFile("a text that is not where it should be")
        head.place = 8
        heap = self._cursor(self._read(address, head.length()), 8 + self.length_bytes)
        while heap.left() >= 8 + self.length_bytes:
            found = heap.number(2)
            heap.place += 6
            size = heap.length()
            if found == index:
                self._text(name, heap.take(size))
                return
            if found == 0:
                break
            heap.place += -(-size // 8) * 8
        raise NoFile("a text that is not where it should be")

    def _text(self, name: str, data: bytes) -> None:
        text = data.rstrip(b"\0")
        if len(text) < MIN_TEXT_BYTES:
            return
        if len(self.found.texts) == MAX_TEXTS:
            raise NoFile(f"more than {MAX_TEXTS:,} texts")
        self.found.texts.append((name, text))
