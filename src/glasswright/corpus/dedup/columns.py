"""Sketches as columns, for engines that pass tables between workers.

    num_words   int64
    signature   fixed_size_list<uint32>[NUM_HASHES]
    sample      large_list<uint32>

One row a document; a table of rows from any workers, in any order, gives back their sketches in that order.
"""

from typing import Any

import numpy as np
import pyarrow as pa

from glasswright.corpus.dedup.sketches import NUM_HASHES, Sketches

SCHEMA = pa.schema(
    [
        ("num_words", pa.int64()),
        ("signature", pa.list_(pa.uint32(), NUM_HASHES)),
        ("sample", pa.large_list(pa.uint32())),
    ]
)


def to_columns(sketches: Sketches) -> dict[str, Any]:
    """An Arrow array for each column of SCHEMA."""
    return {
        "num_words": pa.array(sketches.num_words_D),
        "signature": pa.FixedSizeListArray.from_arrays(pa.array(sketches.signature_DH.ravel()), NUM_HASHES),
        "sample": pa.LargeListArray.from_arrays(pa.array(sketches.offsets), pa.array(sketches.sample_G)),
    }


def from_columns(table: Any) -> Sketches:
    """The sketches of a table that has the columns of SCHEMA."""
    arrays = [table.column(field.name).cast(field.type) for field in SCHEMA]
    num_words, signature, sample = (_whole(array) for array in arrays)
    sizes = np.asarray(sample.value_lengths(), dtype=np.int64)
    return Sketches(
        num_words.to_numpy(zero_copy_only=False),
        signature.flatten().to_numpy(zero_copy_only=False).reshape(-1, NUM_HASHES),
        sample.flatten().to_numpy(zero_copy_only=False),
        np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
    )


def _whole(array: Any) -> Any:
    """One array, whatever pieces a table keeps it in."""
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
