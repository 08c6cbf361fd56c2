"""The rows of a Parquet file, in batches of so many bytes.

A file of two kilobytes may hold a million rows of 50 MB: a value is stored once, and how often it comes. What reading
takes is found out from the headers of the pages, and what a row is, before it is made; what is out of proportion, or
larger than any document, is refused.
"""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from glasswright.corpus.sources.files import Entry, open_entry
from glasswright.corpus.sources.limits import MAX_DOCUMENT_BYTES, Growth
from glasswright.corpus.sources.parquet_headers import Chunk, footer, pages
from glasswright.corpus.sources.row import Row, no_column, row_of
from glasswright.corpus.sources.streams import FETCH_AGAIN, Hashed
from glasswright.errors import Misuse

MEDIA_TYPE = "application/vnd.apache.parquet"
ROWS_AT_ONCE = 256
BATCH_BYTES = 2**27  # of the texts of a batch, if each were as long as the page it is in
MAX_HELD_BYTES = 2**30  # of pages that are open at once: one of each column, and its dictionary
MAX_REPEATED_BYTES = 2**31  # of what the lists of a row group hold
DAMAGED = (pa.ArrowException, EOFError, OSError, ValueError, LookupError, OverflowError)


def parquet_rows(entry: Entry, hashed: Hashed, column: str) -> Iterator[Row]:
    """The rows; the file is hashed as they come.

    Raises:  Misuse if the file is damaged, has no such column, or a row is larger than any document; OutOfProportion.
    """
    number = 0
    try:
        with open_entry(entry) as file:
            num_texts = _require_room(entry, file)
            table = _opened(file)
            if column not in table.schema_arrow.names:
                raise no_column(entry, column, table.schema_arrow.names)
            batch_size = max(1, min(ROWS_AT_ONCE, BATCH_BYTES // num_texts))
            for batch in _batches(table, batch_size):
                for values in _in_pieces(entry, number, batch):
                    number += 1
                    yield row_of(number, values, json.dumps(values, sort_keys=True, default=str).encode())
                hashed.reach(entry.num_bytes * number // max(number, table.metadata.num_rows))
    except DAMAGED as error:
        raise Misuse(f"{entry.place}: cannot be read as Parquet: {error}", hint=FETCH_AGAIN) from error


def _opened(file: BinaryIO) -> pq.ParquetFile:
    """The file, whose lists of texts are read as references to each text, however often it is in them."""
    schema = pq.ParquetFile(file).schema
    columns = [schema.column(number) for number in range(len(schema))]
    lists = [each.path for each in columns if each.physical_type == "BYTE_ARRAY" and each.max_repetition_level]
    return pq.ParquetFile(file, read_dictionary=lists)


def _batches(table: pq.ParquetFile, batch_size: int) -> Iterator[pa.RecordBatch]:
    """The rows of one row group after the other: each has its own texts to refer to."""
    for group in range(table.num_row_groups):
        yield from table.iter_batches(batch_size=batch_size, row_groups=[group])


def _require_room(entry: Entry, file: BinaryIO) -> int:
    """How many bytes the texts of a row may come from: those of the pages that are open at once.

    Raises:  as `parquet_rows`.
    """
    leaves, groups = footer(file, entry.num_bytes)
    most = 1
    for number, group in enumerate(groups, start=1):
        held = packed = texts = repeated = 0
        for leaf, chunk in zip(leaves, group.chunks, strict=True):
            largest, its_packed, num_values = _largest(file, chunk)
            held, packed = held + largest, packed + its_packed
            texts += largest if leaf.is_text else 0
            in_lists = max(0, num_values - group.num_rows) * leaf.width if leaf.is_in_list else 0
            repeated += in_lists
            Growth(entry.place, chunk.num_packed).add(in_lists)
        Growth(entry.place, packed).add(held)
        if held > MAX_HELD_BYTES or repeated > MAX_REPEATED_BYTES:
            raise Misuse(
                f"{entry.place}: row group {number} takes {max(held, repeated)} bytes of memory to read",
                hint=f"write it with smaller pages and row groups: {MAX_HELD_BYTES} bytes is the limit",
            )
        most = max(most, texts)
    return most


def _largest(file: BinaryIO, chunk: Chunk) -> tuple[int, int, int]:
    """Of a column in a row group: bytes of its dictionary and its largest page, the same packed, number of values."""
    dictionary = data = (0, 0)
    num_values = 0
    for page in pages(file, chunk):
        size = (page.num_unpacked, page.num_packed)
        if page.is_dictionary:
            dictionary = max(dictionary, size)
        else:
            data = max(data, size)
            num_values += page.num_values
    return dictionary[0] + data[0], dictionary[1] + data[1], num_values


def _in_pieces(entry: Entry, number: int, rows: pa.RecordBatch) -> Iterator[dict[str, Any]]:
    """The rows of a batch, made of so many bytes at once."""
    size = sum(map(_size, rows.columns))
    if len(rows) == 1 and size > MAX_DOCUMENT_BYTES:
        raise Misuse(
            f"{entry.place}: row {number + 1} has {size} bytes, more than any document",
            hint=f"{MAX_DOCUMENT_BYTES} bytes is the limit; one document a row",
        )
    if len(rows) > 1 and size > MAX_DOCUMENT_BYTES:
        half = len(rows) // 2
        yield from _in_pieces(entry, number, rows.slice(0, half))
        yield from _in_pieces(entry, number + half, rows.slice(half))
    else:
        yield from rows.to_pylist()


def _size(array: pa.Array) -> int:
    """Bytes of the values of an array, each as often as it comes."""
    kind = array.type
    if pa.types.is_dictionary(kind) and (pa.types.is_string(kind.value_type) or pa.types.is_binary(kind.value_type)):
        return int(pc.sum(pc.take(pc.binary_length(array.dictionary), array.indices)).as_py() or 0)
    if pa.types.is_map(kind):
        array = pa.ListArray.from_arrays(
            array.offsets, pa.StructArray.from_arrays([array.keys, array.items], ["", "0"])
        )
    if isinstance(array, pa.ListArray | pa.LargeListArray | pa.FixedSizeListArray):
        return 8 * len(array) + _size(array.flatten())
    if pa.types.is_struct(kind):
        return sum(map(_size, array.flatten()))
    return int(array.nbytes)
