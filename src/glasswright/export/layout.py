"""A decoder's tensors as llama.cpp names and lays them out.

A slot has one name there, whatever the family, and so has what is done with a part of the description:

    heads turned in pairs     rows of q and k change places where llama.cpp turns (2i, 2i+1) and the checkpoint (i, i+e)
    inputs first              such a matrix is turned over
    q, k, v of each head      become all of q, all of k, all of v
    1 + gain                  is added up
    experts                   lie in one tensor, one behind the other
    an embedding that is the head too    is there twice where the architecture wants a head of its own
    keys and values of a latent come apart, those of keys turned over for each head
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from glasswright.export.architecture import architecture_of
from glasswright.model.rotary_frequencies import frequencies
from glasswright.records.decoder import DecoderConfig, Parameter
from glasswright.records.families import family_of
from glasswright.records.model import Model

NAMES = {
    "embedding": "token_embd",
    "positions": "position_embd",
    "final_norm": "output_norm",
    "head": "output",
    "attention_norm": "blk.{i}.attn_norm",
    "qkv": "blk.{i}.attn_qkv",
    "q": "blk.{i}.attn_q",
    "k": "blk.{i}.attn_k",
    "v": "blk.{i}.attn_v",
    "o": "blk.{i}.attn_output",
    "q_norm": "blk.{i}.attn_q_norm",
    "k_norm": "blk.{i}.attn_k_norm",
    "q_a": "blk.{i}.attn_q_a",
    "q_a_norm": "blk.{i}.attn_q_a_norm",
    "q_b": "blk.{i}.attn_q_b",
    "kv_a": "blk.{i}.attn_kv_a_mqa",
    "kv_a_norm": "blk.{i}.attn_kv_a_norm",
    "k_b": "blk.{i}.attn_k_b",
    "v_b": "blk.{i}.attn_v_b",
    "attention_post_norm": "blk.{i}.post_attention_norm",
    "feed_forward_norm": "blk.{i}.ffn_norm",
    "gate": "blk.{i}.ffn_gate",
    "up": "blk.{i}.ffn_up",
    "down": "blk.{i}.ffn_down",
    "router": "blk.{i}.ffn_gate_inp",
    "expert.gate": "blk.{i}.ffn_gate_exps",
    "expert.up": "blk.{i}.ffn_up_exps",
    "expert.down": "blk.{i}.ffn_down_exps",
    "shared.gate": "blk.{i}.ffn_gate_shexp",
    "shared.up": "blk.{i}.ffn_up_shexp",
    "shared.down": "blk.{i}.ffn_down_shexp",
    "feed_forward_post_norm": "blk.{i}.post_ffw_norm",
}
ENDS = {"weight": "weight", "gain": "weight", "bias": "bias"}
SELECTION = "router.selection", "blk.{i}.exp_probs_b.bias"
Numbers = Callable[[str], np.ndarray]
NEVER_NARROWED = ("positions", "router")  # llama.cpp has these as they are


@dataclass(frozen=True, slots=True)
class Laid:
    """A tensor for llama.cpp. Its numbers are made when they are asked for: one tensor at a time is held twice."""

    name: str
    shape: tuple[int, ...]
    is_narrowed: bool  # whether a narrower type is for it
    numbers: Callable[[], np.ndarray]


def laid_out(config: DecoderConfig, numbers_of: Numbers) -> Iterator[Laid]:
    """A decoder's tensors for llama.cpp, in the order of the computation.

    numbers_of:  a parameter's numbers in float32, by its name; asked when those of a tensor here are
    """
    layout = config.parameters()
    experts: dict[str, list[Parameter]] = {}
    for it in layout:
        if it.expert is None:
            yield from _laid(config, it, numbers_of)
        else:
            experts.setdefault(_name(it), []).append(it)
    for name, parts in experts.items():
        yield _stacked(name, parts, numbers_of)
    if config.model.tied_embeddings and architecture_of(config.model).has_own_head:
        yield own_head(config, numbers_of)
    yield from _rotary_factors(config.model)


def own_head(config: DecoderConfig, numbers_of: Numbers) -> Laid:
    """The embedding as a head of its own."""
    embedding = next(it for it in config.parameters() if it.slot == "embedding.weight")
    return next(_laid(config, replace(embedding, slot="head.weight"), numbers_of))


def _rotary_factors(model: Model) -> Iterator[Laid]:
    """What each frequency of the rotation is divided by, where llama.cpp has no formula for it: Llama 3.1's."""
    scaling = model.positions.scaling
    if scaling is None or scaling.kind != "llama3":
        return
    plain, _ = frequencies(model.rope_theta, model.turned_size, None)
    scaled, _ = frequencies(model.rope_theta, model.turned_size, scaling)
    factors = np.array(plain, np.float32) / np.array(scaled, np.float32)
    yield Laid("rope_freqs.weight", factors.shape, False, lambda: factors)


def _laid(config: DecoderConfig, it: Parameter, numbers_of: Numbers) -> Iterator[Laid]:
    if it.slot == "kv_b.weight":
        yield from _apart(config.model, it, numbers_of)
        return
    change = _change(config.model, it)
    shape = it.shape[::-1] if it.is_transposed else it.shape
    is_narrowed = len(shape) > 1 and it.slot.partition(".")[0] not in NEVER_NARROWED
    yield Laid(_name(it), shape, is_narrowed, lambda: change(numbers_of(it.name)))


def _name(it: Parameter) -> str:
    if it.slot == SELECTION[0]:
        return SELECTION[1].format(i=it.layer)
    slot, _, end = it.slot.rpartition(".")
    return f"{NAMES[slot]}.{ENDS[end]}".format(i=it.layer)


def _change(model: Model, it: Parameter) -> Callable[[np.ndarray], np.ndarray]:
    """What is done with the numbers of a tensor."""
    part = it.slot.partition(".")[0]
    if it.is_transposed:
        return np.transpose
    if part == "qkv" and family_of(model.family).fused == "heads":
        return lambda numbers: _by_kind(numbers, model.num_heads)
    if part in ("q", "k") and architecture_of(model).pairs == "interleaved" and model.positions.pairs == "halves":
        return lambda numbers: _interleaved(numbers, model.num_heads if part == "q" else model.num_kv_heads)
    if it.role == "gain" and model.norm.plus_one:
        return lambda numbers: numbers + np.float32(1)
    return lambda numbers: numbers


def _interleaved(numbers: np.ndarray, heads: int) -> np.ndarray:
    """Rows of each head from (0, 1, 2, ...) to (0, e, 1, e+1, ...), where e is half of them."""
    halves = numbers.reshape(heads, 2, -1, *numbers.shape[1:])
    return np.ascontiguousarray(halves.swapaxes(1, 2)).reshape(numbers.shape)


def _by_kind(numbers: np.ndarray, heads: int) -> np.ndarray:
    """Rows of q, k and v of each head, to all of q, all of k, all of v."""
    rows = numbers.reshape(heads, 3, -1, *numbers.shape[1:])
    return np.ascontiguousarray(rows.swapaxes(0, 1)).reshape(numbers.shape)


def _stacked(name: str, parts: list[Parameter], numbers_of: Numbers) -> Laid:
    return Laid(name, (len(parts), *parts[0].shape), True, lambda: np.stack([numbers_of(it.name) for it in parts]))


def _apart(model: Model, it: Parameter, numbers_of: Numbers) -> Iterator[Laid]:
    """The matrix that makes keys and values of a latent: (H, rank, plain) for keys, (H, value, rank) for values."""
    latent, H = model.latent, model.num_heads
    assert latent is not None

    def both() -> np.ndarray:
        return numbers_of(it.name).reshape(H, latent.plain_size + latent.value_size, latent.rank)

    keys, values = (H, latent.rank, latent.plain_size), (H, latent.value_size, latent.rank)
    k_b, v_b = (f"{NAMES[slot]}.weight".format(i=it.layer) for slot in ("k_b", "v_b"))
    yield Laid(k_b, keys, True, lambda: both()[:, : latent.plain_size].swapaxes(1, 2))
    yield Laid(v_b, values, True, lambda: both()[:, latent.plain_size :])
