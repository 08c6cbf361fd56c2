"""Numbers that a checker could count to without end: each is refused at once, under roots that fit."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from tests.attacks.forging import change, refused, relist, reroot

HUGE = 2**52


def test_a_document_of_more_tokens_than_there_are_bytes(release: Path) -> None:
    def edit(token_map: Any) -> None:
        token_map["documents"][-1]["num_tokens"] = HUGE

    change(release / "tokens" / "map.json", edit)
    reroot(release)
    refused(release, step="reads", evidence="tokens in shards of")


def edit_recipe(release: Path, old: str, new: str) -> None:
    path = release / "recipe.yaml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    reroot(release)


def test_a_run_of_more_steps_than_could_be_taken(release: Path) -> None:
    edit_recipe(release, "num_steps: 5", f"num_steps: {HUGE}")
    refused(release, step="transcript", evidence="expected step 6")
    refused(release, step="states", evidence=r"expected \d+ states, found 4")
    refused(release, step="schedule", evidence="expected 4096 rows, found 5")


def test_a_batch_of_more_sequences_than_could_be_read(release: Path) -> None:
    edit_recipe(release, "batch_sequences: 4", f"batch_sequences: {HUGE}")
    refused(release, step="reads", evidence=rf"step 1: expected {HUGE} sequences, found 4")


def test_a_step_that_reads_without_end(release: Path) -> None:
    """Two million rows in a few bytes."""
    path = release / "tokens" / "reads.parquet"
    schema = pq.read_schema(path)
    columns = [pa.array([1] * 500_000, pa.int64())] * 5
    with pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=True) as writer:
        for _ in range(4):
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
    relist(release)
    refused(release, step="reads", evidence="step 1: more than 1048576 spans")
