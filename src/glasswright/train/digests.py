"""Digests of the tensors of a state."""

from collections.abc import Mapping

import numpy as np

from glasswright.attest.tensors import tensor_digest
from glasswright.records.transcript import TensorDigest


def digests_of(state: Mapping[str, np.ndarray]) -> tuple[TensorDigest, ...]:
    """The digest of each float32 tensor, ordered by name."""
    return tuple(
        tensor_digest(name, "F32", values.shape, np.ascontiguousarray(values).reshape(-1).view(np.uint8).data)
        for name, values in sorted(state.items())
    )
