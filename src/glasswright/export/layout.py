"""A decoder's tensors as llama.cpp names and lays them out.

A slot has one name there, whatever the family. What differs between families is a row of `ARCHITECTURES`:

    name      of the architecture in llama.cpp
    pairs     which channels of a head it turns together; rows of q and k change places where a checkpoint's are others
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from glasswright.errors import Misuse
from glasswright.model.decoder import Decoder
from glasswright.records.decoder import Parameter
from glasswright.records.model import Model

NAMES = {
    "embedding": "token_embd",
    "final_norm": "output_norm",
    "head": "output",
    "attention_norm": "blk.{i}.attn_norm",
    "q": "blk.{i}.attn_q",
    "k": "blk.{i}.attn_k",
    "v": "blk.{i}.attn_v",
    "o": "blk.{i}.attn_output",
    "q_norm": "blk.{i}.attn_q_norm",
    "k_norm": "blk.{i}.attn_k_norm",
    "attention_post_norm": "blk.{i}.post_attention_norm",
    "feed_forward_norm": "blk.{i}.ffn_norm",
    "gate": "blk.{i}.ffn_gate",
    "up": "blk.{i}.ffn_up",
    "down": "blk.{i}.ffn_down",
    "feed_forward_post_norm": "blk.{i}.post_ffw_norm",
}
ENDS = {"weight": "weight", "gain": "weight", "bias": "bias"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """One of llama.cpp's architectures, for one family."""

    name: str
    pairs: Literal["halves", "interleaved"] = "halves"


ARCHITECTURES: Mapping[str, Architecture] = {
    "llama": Architecture(name="llama", pairs="interleaved"),
}


@dataclass(frozen=True, slots=True)
class Laid:
    """A tensor for llama.cpp. Its numbers are made when they are asked for: one tensor at a time is held twice."""

    name: str
    shape: tuple[int, ...]
    numbers: Callable[[], np.ndarray]

    @property
    def is_matrix(self) -> bool:
        """Whether it is one of those that a narrower type is for; rows of numbers stay as they are."""
        return len(self.shape) > 1


def architecture_of(model: Model) -> Architecture:
    """The architecture of llama.cpp that computes what the description says.

    Raises:  Misuse if there is none.
    """
    if model.family not in ARCHITECTURES:
        raise Misuse(
            f"family {model.family}: no GGUF of it is written, only of {', '.join(sorted(ARCHITECTURES))}",
            hint="export with --hf",
        )
    return ARCHITECTURES[model.family]


def laid_out(decoder: Decoder) -> Iterator[Laid]:
    """The decoder's tensors for llama.cpp, in the order of the computation."""
    model, tensors = decoder.config.model, dict(decoder.named_parameters())
    architecture = architecture_of(model)
    for it in decoder.layout:
        numbers = tensors[it.name].detach().numpy()
        heads = _heads_to_turn(model, architecture, it)
        yield Laid(_name(it), it.shape, lambda numbers=numbers, heads=heads: _interleaved(numbers, heads))  # type: ignore[misc]


def _name(parameter: Parameter) -> str:
    slot, _, end = parameter.slot.rpartition(".")
    return f"{NAMES[slot]}.{ENDS[end]}".format(i=parameter.layer)


def _heads_to_turn(model: Model, architecture: Architecture, parameter: Parameter) -> int:
    """The number of heads whose channels change places, 0 for none."""
    heads = {"q": model.num_heads, "k": model.num_kv_heads}.get(parameter.slot.partition(".")[0], 0)
    return heads if architecture.pairs == "interleaved" and model.positions.pairs == "halves" else 0


def _interleaved(numbers: np.ndarray, heads: int) -> np.ndarray:
    """Rows of each head from (0, 1, 2, ...) to (0, e, 1, e+1, ...), where e is half of them."""
    if not heads:
        return numbers
    halves = numbers.reshape(heads, 2, -1, *numbers.shape[1:])
    return np.ascontiguousarray(halves.swapaxes(1, 2)).reshape(numbers.shape)
