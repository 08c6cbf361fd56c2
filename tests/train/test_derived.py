"""A run that begins from a parent: what is trained, what is not, and that packing changes nothing but the reading."""

import math
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from glasswright.errors import Misuse
from glasswright.kernels.rounding import nearest_binary32
from glasswright.model import huggingface
from glasswright.model.decoder import Decoder
from glasswright.model.initial import initialize
from glasswright.records.canonical import canonical_bytes, float_from_bits
from glasswright.records.decoder import decoder_of
from glasswright.records.recipe import Recipe
from glasswright.records.tokens import DocumentTokens, TokenMap, TokenShard
from glasswright.records.transcript import Span
from glasswright.store.tokens import open_tokens
from glasswright.train import parent as parents
from glasswright.train.effort import Effort
from glasswright.train.packing import PackedOrder
from glasswright.train.preferences import loss_and_slope
from glasswright.train.trainer import Trainer
from glasswright.train.turns import _losses, num_learned, read_packed
from glasswright.verify.order import PackedReadingOrder

COUNTS = (30, 5, 41, 33, 29, 12, 2, 20, 25, 9)  # the last two are held back
VOCAB_SIZE = 300
ONE = Effort(num_threads=1, leaves_at_once=1)
ADAPTER = {"rank": 2, "alpha": "3"}


@pytest.fixture
def folder(recipe: Recipe, tmp_path: Path) -> Path:
    """A parent whose every matrix says something: no output is zero, as it would be of a new model."""
    model = Decoder(decoder_of(recipe, vocab_size=VOCAB_SIZE, end_of_text=0))
    initialize(model, 9)
    draw = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for _, parameter in model.named_parameters():
            if parameter.ndim == 2 and not parameter.any():
                parameter.copy_(torch.randn(parameter.shape, generator=draw) / 10)
    huggingface.save(model, tmp_path / "parent")
    (tmp_path / "parent" / "tokenizer.json").write_text("{}")
    return tmp_path / "parent"


@pytest.fixture
def conversations(tmp_path: Path) -> Path:
    """A tokens folder of which two runs of every document are learned."""
    folder = tmp_path / "conversations"
    (folder / "shards").mkdir(parents=True)
    num_tokens, starts = sum(COUNTS), np.cumsum((0, *COUNTS))
    np.random.default_rng(1).integers(VOCAB_SIZE, size=num_tokens, dtype="<u2").tofile(folder / "shards" / "0.bin")
    token_map = TokenMap(
        tokenizer_sha256="",
        vocab_size=VOCAB_SIZE,
        end_of_text=0,
        shards=(TokenShard(path="0.bin", sha256="", num_tokens=num_tokens, bytes_per_token=2),),
        documents=tuple(
            DocumentTokens(
                document_id=f"{place:064x}",
                split="validation" if place >= len(COUNTS) - 2 else "train",
                first_token=int(starts[place]),
                num_tokens=count,
                num_bytes=count,
                learned=((1, 1),) if count < 5 else ((1, 2), (count - 1, 1)),
            )
            for place, count in enumerate(COUNTS)
        ),
    )
    (folder / "map.json").write_bytes(canonical_bytes(token_map.record()))
    return folder


@pytest.fixture
def child(recipe: Recipe, folder: Path) -> Callable[..., Recipe]:
    """A recipe that begins from the parent; `kind` says what it learns from."""
    said, _ = parents.named(folder, name="org/parent", license="MIT")

    def make(kind: str = "conversations", **changes: Any) -> Recipe:
        source = {"name": "x", "kind": kind} | ({} if kind == "python-docs" else {"path": "x"})
        values = recipe.resolved() | {"parent": said.model_dump(mode="json"), "sources": [source]} | changes
        values["parent"]["max_positions"] = 60
        values["train"]["sequence_length"] = 60
        values["train"]["optimizer"] |= {"kind": "adamw", "learning_rate": "0.003"}
        return Recipe.model_validate(values)

    config = huggingface.read(folder)[0]
    huggingface.save(Decoder(replace(config, max_positions=60), huggingface.read(folder)[1]), folder)
    said = said.model_copy(update={"files": parents.files_digest(parents.hashed_files(folder))})
    return make


def given(folder: Path, recipe: Recipe) -> parents.ParentFolder:
    assert recipe.parent is not None
    return parents.ParentFolder(folder, parents.describe(folder, recipe.parent))


def run(recipe: Recipe, tokens: Path, folder: Path, effort: Effort = ONE, num_steps: int = 3) -> list[str]:
    with closing(Trainer(recipe, tokens, effort, given(folder, recipe))) as trainer:
        records = [str(trainer.step(step).record()) for step in range(1, num_steps + 1)]
        return [*records, trainer.state_record(num_steps).root]


@pytest.mark.parametrize("adapter", [None, ADAPTER], ids=["all weights", "adapter"])
@pytest.mark.parametrize("kind", ["python-docs", "conversations"])
@pytest.mark.parametrize("numerics", [1, 2])
def test_threads_leaves_at_once_and_recomputing_change_no_bit(
    child: Callable[..., Recipe], conversations: Path, folder: Path, adapter: Any, kind: str, numerics: int
) -> None:
    recipe = child(kind, adapter=adapter, numerics=numerics)
    effort = Effort(num_threads=2, leaves_at_once=3, recompute=True)
    assert run(recipe, conversations, folder, effort) == run(recipe, conversations, folder)


@pytest.mark.parametrize("adapter", [None, ADAPTER], ids=["all weights", "adapter"])
def test_the_definitions_train_to_the_bits_of_their_twins(
    child: Callable[..., Recipe], conversations: Path, folder: Path, adapter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = child(adapter=adapter)
    twins = run(recipe, conversations, folder, num_steps=1)
    monkeypatch.setenv("GLASSWRIGHT_KERNELS", "definition")
    assert run(recipe, conversations, folder, num_steps=1) == twins


def test_an_adapter_s_run_moves_nothing_but_the_adapter(
    child: Callable[..., Recipe], conversations: Path, folder: Path
) -> None:
    recipe = child(adapter=ADAPTER)
    with closing(Trainer(recipe, conversations, ONE, given(folder, recipe))) as trainer:
        before = {name: parameter.clone() for name, parameter in trainer.model.named_parameters()}
        started = {name: values.copy() for name, values in trainer.tensors().items()}
        trainer.step(1)
        assert all(torch.equal(parameter, before[name]) for name, parameter in trainer.model.named_parameters())
        names = {name for name in started if name.startswith("model.")}
        assert names == {f"model.{name}" for name in trainer.model.trained}
        moved = {name for name in names if not np.array_equal(trainer.tensors()[name], started[name])}
    assert moved == {name for name in names if "lora_B" in name}  # A has no gradient while B is zero


def test_an_adapter_whose_up_matrices_are_zero_says_what_its_parent_says(
    child: Callable[..., Recipe], conversations: Path, folder: Path
) -> None:
    recipe, token_ST = child(adapter=ADAPTER), torch.arange(24).view(2, 12)
    with closing(Trainer(recipe, conversations, ONE, given(folder, recipe))) as trainer:
        assert torch.equal(trainer.model.logits(token_ST), huggingface.load(folder).logits(token_ST))
        with torch.no_grad():
            next(p for name, p in trainer.model.trained.items() if "lora_B" in name).fill_(0.01)
        assert not torch.equal(trainer.model.logits(token_ST), huggingface.load(folder).logits(token_ST))


@pytest.mark.parametrize("window", [0, 3])
def test_a_document_packed_with_others_has_the_losses_it_has_alone(
    conversations: Path, folder: Path, window: int
) -> None:
    model, reader = huggingface.load(folder), open_tokens(conversations)
    for layer in model.layers:
        layer.attention.window = window
    spans = [Span(document=place, start=0, count=COUNTS[place]) for place in (3, 0, 5, 2)]
    with torch.no_grad():
        packed = _losses(model, reader, spans, 1.0)
        alone = [_losses(model, reader, [span], 1.0) for span in spans]
        reversed_ = _losses(model, reader, spans[::-1], 1.0)
    assert torch.equal(packed, torch.cat(alone))
    assert torch.equal(reversed_, torch.cat(alone[::-1]))


def test_a_document_that_saw_the_one_before_it_would_have_other_losses(
    conversations: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sabotage twin: attention over all that is packed."""
    model, reader = huggingface.load(folder), open_tokens(conversations)
    spans = [Span(document=place, start=0, count=COUNTS[place]) for place in (3, 0)]
    positions = model.packed_positions
    monkeypatch.setattr(model, "packed_positions", lambda lengths: replace(positions(lengths), lengths=(sum(lengths),)))
    with torch.no_grad():
        leaking = _losses(model, reader, spans, 1.0)
        monkeypatch.undo()
        sound = _losses(model, reader, spans, 1.0)
    assert torch.equal(leaking[:3], sound[:3])
    assert not torch.equal(leaking[3:], sound[3:])


def test_of_a_document_of_which_all_is_learned_the_first_token_is_no_target(conversations: Path) -> None:
    reader = open_tokens(conversations)
    documents = tuple(replace(it, learned=None) for it in reader.map.documents)
    reader.map = replace(reader.map, documents=documents)
    read = read_packed(reader, [Span(document=place, start=0, count=COUNTS[place]) for place in (2, 0)], "cpu")
    assert read.row_N.tolist() == [*range(COUNTS[2] - 1), *range(COUNTS[2] - 1, COUNTS[2] + COUNTS[0] - 2)]
    assert len(read.target_N) == num_learned(documents[2]) + num_learned(documents[0])


def test_the_checker_lays_conversations_in_sequences_as_training_does(conversations: Path) -> None:
    documents = open_tokens(conversations).map.documents
    order = PackedOrder(documents, seed=5, sequence_length=60)
    expected = PackedReadingOrder(documents, 5, 60)
    sequences = [order.sequence(index) for index in range(40)]
    assert tuple(sequences) == expected.step(1, 40)
    assert {span.document for spans in sequences for span in spans} == set(range(8))
    assert all(sum(span.count - 1 for span in spans) <= 60 for spans in sequences)
    assert [order.sequence(index) for index in (39, 3, 17)] == [sequences[index] for index in (39, 3, 17)]


def test_a_conversation_longer_than_a_sequence_is_refused(conversations: Path) -> None:
    with pytest.raises(Misuse, match="has 41 tokens: expected at most 40"):
        PackedOrder(open_tokens(conversations).map.documents, seed=5, sequence_length=39)


def test_a_parent_that_has_changed_is_refused(child: Callable[..., Recipe], conversations: Path, folder: Path) -> None:
    recipe = child()
    there = given(folder, recipe)
    data = bytearray((folder / "model.safetensors").read_bytes())
    data[-1] ^= 1
    (folder / "model.safetensors").write_bytes(data)
    with pytest.raises(Misuse, match="is not the one on record"):
        Trainer(recipe, conversations, ONE, there)
    with pytest.raises(Misuse, match="not the files that the recipe names as its parent's"):
        given(folder, recipe)


def test_a_parent_of_another_shape_is_refused_by_key(
    child: Callable[..., Recipe], conversations: Path, folder: Path
) -> None:
    recipe = child()
    there = given(folder, recipe)
    other = recipe.resolved()
    other["model"]["rope_theta"] = "5000"
    with pytest.raises(Misuse, match="model.rope_theta: the recipe has 5000, the parent 10000"):
        Trainer(Recipe.model_validate(other), conversations, ONE, there)


def test_a_run_that_is_not_given_its_parent_says_so(child: Callable[..., Recipe], conversations: Path) -> None:
    with pytest.raises(Misuse, match="begins from org/parent, whose weights are not given"):
        Trainer(child(), conversations, ONE)


def test_a_target_that_no_matrix_has_is_refused(
    child: Callable[..., Recipe], conversations: Path, folder: Path
) -> None:
    recipe = child(adapter={**ADAPTER, "targets": ["q", "w1"]})
    with pytest.raises(Misuse, match="'w1' is no matrix of this model that can be adapted"):
        Trainer(recipe, conversations, ONE, given(folder, recipe))


@pytest.fixture
def preferences(conversations: Path) -> Path:
    """The same tokens, each document a pair: its second half is the conversation that was rejected."""
    token_map = open_tokens(conversations).map
    pairs = tuple(
        replace(it, second=it.num_tokens // 2, learned=((2, 2), (it.num_tokens // 2 + 2, 3)))
        for it in token_map.documents
        if it.num_tokens >= 12
    )
    (conversations / "map.json").write_bytes(canonical_bytes(replace(token_map, documents=pairs).record()))
    return conversations


@pytest.mark.parametrize("adapter", [None, ADAPTER], ids=["all weights", "adapter"])
def test_preferences_give_the_same_bits_however_they_are_computed_and_the_chosen_wins(
    child: Callable[..., Recipe], preferences: Path, folder: Path, adapter: Any
) -> None:
    recipe = child("preferences", adapter=adapter, preference={"beta": "0.1"})
    effort = Effort(num_threads=2, leaves_at_once=3, recompute=True)
    assert run(recipe, preferences, folder, effort, 2) == run(recipe, preferences, folder, num_steps=2)
    with closing(Trainer(recipe, preferences, ONE, given(folder, recipe))) as trainer:
        losses = [float_from_bits(trainer.step(step).loss_nats) for step in range(1, 8)]
    assert losses[0] == nearest_binary32(Decimal(2).ln())  # the parent prefers neither more than it does
    assert losses[-1] < losses[0] - 0.003


def test_the_slope_of_a_pair_s_loss_is_that_of_its_definition() -> None:
    here, before = (7.5, 9.25), (8.0, 9.0)
    loss, slope = loss_and_slope(here, before, Decimal("0.1"))
    margin = 0.1 * ((8.0 - 7.5) - (9.0 - 9.25))
    assert loss == pytest.approx(math.log1p(math.exp(-margin)), rel=1e-7)
    assert float(slope) == pytest.approx(0.1 / (1 + math.exp(margin)), rel=1e-12)
    step = 1e-3
    higher, lower = (loss_and_slope((7.5 + s, 9.25), before, Decimal("0.1"))[0] for s in (step, -step))
    assert (higher - lower) / (2 * step) == pytest.approx(float(slope), rel=1e-3)


@pytest.mark.parametrize("nats", [0.0, 1e5])
def test_a_pair_far_apart_has_a_loss_all_the_same(nats: float) -> None:
    loss, slope = loss_and_slope((nats, 0.0), (0.0, nats), Decimal("0.1"))
    assert loss == pytest.approx(0.2 * nats if nats else math.log(2), rel=1e-6)
    assert 0 < slope <= Decimal("0.1")
