"""Loss and margin of pairs as TRL has them: its DPOTrainer on the same weights, the same pairs and reference."""

from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.train.test_derived import ONE, child, conversations, folder, given, preferences  # noqa: F401

from glasswright.model import huggingface
from glasswright.records.canonical import float_from_bits
from glasswright.records.recipe import Recipe
from glasswright.train import preferences as learning
from glasswright.train.preferences import margin_of
from glasswright.train.trainer import Trainer
from glasswright.train.turns import sequences_of

trl = pytest.importorskip("trl", reason="did not run: trl is not installed")
transformers = pytest.importorskip("transformers", reason="did not run: transformers is not installed")
datasets = pytest.importorskip("datasets", reason="did not run: datasets is not installed")
tokenizers = pytest.importorskip("tokenizers", reason="did not run: tokenizers is not installed")

BETA = 0.5
RELATIVE = 2e-5  # sums of binary32 in another order, and a difference of four of them


def pairs_of(trainer: Trainer, step: int) -> dict[str, torch.Tensor]:
    """A step's pairs as TRL's collator lays them: all the chosen, then all the rejected."""
    tokens, sides = trainer.objective.tokens, ([], [])  # type: ignore[attr-defined]
    for spans in trainer.sequences(step):
        for whole in spans:
            document = tokens.map.documents[whole.document]
            for side, span in zip(sides, sequences_of(document, whole), strict=True):
                is_learned = torch.zeros(document.num_tokens, dtype=torch.long)
                for first, count in document.learned:
                    is_learned[first : first + count] = 1
                side.append((torch.from_numpy(tokens.read_spans([span])), is_learned.narrow(0, span.start, span.count)))
    rows = [*sides[0], *sides[1]]
    padded = {
        "input_ids": [ids for ids, _ in rows],
        "attention_mask": [torch.ones_like(ids) for ids, _ in rows],
        "completion_mask": [mask for _, mask in rows],
    }
    return {name: torch.nn.utils.rnn.pad_sequence(it, batch_first=True) for name, it in padded.items()}


def theirs(now: Path, before: Path, work: Path) -> Any:
    """TRL's trainer of the model in `now`, with that in `before` for its reference."""
    model, reference = (
        transformers.AutoModelForCausalLM.from_pretrained(path, attn_implementation="eager") for path in (now, before)
    )
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel({"a": 0, "b": 1}, unk_token="a"))
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=words, pad_token="a", eos_token="b")
    config = trl.DPOConfig(
        str(work), beta=BETA, bf16=False, use_cpu=True, report_to="none", gradient_checkpointing=False
    )
    rows = datasets.Dataset.from_list([{"prompt": "a", "chosen": "b", "rejected": "a"}])
    return trl.DPOTrainer(model, reference, config, train_dataset=rows, processing_class=tokenizer)


@pytest.mark.filterwarnings("ignore")
def test_loss_and_margin_of_pairs_are_those_of_the_dpo_trainer(
    child: Callable[..., Recipe],  # noqa: F811
    preferences: Path,  # noqa: F811
    folder: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recipe = child("preferences", adapter=None, preference={"beta": str(BETA)})
    margins: list[Decimal] = []

    def noted(*pair: Any) -> Decimal:
        margins.append(margin_of(*pair))
        return margins[-1]

    with closing(Trainer(recipe, preferences, ONE, given(folder, recipe))) as trainer:
        for step in (1, 2, 3):
            trainer.step(step)
        huggingface.save(trainer.model, tmp_path / "now")
        dpo = theirs(tmp_path / "now", folder, tmp_path / "trl")
        found = dpo._compute_loss(dpo.model.eval(), pairs_of(trainer, 4), False)
        monkeypatch.setattr(learning, margin_of.__name__, noted)
        ours = float_from_bits(trainer.step(4).loss_nats)
        num_pairs = sum(map(len, trainer.sequences(4)))
    assert len(margins) == num_pairs
    margin = float(sum(margins) / num_pairs)
    assert abs(margin) > 1e-3, "the models differ, so that there is a margin"
    assert dpo._metrics["eval"]["rewards/margins"][-1] == pytest.approx(margin, rel=RELATIVE)
    assert float(found) == pytest.approx(ours, rel=RELATIVE)
