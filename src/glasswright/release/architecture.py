"""A model's description in words, with the technical report's references where they apply."""

from glasswright.records.model import Model
from glasswright.records.part import digits

GATED = {"silu": "SwiGLU", "gelu": "GeGLU", "gelu_tanh": "GeGLU"}
LLAMA = "llama"


def architecture(model: Model) -> str:
    """One sentence on the layers: their number and width, attention, positions, norm and feed-forward part."""
    source = " [2]" if model.family == LLAMA else ""
    kind = "latent attention" if model.latent else "attention"
    return (
        f"A decoder of the family {model.family}{source}: {model.num_layers} layers of width\n{model.hidden_size} with "
        f"{model.num_heads} {kind} heads, {model.num_kv_heads} for keys and values,\n"
        f"{_positions(model)}, {_norm(model)}, and\n{feed_forward(model)}."
    )


def feed_forward(model: Model) -> str:
    """The feed-forward part, or the experts in its place."""
    if model.experts is None:
        gated = f"{GATED[model.feed_forward.activation]} feed-forward part [5]"
        part = gated if model.feed_forward.gated else "GELU feed-forward part"
        return f"a {part} of width {model.intermediate_size}"
    experts = model.experts
    told = [f"{experts.count} experts of width {experts.size}, {experts.chosen} of them for each token"]
    if experts.shared_size:
        told.append(f"one of width {experts.shared_size} for all")
    if experts.first_dense:
        told.append(f"in the first {experts.first_dense} layers instead one of width {model.intermediate_size}")
    return ", ".join(told)


def _positions(model: Model) -> str:
    if model.positions.kind == "learned":
        return "learned positions"
    return f"rotary positions [3] with base {digits(model.rope_theta)}"


def _norm(model: Model) -> str:
    name = "RMSNorm [4]" if model.norm.kind == "rms" else "LayerNorm"
    return f"{name} with epsilon {digits(model.norm_epsilon)}"
