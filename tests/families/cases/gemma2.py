"""Windows in every other layer, narrower than the text; with and without each cap; heads of an odd width; untied."""

from tests.families.cases import Case
from tests.families.cases.llama import SMALL

GEMMA = SMALL | {"head_dim": 6, "query_pre_attn_scalar": 9, "num_hidden_layers": 3, "pad_token_id": None}

CASE = Case(
    config="Gemma2Config",
    shapes=(
        GEMMA | {"sliding_window": 7, "attn_logit_softcapping": 2.0, "final_logit_softcapping": 3.0},
        GEMMA | {"sliding_window": 2, "num_key_value_heads": 1, "head_dim": 10, "attn_logit_softcapping": None},
        GEMMA
        | {"sliding_window": 33, "tie_word_embeddings": False, "final_logit_softcapping": None, "attention_bias": True},
        GEMMA
        | {
            "sliding_window": 7, "attn_logit_softcapping": 2.0, "final_logit_softcapping": 3.0,
            "query_pre_attn_scalar": 6,
        },
    ),
    recipe={
        "family": "gemma2", "hidden_size": 16, "num_layers": 2, "num_heads": 4, "num_kv_heads": 2,
        "intermediate_size": 24, "attention": {"window": 5, "head_size": 6},
    },
)  # fmt: skip
