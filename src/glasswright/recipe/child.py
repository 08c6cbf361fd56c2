"""A recipe for a model that descends from another: the parent's model and tokenizer, and few, small steps.

adapter        learning rate 2e-4, the usual one of LoRA (Hu et al. 2021, table 11, of its size)
all weights    learning rate 2e-5
preferences    a quarter of these
all of these   AdamW without decay; warm-up over a tenth of the steps, then down to nothing
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from glasswright.recipe.starter import require_given
from glasswright.records.decoder import DecoderConfig
from glasswright.records.recipe import (
    Adapter,
    Corpus,
    Optimizer,
    Parent,
    Preference,
    Recipe,
    Schedule,
    Source,
    Tokenizer,
    Tokens,
    Train,
)
from glasswright.records.sources import learned_from

LEARNING_RATES = {True: Decimal("0.0002"), False: Decimal("0.00002")}  # with an adapter, and without
TOKENS_A_STEP = 2048  # at most
STEPS_AN_EPOCH = 16  # at least, as far as there are sequences
SHORTEST, LONGEST = 64, 1024  # of sequences, where what is read does not ask for others
SEGMENTS = 8  # at least, where there are as many steps


def for_child(
    source: Source,
    parent: Parent,
    config: DecoderConfig,
    *,
    name: str,
    adapter: Adapter | None,
    weights_license: str | None = None,
    allow_licenses: tuple[str, ...] = (),
    too_long: Literal["cut", "drop"] | None = None,
    numerics: int = 1,
) -> Recipe:
    """A recipe of which it is not known yet how much there is to read: it takes sequences as long as the parent does.

    Raises:  Misuse if the license is no SPDX expression; ValueError if the parts do not go together.
    """
    require_given(weights_license, is_derived=True)
    return Recipe.model_validate(
        {
            "numerics": numerics,
            "name": name,
            "weights_license": weights_license,
            "parent": parent,
            "adapter": adapter,
            "preference": Preference() if learned_from(source.kind) == "preferences" else None,
            "sources": (source,),
            "corpus": Corpus(allow_licenses=allow_licenses),
            "tokenizer": Tokenizer(vocab_size=config.vocab_size),
            "tokens": Tokens(too_long=too_long),
            "model": config.model,
            "train": Train(
                num_steps=1,
                sequence_length=parent.max_positions,
                schedule=Schedule(warmup_steps=0, decay_steps=1),
            ),
        }
    )


def child_to_measure(recipe: Recipe, counts: Sequence[int], *, longest: int, epochs: int) -> Recipe:
    """The recipe with the steps that it takes to read documents of so many tokens `epochs` times.

    longest:  tokens that the longest document needs room for, of those that are held back too
    """
    assert recipe.parent is not None
    most = recipe.parent.max_positions
    length = _for_texts(sum(counts), most) if recipe.learns == "texts" else _for_whole(longest, most)
    num_sequences = max(1, -(-sum(counts) // length))
    batch = max(1, min(TOKENS_A_STEP // length, num_sequences // STEPS_AN_EPOCH))
    num_steps = max(1, -(-epochs * num_sequences // batch))
    warmup = num_steps // 10
    train = Train(
        num_steps=num_steps,
        sequence_length=length,
        batch_sequences=batch,
        leaf_sequences=1,
        segment_steps=max(1, min(50, num_steps // SEGMENTS)),
        optimizer=Optimizer(
            kind="adamw",
            learning_rate=LEARNING_RATES[recipe.adapter is not None] / (4 if recipe.preference else 1),
            beta2=Decimal("0.999"),
            weight_decay=Decimal(0),
        ),
        schedule=Schedule(warmup_steps=warmup, decay_steps=num_steps - warmup),
    )
    return recipe.model_copy(update={"train": train})


def _for_texts(num_tokens: int, most: int) -> int:
    """A power of two, or the parent's limit: several sequences can be cut from what there is."""
    wanted = min(LONGEST, (num_tokens - 1) // 4)
    return max(1, min(most, 1 << max(0, wanted.bit_length() - 1)))


def _for_whole(longest: int, most: int) -> int:
    """A power of two, or the parent's limit, into which the longest document fits."""
    wanted = longest - 1
    return min(most, max(SHORTEST, 1 << (wanted - 1).bit_length() if wanted > 1 else 1))
