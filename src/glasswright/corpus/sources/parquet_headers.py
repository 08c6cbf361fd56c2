"""What the headers of a Parquet file say of the memory that reading it takes: before anything is unpacked.

A column of a row group is a run of pages, each a header and so many packed bytes. The header states what they unpack to
and how many values they hold, a run of equal ones in a few bytes; what the footer states of the whole need not be so.
The footer lists the schema; readers follow it down as deep as it goes, and fall.

Source:  Apache Parquet, parquet.thrift, FileMetaData and PageHeader
"""

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from glasswright.corpus.sources.compact import Compact, Fields, Wanted

MAGIC, MAX_FOOTER_BYTES = b"PAR1", 2**24
MAX_SCHEMA_DEPTH = 64
SCHEMA, ROW_GROUPS = 2, 4  # fields of the footer
TYPE, LENGTH, REPETITION, NUM_CHILDREN = 1, 2, 3, 5  # of an element of the schema
COLUMNS, NUM_ROWS, METADATA = 1, 3, 3  # of a row group, and of a column in it
NUM_VALUES, NUM_PACKED, DATA_OFFSET, DICTIONARY_OFFSET = 5, 7, 9, 11  # of its metadata
FOOTER: Wanted = {
    SCHEMA: dict.fromkeys((TYPE, LENGTH, REPETITION, NUM_CHILDREN)),
    ROW_GROUPS: {
        COLUMNS: {METADATA: dict.fromkeys((NUM_VALUES, NUM_PACKED, DATA_OFFSET, DICTIONARY_OFFSET))},
        NUM_ROWS: None,
    },
}
REPEATED, BYTE_ARRAY, FIXED_BYTES = 2, 6, 7  # values of `REPETITION` and `TYPE`
WIDTHS = (1, 4, 8, 12, 4, 8, 8)  # bytes of a value by `TYPE`; of a text, of what says where it is

MIN_HEADER_BYTES, MAX_HEADER_BYTES = (
    2**9,
    2**24,
)  # read of a page at once; a header holds statistics, two values in full
PAGE_TYPE, UNPACKED, PACKED, DATA, DATA_V2 = 1, 2, 3, 5, 8  # fields of a page's header
DICTIONARY_PAGE = 2  # value of `PAGE_TYPE`
IN_PAGE = 1  # field of `DATA` and `DATA_V2`: the number of values
PAGE: Wanted = {PAGE_TYPE: None, UNPACKED: None, PACKED: None, DATA: {IN_PAGE: None}, DATA_V2: {IN_PAGE: None}}


class Leaf(NamedTuple):
    """A column of the schema."""

    is_text: bool
    width: int  # bytes of a value
    is_in_list: bool


class Chunk(NamedTuple):
    """A column in a row group, as the footer states it."""

    start: int
    num_packed: int  # bytes
    num_values: int


class Group(NamedTuple):
    """A row group, as the footer states it."""

    num_rows: int
    chunks: list[Chunk]  # one a leaf


class Page(NamedTuple):
    """What a page's header states."""

    is_dictionary: bool
    num_packed: int  # bytes
    num_unpacked: int
    num_values: int


def footer(file: BinaryIO, num_bytes: int) -> tuple[list[Leaf], list[Group]]:
    """The columns and row groups of a file of so many bytes.

    Raises:  ValueError or EOFError if it has no footer, or one that is too long or too deep to be read.
    """
    file.seek(max(0, num_bytes - 8))
    end = file.read(8)
    size = int.from_bytes(end[:4], "little")
    if end[4:] != MAGIC or not 0 < size <= min(num_bytes - 12, MAX_FOOTER_BYTES):
        raise ValueError(f"no footer of at most {MAX_FOOTER_BYTES} bytes at its end")
    file.seek(num_bytes - 8 - size)
    fields = Compact(file.read(size)).struct(FOOTER)
    leaves = list(_leaves(fields.structs(SCHEMA)))
    groups = [
        Group(group.number(NUM_ROWS), list(map(_chunk, group.structs(COLUMNS)))) for group in fields.structs(ROW_GROUPS)
    ]
    if any(len(group.chunks) != len(leaves) for group in groups):
        raise ValueError(f"a row group without each of the {len(leaves)} columns")
    return leaves, groups


def pages(file: BinaryIO, chunk: Chunk) -> Iterator[Page]:
    """The pages of a column, up to the number of values that it is stated to have.

    Raises:  ValueError or EOFError if there are none.
    """
    place, seen = chunk.start, 0
    while seen < chunk.num_values and place < chunk.start + chunk.num_packed:
        header, length = _page_header(file, place)
        is_dictionary = header.number(PAGE_TYPE) == DICTIONARY_PAGE
        held = header.struct(DATA) or header.struct(DATA_V2)
        num_values = held.number(IN_PAGE) if held and not is_dictionary else 0
        page = Page(is_dictionary, header.number(PACKED), header.number(UNPACKED), num_values)
        yield page
        seen += num_values
        place += length + page.num_packed


def _leaves(elements: list[Fields]) -> Iterator[Leaf]:
    """The columns of a schema, which is listed from the root down, each group before what is in it."""
    groups: list[list[int]] = []  # that an element is in: how many more are in it, and whether it is in a list
    for element in elements:
        while groups and groups[-1][0] == 0:
            groups.pop()
        is_in_list = element.number(REPETITION, 0) == REPEATED
        if groups:
            groups[-1][0] -= 1
            is_in_list = is_in_list or bool(groups[-1][1])
        if num_children := element.number(NUM_CHILDREN, 0):
            groups.append([num_children, is_in_list])
        elif groups:
            yield _leaf(element, is_in_list)
        if len(groups) > MAX_SCHEMA_DEPTH:
            raise ValueError(f"a schema of more than {MAX_SCHEMA_DEPTH} levels")


def _leaf(element: Fields, is_in_list: bool) -> Leaf:
    kind = element.number(TYPE)
    width = WIDTHS[kind] if kind < len(WIDTHS) else element.number(LENGTH, 1)
    return Leaf(kind in (BYTE_ARRAY, FIXED_BYTES), width, is_in_list)


def _chunk(column: Fields) -> Chunk:
    metadata = column.struct(METADATA)
    if metadata is None:
        raise ValueError("a column without metadata")
    data, dictionary = metadata.number(DATA_OFFSET), metadata.number(DICTIONARY_OFFSET, 0)
    start = dictionary if 0 < dictionary < data else data
    return Chunk(start, metadata.number(NUM_PACKED), metadata.number(NUM_VALUES))


def _page_header(file: BinaryIO, place: int) -> tuple[Fields, int]:
    """The header of the page at a place, and its length."""
    size = MIN_HEADER_BYTES
    while True:
        file.seek(place)
        data = file.read(size)
        compact = Compact(data)
        try:
            return compact.struct(PAGE), compact.place
        except EOFError:
            if len(data) < size or size >= MAX_HEADER_BYTES:
                raise
        size *= 8
