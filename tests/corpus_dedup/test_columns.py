"""Sketches survive the way through tables, whatever pieces and order the rows come in."""

import pyarrow as pa
from tests.corpus_dedup.texts import as_bytes
from tests.corpus_quality.texts import prose

from glasswright.corpus.dedup import sketch
from glasswright.corpus.dedup.columns import SCHEMA, from_columns, to_columns

TEXTS = [prose(150 * seed, seed) for seed in range(6)]


def table(texts: list[str]) -> pa.Table:
    return pa.table(to_columns(sketch(texts)), schema=SCHEMA)


def test_a_table_gives_back_its_sketches() -> None:
    assert as_bytes(from_columns(table(TEXTS))) == as_bytes(sketch(TEXTS))


def test_tables_of_several_workers_give_back_theirs() -> None:
    joined = pa.concat_tables([table(TEXTS[4:]), table(TEXTS[:4])])
    assert as_bytes(from_columns(joined)) == as_bytes(sketch(TEXTS[4:] + TEXTS[:4]))
    assert as_bytes(from_columns(joined)) != as_bytes(sketch(TEXTS))


def test_rows_may_be_reordered() -> None:
    order = [5, 0, 3, 1, 4, 2]
    assert as_bytes(from_columns(table(TEXTS).take(order))) == as_bytes(sketch([TEXTS[index] for index in order]))


def test_a_part_of_a_table_is_read_alone() -> None:
    assert as_bytes(from_columns(table(TEXTS).slice(2, 3))) == as_bytes(sketch(TEXTS[2:5]))


def test_an_empty_table_has_no_sketches() -> None:
    assert len(from_columns(table([]))) == 0
