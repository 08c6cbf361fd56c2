"""What tuning is compared on: conversations as tokens, a recipe, and the same batches as rows for TRL.

map.json, shards/       the tokens, as training here reads them
recipe.json, model.txt  what is trained, from where
rows.json               each sequence of each step: input_ids, labels, seq_lengths, as TRL's own packing leaves them
counts.json             (tokens, learned tokens) of each step
rates.json              the learning rate of each step
start.safetensors       what is trained, as it is before the first step
"""

import json
import os
import shutil
from dataclasses import replace
from itertools import chain
from pathlib import Path

NUM_STEPS, NUM_WARMUP = 40, 4  # that the schedule is for; fewer are taken
SEQUENCE_LENGTH = 512


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def prepare(folder: Path, model: Path, questions: Path, is_adapter: bool, sequences: int) -> None:
    """Write all of it for conversations made of GSM8K's questions and answers."""
    from glasswright.recipe.child import child_to_measure, for_child
    from glasswright.records.canonical import canonical_bytes, float_from_bits
    from glasswright.records.recipe import Adapter, Recipe, Source
    from glasswright.store import tensors
    from glasswright.train import parent as parents
    from glasswright.train.effort import Effort
    from glasswright.train.trainer import Trainer

    said, config = parents.named(model, name="org/parent", license="MIT")
    source = Source.model_validate({"name": "x", "kind": "conversations", "path": "x"})
    recipe = for_child(source, said, config, name="child", adapter=Adapter() if is_adapter else None)
    counts = write_tokens(folder, model, questions, config.vocab_size, config.ends_of_text[0])
    values = child_to_measure(recipe, counts, longest=max(counts), epochs=1).resolved()
    values["train"] |= {"num_steps": NUM_STEPS, "sequence_length": SEQUENCE_LENGTH, "batch_sequences": sequences}
    values["train"]["schedule"] |= {"warmup_steps": NUM_WARMUP, "decay_steps": NUM_STEPS - NUM_WARMUP}
    recipe = Recipe.model_validate(values)
    (folder / "recipe.json").write_bytes(canonical_bytes(recipe.resolved()))
    (folder / "model.txt").write_text(str(model.resolve()))
    parent = parents.ParentFolder(model, parents.describe(model, said))
    trainer = Trainer(recipe, folder, Effort(num_threads=2, leaves_at_once=1), parent)
    tensors.save(
        folder / "start.safetensors", {name: it.detach().numpy() for name, it in trainer.model.trained.items()}
    )
    steps = [[row(trainer, spans) for spans in trainer.sequences(step)] for step in range(1, NUM_STEPS + 1)]
    write(folder / "rows.json", [*chain.from_iterable(steps)])
    write(folder / "counts.json", [counted(rows) for rows in steps])
    write(folder / "rates.json", [float_from_bits(rates[0]) for rates in trainer.schedule.rows])
    trainer.close()


def write_tokens(folder: Path, model: Path, questions: Path, vocab_size: int, end_of_text: int) -> list[int]:
    """Write the tokens folder; how many tokens each conversation has."""
    from glasswright.records.canonical import canonical_bytes
    from glasswright.records.conversations import Message, Talk
    from glasswright.records.tokens import DocumentTokens, TokenMap
    from glasswright.tokenizer.encoded import joined
    from glasswright.tokenizer.parent import ParentTokenizer
    from glasswright.tokenizer.shards import ShardWriter
    from glasswright.tokenizer.turns import Turns

    rows = [json.loads(line) for line in questions.read_text().splitlines()]
    talks = [
        Talk({"messages": (Message("user", row["question"]), Message("assistant", row["answer"]))}) for row in rows
    ]
    tokenizer, writer = ParentTokenizer(model, vocab_size), ShardWriter(folder / "shards", vocab_size)
    documents = []
    for number, said in enumerate(Turns(tokenizer).said([(str(it), talk) for it, talk in enumerate(talks)])):
        found = joined(said, tokenizer.num_bytes)
        if len(found.ids) > SEQUENCE_LENGTH:
            continue
        document = DocumentTokens(
            document_id=f"{number}",
            split="train",
            first_token=writer.num_tokens,
            num_tokens=len(found.ids),
            num_bytes=found.num_bytes,
            learned=found.learned,
        )
        documents.append(document)
        writer.append(found.ids)
    shards = writer.finish()
    token_map = TokenMap(
        tokenizer_sha256="",
        vocab_size=vocab_size,
        end_of_text=end_of_text,
        shards=shards,
        documents=tuple(documents),
    )
    (folder / "map.json").write_bytes(canonical_bytes(token_map.record()))
    return [document.num_tokens for document in documents]


def row(trainer, spans) -> dict[str, list[int]]:
    """A sequence as a row of a packed dataset: its documents end to end, and their lengths."""
    tokens, labels = trainer.objective.tokens, []
    for span in spans:
        token_T = tokens.read_spans([span])
        is_learned = [False] * span.count
        for first, count in tokens.map.documents[span.document].learned:
            is_learned[first : first + count] = [True] * count
        labels += [int(it) if learned else -100 for it, learned in zip(token_T, is_learned, strict=True)]
    return {
        "input_ids": tokens.read_spans(spans).tolist(),
        "labels": labels,
        "seq_lengths": [span.count for span in spans],
    }


def counted(rows: list[dict[str, list[int]]]) -> tuple[int, int]:
    """How many tokens a step has, and how many of them are learned."""
    return sum(len(row["input_ids"]) for row in rows), sum(label >= 0 for row in rows for label in row["labels"])


def write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value))


def make_small(parent: Path, folder: Path) -> Path:
    """A Llama of 30 million parameters with the parent's tokenizer, two thirds of them its embedding."""
    from glasswright.model import huggingface
    from glasswright.model.decoder import Decoder
    from glasswright.model.initial import initialize

    config, _ = huggingface.read(parent)
    shape = {"hidden_size": 384, "num_layers": 6, "num_heads": 6, "num_kv_heads": 3, "intermediate_size": 1024}
    small = Decoder(replace(config, model=config.model.model_copy(update=shape)))
    initialize(small, 0)
    huggingface.save(small, folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(parent / name, folder / name)
    return folder
