"""Adapters against peft: it reads ours, and loss and gradients of what is trained are those of torch's autograd."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
import torch
from torch.nn.functional import cross_entropy
from transformers import AutoModelForCausalLM

from glasswright.errors import Misuse
from glasswright.model import huggingface, ops
from glasswright.model.adapter import is_adapter, with_adapter
from glasswright.model.decoder import Decoder
from glasswright.model.weights import Weights
from glasswright.records.adapter import adapter_config
from glasswright.records.recipe import Adapter, Parent, Recipe
from glasswright.store import tensors

peft = pytest.importorskip("peft", reason="did not run: peft is not installed")

TOKENS = torch.tensor([[5, 1, 77, 31, 2, 2, 8, 60], [0, 3, 3, 89, 4, 10, 11, 12]])
# Two float32 computations of a small model in different orders: some hundred roundings of 2^-24 on logits of size 1.
TOLERANCE = 1e-4
# A gradient sums products over a few dozen rows, each with a relative error of as many roundings as a logit's.
RELATIVE = 1e-4
LENGTHS = (5, 2, 9)  # of documents that lie end to end
ADAPTERS = {
    "all": Adapter(rank=3, alpha=Decimal(5)),
    "two": Adapter(rank=2, alpha=Decimal("0.5"), targets=("q", "down")),
}
# Of peft's own use of transformers.
pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")


@pytest.fixture(params=ADAPTERS)
def adapter(request: pytest.FixtureRequest) -> Adapter:
    return ADAPTERS[request.param]


@pytest.fixture
def adapted(make_model: Callable[..., Decoder], adapter: Adapter, tmp_path: Path) -> Decoder:
    """A model with an adapter of random weights, its parent at `parent`, and its adapter's folder at `adapter`."""
    base = make_model()
    weights = Weights({name: parameter.detach() for name, parameter in base.named_parameters()})
    model = Decoder(base.config, weights, adapter)
    for purpose, parameter in enumerate(model.trained.values()):
        ops.uniform_(parameter, seed=2, purpose=purpose, half_width=0.5)
    huggingface.save(base, tmp_path / "parent")
    write_adapter(model, adapter, tmp_path / "adapter")
    return model


def write_adapter(model: Decoder, adapter: Adapter, folder: Path) -> None:
    """What a release's `model/` holds of it."""
    folder.mkdir()
    tensors.save(folder / "adapter_model.safetensors", {n: p.detach().numpy() for n, p in model.trained.items()})
    (folder / "adapter_config.json").write_bytes(adapter_config(recipe_of(model, adapter), model.config))


def recipe_of(model: Decoder, adapter: Adapter) -> Recipe:
    parent = Parent(
        name="parent", path="parent", license="CC0-1.0", files="0" * 64, max_positions=64, begin_of_text=0,
        ends_of_text=(0,),
    )  # fmt: skip
    return Recipe.model_validate(
        {
            "name": "child",
            "parent": parent,
            "adapter": adapter,
            "sources": [{"name": "none", "kind": "python-docs"}],
            "tokenizer": {"vocab_size": 257},  # the smallest that a recipe takes; nothing here asks for it
            "model": model.config.model,
            "train": {"sequence_length": 16},
        }
    )


def theirs(folder: Path, *, is_trainable: bool = False) -> torch.nn.Module:
    """The parent in transformers with the adapter beside it, as peft puts it there."""
    parent = AutoModelForCausalLM.from_pretrained(folder / "parent", attn_implementation="eager")
    return peft.PeftModel.from_pretrained(parent, folder / "adapter", is_trainable=is_trainable)


def test_peft_loads_an_adapter_with_the_same_logits(adapted: Decoder, tmp_path: Path) -> None:
    with torch.no_grad():
        expected = theirs(tmp_path)(TOKENS).logits
    assert (adapted.logits(TOKENS) - expected).abs().max() < TOLERANCE


def packed_gradients(model: Decoder, row_N: torch.Tensor, target_N: torch.Tensor, token_1R: torch.Tensor):
    """(sum of losses, gradients by name) of documents of LENGTHS end to end."""
    positions = model.packed_positions(LENGTHS)
    losses_N = model.losses(token_1R, target_N, positions, 1.0, row_N=row_N)
    names, parameters = zip(*model.trained.items(), strict=True)
    gradients = torch.autograd.grad(losses_N, parameters, torch.ones_like(losses_N))
    return losses_N.detach().sum(), dict(zip(names, gradients, strict=True))


def one_by_one(model: torch.nn.Module, row_N: torch.Tensor, target_N: torch.Tensor, token_1R: torch.Tensor):
    """The sum of losses of the same rows, where torch reads each document alone; gradients stay in the parameters."""
    logits_RV = torch.cat([model(document).logits[0] for document in token_1R.split(LENGTHS, dim=1)])
    loss = cross_entropy(logits_RV[row_N], target_N, reduction="sum")
    loss.backward()
    return loss.detach()


def masked() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """(rows that are learned, their targets, tokens)"""
    draw = torch.Generator().manual_seed(4)
    return (
        torch.tensor([2, 3, 6, 10, 11, 15]),
        torch.randint(90, (6,), generator=draw),
        torch.randint(90, (1, sum(LENGTHS)), generator=draw),
    )


def are_near(found: torch.Tensor, expected: torch.Tensor) -> bool:
    return bool((found - expected).abs().max() <= RELATIVE * expected.abs().max())


def test_a_step_of_an_adapter_on_packed_masked_documents_has_the_gradients_of_peft(
    adapted: Decoder, tmp_path: Path
) -> None:
    loss, gradients = packed_gradients(adapted, *masked())
    model = theirs(tmp_path, is_trainable=True)
    assert abs(one_by_one(model, *masked()) / loss - 1) < RELATIVE
    expected = {
        name.replace(".default.weight", ".weight"): parameter.grad
        for name, parameter in model.named_parameters()
        if parameter.requires_grad
    }
    assert gradients.keys() == expected.keys()
    assert [name for name, it in gradients.items() if not are_near(it, expected[name])] == []


def test_a_step_of_all_weights_on_packed_masked_documents_has_the_gradients_of_transformers(
    make_model: Callable[..., Decoder], tmp_path: Path
) -> None:
    ours = make_model()
    loss, gradients = packed_gradients(ours, *masked())
    huggingface.save(ours, tmp_path)
    model = AutoModelForCausalLM.from_pretrained(tmp_path, attn_implementation="eager")
    assert abs(one_by_one(model, *masked()) / loss - 1) < RELATIVE
    expected = {name: parameter.grad for name, parameter in model.named_parameters()}
    assert gradients.keys() <= expected.keys()
    assert [name for name, it in gradients.items() if not are_near(it, expected[name])] == []


def test_what_is_trained_has_the_same_gradients_whether_the_rest_is_frozen_or_not(adapted: Decoder) -> None:
    loss, gradients = packed_gradients(adapted, *masked())
    for parameter in adapted.parameters():
        parameter.requires_grad_(True)
    expected_loss, expected = packed_gradients(adapted, *masked())
    assert torch.equal(loss, expected_loss)
    assert [name for name, it in gradients.items() if not torch.equal(it, expected[name])] == []


def test_of_a_frozen_head_there_is_no_gradient(adapted: Decoder, make_model: Callable[..., Decoder]) -> None:
    row_N, target_N, token_1R = masked()

    def head_gradient(model: Decoder) -> torch.Tensor | None:
        losses_N = model.losses(token_1R, target_N, model.packed_positions(LENGTHS), 1.0, row_N=row_N)
        _, of_head = losses_N.grad_fn.gradients  # type: ignore[union-attr]
        return of_head

    assert head_gradient(adapted) is None
    assert head_gradient(make_model()) is not None


def written_by_peft(folder: Path, **settings: object) -> torch.Tensor:
    """Put an adapter of the parent in `folder` there, as peft writes it; the logits of the two together."""
    model = AutoModelForCausalLM.from_pretrained(folder / "parent", attn_implementation="eager")
    asked = {"r": 3, "lora_alpha": 7, "target_modules": ["q_proj", "up_proj"], "init_lora_weights": False, **settings}
    with_one = peft.get_peft_model(model, peft.LoraConfig(task_type="CAUSAL_LM", **asked))
    with_one.save_pretrained(folder / "theirs")
    with torch.no_grad():
        return with_one(TOKENS).logits


def read_back(folder: Path) -> Decoder:
    return with_adapter(*huggingface.read(folder / "parent"), folder / "theirs")


@pytest.fixture
def parent(make_model: Callable[..., Decoder], tmp_path: Path) -> Path:
    """A folder with a model at `parent`."""
    huggingface.save(make_model(), tmp_path / "parent")
    return tmp_path


def test_an_adapter_that_peft_wrote_is_read_with_the_same_logits(parent: Path) -> None:
    expected = written_by_peft(parent)
    assert is_adapter(parent / "theirs")
    assert not is_adapter(parent / "parent")
    assert (read_back(parent).logits(TOKENS) - expected).abs().max() < TOLERANCE


def test_an_adapter_that_was_written_here_is_read_with_the_same_bits(adapted: Decoder, tmp_path: Path) -> None:
    read = with_adapter(*huggingface.read(tmp_path / "parent"), tmp_path / "adapter")
    assert torch.equal(read.logits(TOKENS), adapted.logits(TOKENS))


REFUSED = {
    "use_dora": {"use_dora": True},
    "use_rslora": {"use_rslora": True},
    "bias": {"bias": "lora_only"},
    "modules_to_save": {"modules_to_save": ["lm_head"]},
    "rank_pattern": {"rank_pattern": {"q_proj": 2}},
    "alpha_pattern": {"alpha_pattern": {"q_proj": 2}},
    "init_lora_weights": {"init_lora_weights": "pissa"},
}


@pytest.mark.parametrize("key", REFUSED)
def test_what_is_not_computed_is_refused_by_its_key(parent: Path, key: str) -> None:
    written_by_peft(parent)
    edit(parent, **REFUSED[key])
    with pytest.raises(Misuse, match=f"adapter_config.json: {key}: .* is not read"):
        read_back(parent)


def edit(folder: Path, **changes: object) -> None:
    path = folder / "theirs" / "adapter_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.mark.parametrize(("key", "value"), [("r", 2.5), ("r", True), ("r", "3"), ("lora_alpha", 0), ("r", 10**9)])
def test_a_rank_or_alpha_that_is_none_is_refused(parent: Path, key: str, value: object) -> None:
    written_by_peft(parent)
    edit(parent, **{key: value})
    with pytest.raises(Misuse, match=f"adapter_config.json: {key}: expected a"):
        read_back(parent)


def test_an_adapter_of_another_rank_than_its_config_says_is_refused(parent: Path) -> None:
    written_by_peft(parent)
    edit(parent, r=4)
    with pytest.raises(Misuse, match="lora_A.weight"):
        read_back(parent)


def test_an_adapter_for_another_model_is_refused(parent: Path, make_model: Callable[..., Decoder]) -> None:
    written_by_peft(parent)
    huggingface.save(make_model(num_layers=1), parent / "parent")
    with pytest.raises(Misuse, match="layers.1"):
        read_back(parent)
