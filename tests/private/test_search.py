"""Words of the documents are found however they are packed; what is not theirs is not."""

import gzip
import html
import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from safetensors.numpy import save

from glasswright.private.search import RUN, left_in, sentences_of
from glasswright.store.documents import read_documents
from glasswright.store.tokens import open_tokens


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model").mkdir()
    return tmp_path


@pytest.fixture(scope="module")
def said(owners: Path) -> str:
    """A sentence of a document, as it stands there."""
    _, text = next(read_documents(owners / "corpus" / "documents"))
    return text.split(". ")[1] + "."


def packed_zip(text: str) -> bytes:
    with zipfile.ZipFile(file := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.txt", text)
    return file.getvalue()


def parquet(text: str) -> bytes:
    pq.write_table(pa.table({"note": ["nothing", text]}), file := io.BytesIO(), compression="zstd")
    return file.getvalue()


def parquet_metadata(text: str) -> bytes:
    table = pa.table({"n": [1]}).replace_schema_metadata({"note": text})
    pq.write_table(table, file := io.BytesIO())
    return file.getvalue()


FORMS: dict[str, Callable[[str], bytes]] = {
    "as it is": str.encode,
    "in the middle": lambda text: f"Once {text} And so on.".encode(),
    "in capitals": lambda text: text.upper().encode(),
    "wrapped and quoted": lambda text: text.replace(" ", "\n> ").encode(),
    "marked up": lambda text: f"<p>{html.escape(text).replace(' ', '&#32;')}</p>".encode(),
    "in JSON": lambda text: json.dumps({"text": text.replace(" ", "\t")}).encode(),
    "in JSON in JSON": lambda text: json.dumps(json.dumps({"text": text.replace(" ", "\n")})).encode(),
    "with every letter escaped": lambda text: "".join(f"\\u{ord(it):04x}" for it in text).encode(),
    "gzip": lambda text: gzip.compress(text.encode()),
    "zstd": lambda text: zstandard.ZstdCompressor().compress(text.encode()),
    "zstd in gzip": lambda text: gzip.compress(zstandard.ZstdCompressor().compress(text.encode())),
    "zip": packed_zip,
    "Parquet": parquet,
    "Parquet's metadata": parquet_metadata,
}


@pytest.mark.parametrize("form", FORMS)
def test_a_sentence_is_found(folder: Path, owners: Path, said: str, form: str) -> None:
    (folder / "model" / "some").write_bytes(FORMS[form](said))
    found = left_in(folder, owners)
    assert {it.path for it in found} == {"model/some"}
    assert all(said.lower().startswith(it.words) for it in found)


def test_a_sentence_in_the_header_of_safetensors_is_found(folder: Path, owners: Path, said: str) -> None:
    (folder / "weights.safetensors").write_bytes(save({"w": np.zeros(2, np.float32)}, {"note": said}))
    assert [it.path for it in left_in(folder, owners)] == ["weights.safetensors"]


@pytest.mark.parametrize("kind", ["<u2", "<u4", "decimal"])
@pytest.mark.parametrize("skipped", [0, 1, 3])
def test_a_run_of_tokens_is_found(folder: Path, owners: Path, kind: str, skipped: int) -> None:
    ids = open_tokens(owners / "tokens").read(RUN // 2, 2 * RUN - 1)
    data = json.dumps(ids.tolist()).encode() if kind == "decimal" else ids.astype(kind).tobytes()
    (folder / "some.bin").write_bytes(b"." * skipped + data)
    assert [it.path for it in left_in(folder, owners)] == ["some.bin"]


def test_other_words_other_tokens_and_half_a_sentence_are_not(folder: Path, owners: Path, said: str) -> None:
    (folder / "some.txt").write_text(f"{said[: len(said) // 2]} and every other word of it was another one, as it was.")
    ids = open_tokens(owners / "tokens").read(0, 2 * RUN)
    ids[::8] += 1
    (folder / "some.bin").write_bytes(ids.astype("<u2").tobytes())
    assert left_in(folder, owners) == []


def test_what_the_parent_brought_along_is_no_secret(folder: Path, owners: Path, said: str) -> None:
    (folder / "parent").mkdir()
    (folder / "parent" / "LICENSE").write_text(said)
    (folder / "model" / "README.md").write_text(f"Its license: {said}")
    assert left_in(folder, owners) == []
    shutil.rmtree(folder / "parent")
    assert [it.path for it in left_in(folder, owners)] == ["model/README.md"]


def test_sentences_end_at_stops_and_at_line_ends_and_short_ones_are_none() -> None:
    text = "One two three four five six seven eight. One two.\nnine ten eleven twelve a b c d\nX"
    assert [*sentences_of(text)] == ["one two three four five six seven eight", "nine ten eleven twelve a b c d"]


def test_where_no_spaces_are_set_each_letter_is_a_word() -> None:
    text = "货物已交付。否则赔偿全部损失的金额！東京の会社で、働いています\nสวัสดีครับ"
    assert ["".join(it.split()) for it in sentences_of(text)] == [
        "否则赔偿全部损失的金额",
        "東京の会社で働いています",
        "สวัสดีครับ",
    ]
