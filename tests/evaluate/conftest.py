"""A small model with a tokenizer, as a folder, and evaluation sets of a few items written for these tests."""

import json
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from glasswright.evaluate.answer import Subject
from glasswright.evaluate.folder import EvaluationFolder
from glasswright.evaluate.run import Asked, evaluate, load
from glasswright.model import huggingface, ops
from glasswright.model.decoder import Decoder
from glasswright.records.decoder import DecoderConfig
from glasswright.records.model import Model

END = "<|end|>"
TASKS_HERE = ("blimp", "openbookqa", "lambada")
VOCABULARY, MAX_POSITIONS = 320, 96
WORDS = "the mill by the river was old before us and number seven in the book says so too, or not at all ever"
PAIRS = [
    ("The mill was old.", "The mill old was."),
    ("A river runs by.", "A river by runs."),
    ("So it is.", "So is it."),
]


def write_model(folder: Path, *, seed: int = 1) -> None:
    """A model of random weights and a tokenizer of bytes and pairs."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([WORDS] * 4, trainer)
    shape = {"hidden_size": 24, "num_layers": 2, "num_heads": 2, "num_kv_heads": 1, "intermediate_size": 40}
    config = DecoderConfig(
        model=Model(**shape),
        vocab_size=VOCABULARY,
        max_positions=MAX_POSITIONS,
        begin_of_text=0,
        ends_of_text=(0,),
    )
    model = Decoder(config)
    for purpose, parameter in enumerate(model.parameters()):
        ops.uniform_(parameter, seed=seed, purpose=purpose, half_width=0.5)
    huggingface.save(model, folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": END, "eos_token": END})
    )


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    write_model(folder)
    return folder


@pytest.fixture(scope="session")
def subject(model_folder: Path) -> Subject:
    return load(model_folder)


def write_lines(path: Path, rows: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sets of four tasks: two sentences, four ends, one word, a number to be written."""
    folder = tmp_path_factory.mktemp("data")
    pairs = [
        {"sentence_good": good, "sentence_bad": bad, "UID": f"order {n % 2}"} for n, (good, bad) in enumerate(PAIRS)
    ]
    write_lines(folder / "blimp/data/order.jsonl", pairs)
    ends = ["abcd", "efgh", "ijkl", "mnop"]  # of a length: the shortest would always be the likeliest
    goals = [{"query": WORDS[9 * n : 9 * n + 25], "choices": ends, "gold": n % 4} for n in range(7)]
    write_lines(folder / "openbook_qa/openbook_qa.jsonl", goals)
    words = [{"context": WORDS[: 20 + 3 * n], "continuation": "river"} for n in range(5)]
    write_lines(folder / "lambada_openai/lambada_openai.jsonl", words)
    sums = [{"question": f"What is {n} and {n}?", "answer": f"Twice {n}.\n#### {2 * n}"} for n in range(2)]
    write_lines(folder / "gsm8k/test.jsonl", sums)
    return folder


@pytest.fixture
def evaluated(subject: Subject, data: Path, tmp_path: Path) -> EvaluationFolder:
    """A whole evaluation, whose files a test may change."""
    return evaluate_into(tmp_path / "whole", subject, data)


def evaluate_into(
    out: Path, subject: Subject, data: Path, *, tasks: tuple[str, ...] = TASKS_HERE, **more: Any
) -> EvaluationFolder:
    """An evaluation of the sets here; keywords are those of `evaluate`."""
    asked = Asked(tasks=tasks, data=data, limit=more.pop("limit", None))
    given = {"model_digest": "of this model", "observed": dict, **more}
    evaluate(subject, asked, asked.items(), out, **given)
    return EvaluationFolder(out)
