"""Which of llama.cpp's architectures computes what a description says; none, where one would compute otherwise.

What differs between families is a row of `ARCHITECTURES`, what none of them has is a rule of `REFUSALS`. Both were read
in llama.cpp's own source (`src/models`, of llama-cpp-python 0.3.36) and are held to what it computes by
`tests/families/test_llama_cpp.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from glasswright.errors import Misuse
from glasswright.model.rotary_frequencies import frequencies
from glasswright.records.families import family_of
from glasswright.records.families.family import value_at
from glasswright.records.model import Model, Scaling


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """One of llama.cpp's architectures, for one family.

    pairs:         which channels of a head it turns together
    only:          what it has fixed, by path of the description
    needed:        paths of what it never goes without
    scalings:      of the rotation, by kind
    has_own_head:  it wants an output matrix, and does not take the embedding for it
    has_windows:   the others let every layer see everything
    layers_of_27b: of the model whose logits it divides by the root of a head's share of the width
    """

    name: str
    pairs: Literal["halves", "interleaved"] = "halves"
    only: Mapping[str, Any] = field(default_factory=dict)
    needed: Sequence[str] = ()
    scalings: Sequence[str] = ("linear", "yarn")
    has_own_head: bool = False
    has_windows: bool = False
    layers_of_27b: int = 0


NO_BIAS = {"attention.bias": False}
INTERLEAVED = {"positions.pairs": "interleaved"}
LLAMA_SCALINGS = ("linear", "yarn", "llama3")
YARN_BETAS = Decimal(32), Decimal(1)
LITE_LAYERS = 27  # of DeepSeek V2-Lite
ARCHITECTURES: Mapping[str, Architecture] = {
    "llama": Architecture(name="llama", pairs="interleaved", scalings=LLAMA_SCALINGS),
    "mistral": Architecture(name="llama", pairs="interleaved", scalings=LLAMA_SCALINGS),
    "mixtral": Architecture(name="llama", pairs="interleaved", scalings=LLAMA_SCALINGS),
    "deepseek_v2": Architecture(name="deepseek2", pairs="interleaved", only=INTERLEAVED | {"experts.groups": 1}),
    "deepseek_v3": Architecture(name="deepseek2", pairs="interleaved", only=INTERLEAVED),
    "qwen2": Architecture(name="qwen2"),
    "qwen3": Architecture(name="qwen3", only=NO_BIAS),
    "olmo": Architecture(name="olmo", pairs="interleaved", only=NO_BIAS),
    "olmo2": Architecture(name="olmo2", only=NO_BIAS, has_own_head=True),
    "olmo3": Architecture(name="olmo2", only=NO_BIAS | {"attention.head_size": 0}, has_own_head=True, has_windows=True),
    "gpt_neox": Architecture(name="gptneox", only={"attention.bias": True}, has_own_head=True),
    "gpt2": Architecture(name="gpt2"),
    "gemma2": Architecture(
        name="gemma2",
        only=NO_BIAS | {"tied_embeddings": True},
        needed=("attention.soft_cap", "soft_cap"),
        has_windows=True,
        layers_of_27b=46,
    ),
    "gemma3": Architecture(name="gemma3", only=NO_BIAS | {"attention.soft_cap": 0}, has_windows=True, layers_of_27b=62),
}


def architecture_of(model: Model) -> Architecture:
    """The architecture of llama.cpp that computes what the description says.

    Raises:  Misuse if there is none, naming the key of config.json that is in the way.
    """
    if model.family not in ARCHITECTURES:
        told = ", ".join(sorted(ARCHITECTURES))
        raise Misuse(f"family {model.family}: no GGUF of it is written, only of {told}", hint=HINT)
    architecture = ARCHITECTURES[model.family]
    for path, value in architecture.only.items():
        if value_at(model, path) != value:
            raise _refused(model, path, f"llama.cpp's architecture {architecture.name} has {value} alone")
    for path in architecture.needed:
        if not value_at(model, path):
            raise _refused(model, path, f"llama.cpp's architecture {architecture.name} never goes without it")
    for path, why in REFUSALS.items():
        if (reason := why(model, architecture)) is not None:
            raise _refused(model, path, reason)
    return architecture


def yarn_factor(model: Model, scaling: Scaling) -> float:
    """What YaRN multiplies cosines and sines with."""
    return frequencies(model.rope_theta, model.turned_size, scaling)[1]


def usual_yarn_factor(model: Model, scaling: Scaling) -> float:
    """The same where nothing but `factor` says it."""
    said = dict.fromkeys(("mscale", "mscale_all_dim", "attention_factor"), Decimal(0))
    return yarn_factor(model, scaling.model_copy(update=said))


HINT = "export with --hf"


def _refused(model: Model, path: str, reason: str) -> Misuse:
    """The error, under the name of the key that says it."""
    family = family_of(model.family)
    key = " or ".join(family.keys_of(path, family.write(model), "model"))
    return Misuse(f"{key} ({path} of the description): {value_at(model, path)}: {reason}", hint=HINT)


def _window(model: Model, architecture: Architecture) -> str | None:
    window = model.attention.window
    if architecture.has_windows or not window:
        return None
    return (
        f"llama.cpp's {architecture.name} lets every layer see everything; say null there, and the file is right for "
        f"texts of up to {window} tokens"
    )


def _base(model: Model, architecture: Architecture) -> str | None:
    theta = model.positions.window_theta
    if architecture.name == "gemma3" or theta in (0, model.rope_theta):
        return None
    return f"llama.cpp's {architecture.name} turns all layers by one base, and that of the others is {model.rope_theta}"


def _scaling(model: Model, architecture: Architecture) -> str | None:
    scaling = model.positions.scaling
    if scaling is None:
        return None
    if scaling.kind not in architecture.scalings:
        return f"llama.cpp's {architecture.name} does not scale the rotation as {scaling.kind} does"
    return _yarn(model, scaling) if scaling.kind == "yarn" else None


def _yarn(model: Model, scaling: Scaling) -> str | None:
    if (scaling.beta_fast, scaling.beta_slow) != YARN_BETAS:
        return "llama.cpp's yarn has beta_fast 32 and beta_slow 1, and reads no other"
    if not scaling.truncate:
        return "llama.cpp's yarn rounds the ends of its ramp: truncate is true"
    factor = yarn_factor(model, scaling)
    if model.latent and factor != 1:
        return "llama.cpp multiplies the logits of latent attention once more with yarn's factor, unless that is 1"
    if model.family == "gemma3" and factor != usual_yarn_factor(model, scaling):
        return "llama.cpp's gemma3 has yarn's factor in layers with a window too"
    return None


def _scale(model: Model, architecture: Architecture) -> str | None:
    """Gemma's logits are divided by the root of what the key says; there, by that of a size."""
    if not architecture.layers_of_27b:
        return None
    there = model.head_size
    if model.num_layers == architecture.layers_of_27b:
        there = model.hidden_size // model.num_heads
    if (model.attention.scale_size or model.head_size) == there:
        return None
    return f"llama.cpp's {architecture.name} divides by the root of {there} in a model of {model.num_layers} layers"


def _queries(model: Model, architecture: Architecture) -> str | None:  # noqa: ARG001
    if model.latent is None or model.latent.query_rank or model.num_layers == LITE_LAYERS:
        return None
    return f"llama.cpp knows queries of one matrix by {LITE_LAYERS} layers, and this model has {model.num_layers}"


# By path of the description: why llama.cpp would compute something else; None where it would not.
REFUSALS: Mapping[str, Callable[[Model, Architecture], str | None]] = {
    "attention.window": _window,
    "positions.window_theta": _base,
    "positions.scaling.kind": _scaling,
    "attention.scale_size": _scale,
    "latent.query_rank": _queries,
}
