"""The shape of a decoder: from a recipe, to and from Hugging Face's config.json."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from glasswright.errors import Misuse
from glasswright.records.recipe import Model as ModelRecipe


@dataclass(frozen=True, slots=True, kw_only=True)
class LlamaConfig:
    """A decoder of the Llama architecture (Touvron et al. 2023, section 2.2; grouped queries: Ainslie et al. 2023)."""

    vocab_size: int
    hidden_size: int
    num_layers: int
    num_heads: int
    num_kv_heads: int
    intermediate_size: int
    max_positions: int
    rope_theta: Decimal
    norm_epsilon: Decimal
    tied_embeddings: bool
    end_of_text: int | None

    @property
    def head_size(self) -> int:
        return self.hidden_size // self.num_heads

    @classmethod
    def from_recipe(
        cls, model: ModelRecipe, *, vocab_size: int, max_positions: int, end_of_text: int | None
    ) -> "LlamaConfig":
        return cls(
            vocab_size=vocab_size,
            hidden_size=model.hidden_size,
            num_layers=model.num_layers,
            num_heads=model.num_heads,
            num_kv_heads=model.num_kv_heads,
            intermediate_size=model.intermediate_size,
            max_positions=max_positions,
            rope_theta=model.rope_theta,
            norm_epsilon=model.norm_epsilon,
            tied_embeddings=model.tied_embeddings,
            end_of_text=end_of_text,
        )

    @property
    def num_parameters(self) -> int:
        d, f, kv = self.hidden_size, self.intermediate_size, self.num_kv_heads * self.head_size
        layer = 2 * d * d + 2 * d * kv + 3 * d * f + 2 * d
        embeddings = self.vocab_size * d * (1 if self.tied_embeddings else 2)
        return self.num_layers * layer + embeddings + d

    def to_hugging_face(self) -> dict[str, Any]:
        """The keys of transformers' LlamaConfig."""
        return {
            "architectures": ["LlamaForCausalLM"],
            "attention_bias": False,
            "attention_dropout": 0.0,
            "bos_token_id": self.end_of_text,
            "dtype": "float32",
            "eos_token_id": self.end_of_text,
            "head_dim": self.head_size,
            "hidden_act": "silu",
            "hidden_size": self.hidden_size,
            "initializer_range": 0.02,
            "intermediate_size": self.intermediate_size,
            "max_position_embeddings": self.max_positions,
            "mlp_bias": False,
            "model_type": "llama",
            "num_attention_heads": self.num_heads,
            "num_hidden_layers": self.num_layers,
            "num_key_value_heads": self.num_kv_heads,
            "rms_norm_eps": float(self.norm_epsilon),
            "rope_parameters": {"rope_theta": float(self.rope_theta), "rope_type": "default"},
            "tie_word_embeddings": self.tied_embeddings,
            "vocab_size": self.vocab_size,
        }

    @classmethod
    def from_hugging_face(cls, config: dict[str, Any], where: str) -> "LlamaConfig":
        """Read a config.json, and refuse what this decoder would compute differently.

        Raises:  Misuse naming the key that is missing or not supported.
        """
        rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
        theta = rope.get("rope_theta", config.get("rope_theta", 10000.0))
        for key, found, expected in (
            ("model_type", config.get("model_type"), "llama"),
            ("hidden_act", config.get("hidden_act", "silu"), "silu"),
            ("attention_bias", config.get("attention_bias", False), False),
            ("mlp_bias", config.get("mlp_bias", False), False),
            ("rope_type", rope.get("rope_type", rope.get("type", "default")), "default"),
        ):
            if found != expected:
                raise Misuse(f"{where}: {key}: expected {expected!r}, found {found!r}", hint="not supported yet")
        try:
            num_heads = config["num_attention_heads"]
            loaded = cls(
                vocab_size=config["vocab_size"],
                hidden_size=config["hidden_size"],
                num_layers=config["num_hidden_layers"],
                num_heads=num_heads,
                num_kv_heads=config.get("num_key_value_heads") or num_heads,
                intermediate_size=config["intermediate_size"],
                max_positions=config.get("max_position_embeddings", 2048),
                rope_theta=Decimal(str(theta)),
                norm_epsilon=Decimal(str(config["rms_norm_eps"])),
                tied_embeddings=config.get("tie_word_embeddings", False),
                end_of_text=_one_token(config.get("eos_token_id")),
            )
        except KeyError as error:
            raise Misuse(f"{where}: key {error} is missing", hint="expected a LlamaForCausalLM config.json") from error
        if config.get("head_dim", loaded.head_size) != loaded.head_size:
            raise Misuse(f"{where}: head_dim: expected {loaded.head_size}, found {config['head_dim']}")
        return loaded


def _one_token(value: int | list[int] | None) -> int | None:
    return value[0] if isinstance(value, list) else value
