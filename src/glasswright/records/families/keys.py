"""Keys of config.json that many families share with Llama."""

from glasswright.records.families.family import COUNT, FLAG, Entry, Key, OfKey, Written, choice

WIDTHS: tuple[Entry, ...] = (
    Key("hidden_size", "hidden_size", COUNT),
    Key("intermediate_size", "intermediate_size", COUNT),
    Key("num_hidden_layers", "num_layers", COUNT),
)
SIZES: tuple[Entry, ...] = (
    *WIDTHS,
    Key("num_attention_heads", "num_heads", COUNT),
    Key("num_key_value_heads", "num_kv_heads", COUNT, OfKey("num_attention_heads")),
)
ATTENTION_BIAS = Key("attention_bias", ("attention.bias", "attention.output_bias"), FLAG, False)
SILU = Key("hidden_act", "feed_forward.activation", choice(silu="silu"), "silu")
UNTIED = Key("tie_word_embeddings", "tied_embeddings", FLAG, False)
OF_TRAINING: tuple[Entry, ...] = (Written("attention_dropout", 0.0), Written("initializer_range", 0.02))
