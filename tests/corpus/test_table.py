"""Documents as rows of JSONL and Parquet."""

import gzip
import hashlib
import io
import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from tests.corpus.test_debian import package
from tests.corpus.test_warc import GOOD

from glasswright.corpus.found import Inventory
from glasswright.corpus.sources.streams import UNPACK
from glasswright.corpus.sources.table import open_tables
from glasswright.errors import Misuse

DOLMA = {"id": "a", "text": "From Dolma.", "source": "web", "metadata": {"license": "CC0-1.0", "title": "A"}}
DATATROVE = {"text": "From datatrove.", "id": "b", "metadata": {"language": "en", "licence": "MIT"}}
COMMON_PILE = {
    "id": "c",
    "text": "From the pile.",
    "source": "books",
    "created": "2024",
    "added": "2024",
    "metadata": {"license": "CC-BY-4.0", "authors": ["X", "Y"]},
}
LINES = b"".join(json.dumps(row).encode() + b"\n" for row in (DOLMA, DATATROVE, COMMON_PILE))


def test_each_shape_gives_text_license_and_what_it_knows(collected):
    corpus = collected({"d.jsonl": LINES}, kind="jsonl", path="in/d.jsonl")
    assert [corpus.text(f"d.jsonl#{n}") for n in (1, 2, 3)] == ["From Dolma.", "From datatrove.", "From the pile."]
    assert [corpus.by_path[f"d.jsonl#{n}"].license for n in (1, 2, 3)] == ["CC0-1.0", "MIT", "CC-BY-4.0"]
    assert corpus.by_path["d.jsonl#1"].title == "A"
    assert corpus.by_path["d.jsonl#2"].language == "en"
    assert corpus.by_path["d.jsonl#3"].author == "X, Y"
    assert corpus.by_path["d.jsonl#1"].license_evidence == "metadata of the row"


@pytest.mark.parametrize(("name", "pack"), [("d.jsonl.gz", gzip.compress), ("d.jsonl.zst", zstandard.compress)])
def test_compressed_rows_are_the_same_rows(collected, name: str, pack):
    corpus = collected({name: pack(LINES)}, kind="jsonl")
    assert corpus.text(f"{name}#2") == "From datatrove."
    assert len(corpus.rows) == 3


def test_what_zstandard_packs_ten_thousandfold_is_unpacked_whole():
    file = io.BufferedReader(UNPACK[".zst"](io.BytesIO(zstandard.compress(bytes(2**26)))))
    num_bytes = 0
    while data := file.read(2**13):  # each piece is cut from 64 MiB, which must not be copied every time
        num_bytes += len(data)
    assert num_bytes == 2**26


def test_two_frames_of_zstandard_are_one_file(collected):
    data = zstandard.compress(LINES[:60]) + zstandard.compress(LINES[60:])
    assert len(collected({"d.jsonl.zst": data}, kind="jsonl").rows) == 3


@pytest.mark.parametrize(("name", "pack"), [("d.jsonl.gz", gzip.compress), ("d.jsonl.zst", zstandard.compress)])
def test_a_truncated_file_is_an_error_that_names_it(collected, name: str, pack):
    with pytest.raises(Misuse, match=rf"{name}: damaged") as caught:
        collected({name: pack(LINES * 500)[:-20]}, kind="jsonl")
    assert "fetch it again" in (caught.value.hint or "")


def test_a_line_that_is_not_json_is_named(collected):
    with pytest.raises(Misuse, match=r"d.jsonl:4: not JSON"):
        collected({"d.jsonl": LINES + b"{oops\n"}, kind="jsonl")


def test_a_line_that_is_no_object_is_named(collected):
    with pytest.raises(Misuse, match=r"d.jsonl:1: expected a JSON object, found int"):
        collected({"d.jsonl": b"3\n"}, kind="jsonl")


def test_a_file_that_is_one_list_has_its_objects_for_rows(collected):
    lines = LINES.splitlines()
    found = collected({"d.json": b"[" + b",".join(lines) + b"]"}, kind="jsonl")
    assert set(found.by_path) == {f"d.json#{number}" for number in range(1, len(lines) + 1)}


def test_a_row_without_text_is_dropped_and_counted(collected):
    corpus = collected({"d.jsonl": LINES + b'{"id": "x", "text": null, "license": "MIT"}\n'}, kind="jsonl")
    assert corpus.reason("d.jsonl#4") == "no_text"
    assert len(corpus.rows) == 4


def test_a_row_without_license_falls_back_on_the_recipe_or_is_dropped(collected):
    bare = LINES + b'{"text": "bare"}\n'
    assert collected({"d.jsonl": bare}, kind="jsonl").reason("d.jsonl#4") == "license_not_stated"


def test_the_recipe_speaks_where_a_row_does_not(collected):
    corpus = collected({"d.jsonl": LINES + b'{"text": "bare"}\n'}, kind="jsonl", license="ISC")
    assert corpus.by_path["d.jsonl#4"].license == "ISC"
    assert corpus.by_path["d.jsonl#1"].license == "CC0-1.0"


def test_an_escaped_lone_surrogate_is_counted_as_replaced(collected):
    corpus = collected({"d.jsonl": LINES + b'{"text": "a\\ud800", "license": "MIT"}\n'}, kind="jsonl")
    assert corpus.reason("d.jsonl#4") == "too_many_replacements"


def test_parquet_rows_are_the_same_documents_as_jsonl_rows(collected, tmp_path: Path):
    (tmp_path / "in").mkdir()
    rows = [
        {"text": row["text"], "id": row["id"], "metadata": json.dumps(row["metadata"])} for row in (DOLMA, DATATROVE)
    ]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "in" / "d.parquet")
    corpus = collected({}, kind="parquet")
    assert corpus.text("d.parquet#1") == "From Dolma."
    assert corpus.by_path["d.parquet#2"].license == "MIT"


def test_a_damaged_parquet_file_is_an_error_that_names_it(collected):
    with pytest.raises(Misuse, match=r"d.parquet: cannot be read as Parquet"):
        collected({"d.parquet": b"PAR1 and then nothing"}, kind="parquet")


def test_a_folder_without_such_files_is_an_error(collected):
    with pytest.raises(Misuse, match="no JSONL file here"):
        collected({"a.txt": b"a"}, kind="jsonl")


def test_the_shared_stories_are_all_kept(shared_data: Path, tmp_path: Path):
    from glasswright.corpus import collect
    from glasswright.records.recipe import Recipe
    from glasswright.store.ledger import read_ledger

    source = {"name": "tales", "kind": "jsonl", "path": "data/default/tales_pd_cc0.jsonl"}
    collect(Recipe(name="t", sources=[source]), base=shared_data, out=tmp_path / "out")  # type: ignore[list-item]
    rows = read_ledger(tmp_path / "out" / "ledger.parquet")
    assert len(rows) == 421
    assert all(row.is_kept and row.jurisdiction == "US" for row in rows)


@pytest.mark.parametrize(
    ("kind", "name", "data"),
    [("jsonl", "d.jsonl", LINES), ("warc", "c.warc", GOOD), ("debian", "t.deb", package())],
)
def test_whatever_else_lies_in_the_folder_has_a_row(collected, tmp_path: Path, kind: str, name: str, data: bytes):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "again").symlink_to(name)
    (tmp_path / "in" / "out").symlink_to("../elsewhere")
    os.mkfifo(tmp_path / "in" / f"pipe{name[1:]}")
    corpus = collected({name: data, "README.md": b"# About", "pic.png": b"\x89"}, kind=kind, license="MIT")
    others = {path: row.reason for path, row in corpus.by_path.items() if not path.startswith(name)}
    assert others == {
        "README.md": "media_type_not_read",
        "pic.png": "media_type_not_read",
        "again": "link_not_followed",
        "out": "link_leaves_source",
        f"pipe{name[1:]}": "not_a_file",
    }
    assert corpus.by_path["pic.png"].sha256 == hashlib.sha256(b"\x89").hexdigest()
    assert corpus.texts


@pytest.mark.parametrize("name", ["d.jsonl", "d.jsonl.gz", "d.parquet"])
def test_the_inventory_grows_while_a_file_is_read(tmp_path: Path, name: str):
    lines = [{"text": hashlib.sha256(bytes([n % 256, n // 256])).hexdigest()} for n in range(5000)]
    place = tmp_path / name
    if name.endswith(".parquet"):
        pq.write_table(pa.Table.from_pylist(lines), place)
    else:
        data = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
        place.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    inventory = Inventory()
    opened = open_tables(place, kind="parquet" if name.endswith(".parquet") else "jsonl", uri="x", include=())
    reached = [inventory.num_bytes for _ in opened.read(opened.files, inventory)]
    assert 0 < reached[2500] < reached[-1] <= inventory.num_bytes == place.stat().st_size
    assert inventory.files[name] == (hashlib.sha256(place.read_bytes()).hexdigest(), place.stat().st_size)


def test_a_license_file_up_the_tree_speaks_for_rows_that_say_nothing(collected):
    rows = b"".join(
        json.dumps(row).encode() + b"\n" for row in ({"text": "A."}, {"text": "B.", "license": "CC-BY-NC-4.0"})
    )
    files = {"README.md": b"# Data\n\n## License\n\nCC BY 4.0\n", "sub/a.jsonl": rows}
    corpus = collected(files, kind="jsonl")
    assert {row.path: row.license for row in corpus.rows} == {
        "README.md": None,
        "sub/a.jsonl#1": "CC-BY-4.0",
        "sub/a.jsonl#2": "CC-BY-NC-4.0",
    }
    assert corpus.by_path["sub/a.jsonl#1"].is_kept


def test_a_pointer_to_large_file_storage_is_told_from_damage(collected):
    with pytest.raises(Misuse, match="not JSON") as raised:
        collected({"a.jsonl": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"}, kind="jsonl")
    assert "git lfs pull" in (raised.value.hint or "")
