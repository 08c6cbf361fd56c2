"""A recipe for a derived model is made to measure for what there is to read."""

from dataclasses import replace

import pytest

from glasswright.recipe.child import LEARNING_RATES, child_to_measure, for_child
from glasswright.records.decoder import DecoderConfig
from glasswright.records.model import Model
from glasswright.records.recipe import Adapter, Parent, Recipe, Source
from glasswright.records.sources import Material

CONFIG = DecoderConfig(model=Model(), vocab_size=300, max_positions=512, begin_of_text=0, ends_of_text=(0,))


def child(material: Material = "conversations", *, adapter: bool = True, most: int = 512) -> Recipe:
    parent = Parent(
        name="org/base",
        path="base",
        license="MIT",
        files="0" * 64,
        max_positions=most,
        begin_of_text=0,
        ends_of_text=(0,),
    )
    kind = "documents" if material == "texts" else material
    source = Source(name="talks", kind=kind, path="talks")
    config = replace(CONFIG, max_positions=most)
    return for_child(source, parent, config, name="child", adapter=Adapter() if adapter else None)


@pytest.mark.parametrize(
    ("counts", "length", "batch", "num_steps"),
    [
        ([30] * 40, 64, 1, 19),  # few and short: a sequence a step, and not one step for all of them
        ([30] * 40_000, 64, 32, 586),
        ([30, 300], 512, 1, 1),
        ([129], 128, 1, 2),  # the last token is no input
        ([130], 256, 1, 1),
        ([513] * 200, 512, 4, 51),
    ],
)
def test_conversations_fit_whole_and_an_epoch_has_several_steps(
    counts: list[int], length: int, batch: int, num_steps: int
) -> None:
    train = child_to_measure(child(), counts, longest=max(counts), epochs=1).train
    assert (train.sequence_length, train.batch_sequences, train.num_steps) == (length, batch, num_steps)
    assert train.schedule.warmup_steps + train.schedule.decay_steps == num_steps


def test_texts_are_cut_in_several_sequences_within_what_the_parent_reads() -> None:
    assert child_to_measure(child("texts"), [900], longest=900, epochs=1).train.sequence_length == 128
    assert child_to_measure(child("texts"), [90_000], longest=90_000, epochs=1).train.sequence_length == 512


def test_the_longest_document_fits_though_it_is_held_back() -> None:
    assert child_to_measure(child(), [30] * 40, longest=200, epochs=1).train.sequence_length == 256


def test_epochs_multiply_the_steps() -> None:
    assert child_to_measure(child(), [30] * 40, longest=30, epochs=3).train.num_steps == 3 * 19


@pytest.mark.parametrize("adapter", [True, False])
def test_the_learning_rate_is_that_of_what_is_trained(adapter: bool) -> None:
    for material, part in (("texts", 1), ("conversations", 1), ("preferences", 4)):
        recipe = child_to_measure(child(material, adapter=adapter), [64] * 9, longest=64, epochs=1)
        assert recipe.train.optimizer.learning_rate == LEARNING_RATES[adapter] / part
        assert (recipe.preference is not None) == (material == "preferences")
