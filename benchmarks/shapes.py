"""The models that training is measured on, as recipes: 1M, 6.6M and 29M parameters."""

from glasswright.records.model import Model
from glasswright.records.recipe import Optimizer, Recipe, Source, Tokenizer, Train


def recipe_of(name: str, *, optimizer: str = "adamw") -> Recipe:
    """The recipe of one of SHAPES; embeddings are not tied."""
    width, layers, heads, ffn, vocab, batch, leaf = SHAPES[name]
    return Recipe(
        name=name.lower(),
        sources=(Source(name="none", kind="python-docs"),),
        tokenizer=Tokenizer(vocab_size=vocab),
        model=Model(
            hidden_size=width,
            num_layers=layers,
            num_heads=heads,
            num_kv_heads=heads,
            intermediate_size=ffn,
            tied_embeddings=False,
        ),
        train=Train(
            num_steps=10_000,
            sequence_length=256,
            batch_sequences=batch,
            leaf_sequences=leaf,
            optimizer=Optimizer.model_validate({"kind": optimizer}),
        ),
    )


# name: width, layers, heads, feed-forward width, vocabulary, sequences a batch, sequences a leaf
SHAPES = {
    "1M": (128, 4, 4, 344, 2048, 8, 4),
    "6.6M": (256, 6, 4, 688, 4096, 8, 4),
    "29M": (512, 8, 8, 1376, 4096, 4, 2),
}
