"""Parquet files that hold much in few bytes, and files whose headers lie."""

import hashlib
import io
import json
import random
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from glasswright.corpus.found import Found, Inventory
from glasswright.corpus.sources import parquet, parquet_headers, table
from glasswright.corpus.sources.compact import Compact
from glasswright.errors import GlasswrightError, Misuse

MANY = 2_000_000  # bytes of a text that comes often
NESTED = {
    "text": ["one", "two", "three"],
    "license": ["MIT", None, "MIT"],
    "tags": [["x", "y", "x"], [], None],
    "numbers": [[1, 2], [], [3]],
    "metadata": [{"author": "A", "names": ["B", "C"]}] * 3,
    "pairs": pa.array([[("k", "v")], [], [("l", "w"), ("m", None)]], pa.map_(pa.string(), pa.string())),
    "fixed": pa.array([b"ab", b"cd", None], pa.binary(2)),
    "when": pa.array([1, 2, None], pa.timestamp("s")),
}


def written(place: Path, columns: dict[str, Any], **how: Any) -> Path:
    """A file without Arrow's own schema, by which columns would be read as they were in memory."""
    pq.write_table(pa.table(columns), place / "d.parquet", **{"store_schema": False, **how})
    return place / "d.parquet"


def rows(place: Path) -> list[Found]:
    opened = table.open_tables(place, kind="parquet", uri="x", include=())
    return list(opened.read(opened.files, Inventory()))


def repeated(texts: list[str], count: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array([number % len(texts) for number in range(count)]), texts)


def in_one_list(texts: list[str], count: int) -> pa.Array:
    return pa.ListArray.from_arrays([0, count], repeated(texts, count))


def test_rows_are_read_as_pyarrow_reads_them(tmp_path: Path):
    place = written(tmp_path, NESTED)
    plain = [json.dumps(row, sort_keys=True, default=str) for row in pq.read_table(place).to_pylist()]
    assert [found.raw_sha256 for found in rows(place)] == [hashlib.sha256(row.encode()).hexdigest() for row in plain]


@pytest.mark.parametrize("rows_at_once", [1, 2, 7, 256])
@pytest.mark.parametrize("most", [1, 100, 2**20])
def test_rows_do_not_depend_on_how_many_are_read_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows_at_once: int, most: int
):
    texts = [f"text {number} " * (number % 5) for number in range(50)]
    columns = {"text": texts, "tags": [[text] * 3 for text in texts]}
    place = written(tmp_path, columns, row_group_size=20, dictionary_pagesize_limit=100, data_page_size=64)
    expected = rows(place)
    monkeypatch.setattr(parquet, "ROWS_AT_ONCE", rows_at_once)
    monkeypatch.setattr(parquet, "BATCH_BYTES", most)
    assert rows(place) == expected
    assert [found.path for found in expected] == [f"d.parquet#{number}" for number in range(1, 51)]


@pytest.mark.parametrize("compression", ["none", "zstd", "snappy", "gzip"])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_the_pages_that_the_headers_state_are_those_that_were_written(tmp_path: Path, compression: str, version: str):
    count = 10_000
    texts = [hashlib.sha256(bytes([number % 251])).hexdigest() for number in range(count)]
    columns = {"text": texts, "tags": [[text, text] for text in texts], "n": list(range(count))}
    place = written(tmp_path, columns, compression=compression, data_page_version=version, data_page_size=4096)
    data = place.read_bytes()
    leaves, groups = parquet_headers.footer(io.BytesIO(data), len(data))
    known = pq.ParquetFile(place).metadata
    assert leaves == [(True, 8, False), (True, 8, True), (False, 8, False)]
    assert [group.num_rows for group in groups] == [count]
    for number, chunk in enumerate(groups[0].chunks):
        column = known.row_group(0).column(number)
        pages = list(parquet_headers.pages(io.BytesIO(data), chunk))
        assert sum(page.num_values for page in pages) == column.num_values == (2 * count if number == 1 else count)
        assert sum(page.num_packed for page in pages) < column.total_compressed_size == chunk.num_packed
        assert sum(page.num_unpacked for page in pages) < column.total_uncompressed_size
        assert sum(page.is_dictionary for page in pages) == column.has_dictionary_page


OUT_OF_PROPORTION: dict[str, Callable[[Path], Path]] = {
    "one text, and how often it comes": lambda place: written(place, {"text": repeated(["x" * MANY], 5000)}),
    "one text in a list of many": lambda place: written(
        place, {"text": ["a"], "tags": in_one_list(["x" * MANY], 5000)}
    ),
    "lists of very many nothings": lambda place: written(
        place,
        {
            "text": ["a"] * 4,
            "n": pa.ListArray.from_arrays([2**22 * place for place in range(5)], pa.nulls(2**24, pa.int64())),
        },
    ),
    "a page of one letter": lambda place: written(
        place, {"text": ["x" * 2**25] * 3}, use_dictionary=False, compression="zstd", write_statistics=False
    ),
    "rows of nothing": lambda place: written(place, {"text": pa.nulls(2**24, pa.string())}, row_group_size=2**24),
}


@pytest.mark.parametrize("name", OUT_OF_PROPORTION)
def test_what_is_out_of_all_proportion_is_refused(tmp_path: Path, name: str):
    place = OUT_OF_PROPORTION[name](tmp_path)
    assert place.stat().st_size < 2**18
    opened = table.open_tables(place, kind="parquet", uri="x", include=())
    read = opened.read(opened.files, Inventory())
    num_read = 0
    with pytest.raises(Misuse, match=r"d.parquet: (grows out of all proportion|row 1 has \d+ bytes)"):
        for num_read, _ in enumerate(read, start=1):  # noqa: B007
            pass
    assert (num_read > 0) == name.startswith(("one text, and", "rows"))  # of what is told by its headers, nothing


PEAK = """
import sys
from pathlib import Path
import pyarrow
from glasswright.corpus.found import Inventory
from glasswright.corpus.sources import table
from glasswright.errors import Misuse
opened = table.open_tables(Path(sys.argv[1]), kind="parquet", uri="x", include=())
try:
    for found in opened.read(opened.files, Inventory()):
        pass
except Misuse:
    print(pyarrow.default_memory_pool().max_memory())
"""


@pytest.mark.parametrize("columns", [{"text": 1}, {"text": 0, "tags": 1}])
def test_a_text_that_comes_often_is_not_held_as_often(tmp_path: Path, columns: dict[str, int]):
    """4 GB of text in a few kilobytes."""
    made = {name: in_one_list if name == "tags" else repeated for name in columns}
    texts = {0: ["a"], 1: ["x" * 10 * MANY]}
    counts = {"text": 1 if "tags" in columns else 200, "tags": 200}
    place = written(tmp_path, {name: made[name](texts[which], counts[name]) for name, which in columns.items()})
    done = subprocess.run([sys.executable, "-c", PEAK, place], capture_output=True, text=True, check=True, timeout=120)
    assert int(done.stdout) < 2**29


def test_a_row_larger_than_any_document_is_named_and_those_before_it_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(parquet, "MAX_DOCUMENT_BYTES", 2**16)
    text = "".join(map(chr, random.Random(1).choices(range(32, 127), k=2**16)))
    place = written(tmp_path, {"text": ["a", text[: 2**15], text]})
    opened = table.open_tables(place, kind="parquet", uri="x", include=())
    read = opened.read(opened.files, Inventory())
    assert [next(read).text for _ in range(2)] == ["a", text[: 2**15].strip()]
    with pytest.raises(Misuse, match=r"d.parquet: row 3 has \d+ bytes, more than any document"):
        next(read)


def test_pages_that_take_more_memory_than_there_may_be_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    place = written(tmp_path, {"text": ["x" * 1000] * 1000}, use_dictionary=False)
    assert len(rows(place)) == 1000
    monkeypatch.setattr(parquet, "MAX_HELD_BYTES", 2**18)
    with pytest.raises(Misuse, match=r"row group 1 takes 1\d{6} bytes of memory to read"):
        rows(place)


@pytest.mark.parametrize(
    "column",
    [
        pa.StructArray.from_arrays([pa.array([1]), pa.array([2])], ["twice", "twice"]),
        pa.array([2**40], pa.timestamp("s")),
        pa.array([1], pa.timestamp("s", "No/Where")),
        pa.array([1], pa.timestamp("ns")),
    ],
)
def test_a_value_that_python_has_no_word_for_is_an_error_that_names_the_file(tmp_path: Path, column: pa.Array):
    with pytest.raises(Misuse, match=r"d.parquet: cannot be read as Parquet"):
        rows(written(tmp_path, {"text": ["a"], "odd": column}, store_schema=True))


def element(name: bytes, *, kind: int | None = None, children: int | None = None) -> bytes:
    data, last = b"", 0
    for field, value in ((1, kind), (3, 1)):
        if value is not None:
            data += bytes([(field - last) << 4 | 5, value << 1])
            last = field
    data += bytes([(4 - last) << 4 | 8, len(name)]) + name
    return data + (bytes([0x15, children << 1]) if children is not None else b"") + b"\0"


def file_of(elements: list[bytes]) -> bytes:
    count = len(elements)
    size = bytes([count & 127 | 128, count >> 7 & 127 | 128, count >> 14])
    footer = b"\x15\x02\x19\xfc" + size + b"".join(elements) + b"\x16\x00\x19\x0c\x00"
    return b"PAR1" + footer + len(footer).to_bytes(4, "little") + b"PAR1"


@pytest.mark.parametrize(("depth", "is_read"), [(30, True), (100, False), (100_000, False)])
def test_a_schema_without_bottom_is_an_error_and_not_the_end_of_the_process(tmp_path: Path, depth: int, is_read: bool):
    groups = [element(b"root", children=2), element(b"text", kind=6), *[element(b"g", children=1)] * depth]
    (tmp_path / "d.parquet").write_bytes(file_of([*groups, element(b"x", kind=6)]))
    if is_read:
        assert rows(tmp_path / "d.parquet") == []
    else:
        with pytest.raises(Misuse, match="a schema of more than 64 levels"):
            rows(tmp_path / "d.parquet")


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", EOFError),
        (b"\x15", EOFError),
        (b"\x15\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", ValueError),
        (b"\x18\xff\xff\xff\x0fabc", EOFError),
        (b"\x19\xf5\xff\xff\xff\x0f", EOFError),
        (b"\x1c" * 10_000, ValueError),
        (b"\x19\xfc\xff\xff\xff\x0f" * 10_000, ValueError),
        (b"\x1f", ValueError),
    ],
)
def test_bytes_that_are_no_structure_are_refused(data: bytes, error: type[Exception]):
    with pytest.raises(error):
        Compact(data).struct({1: None})


def test_a_file_with_any_bytes_changed_is_read_or_refused(tmp_path: Path):
    data = written(tmp_path, NESTED).read_bytes()
    chosen = random.Random(7)
    for _ in range(300):
        changed = bytearray(data)
        for _ in range(chosen.randint(1, 3)):
            changed[chosen.randrange(len(changed))] ^= 1 << chosen.randrange(8)
        (tmp_path / "d.parquet").write_bytes(changed)
        with suppress(GlasswrightError):
            rows(tmp_path / "d.parquet")
