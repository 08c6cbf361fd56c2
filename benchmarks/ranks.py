"""How small may an adapter be? Ranks and targets beside each other: what is held back costs, and what is saved.

    python benchmarks/ranks.py PARENT GSM8K.jsonl [--steps 8] [--threads 2] [--seed 0] [--factor 2]
                               [--shapes 16 8:q,v 2@0.0001 ...]

Each learns the same conversations in the same order, 2048 tokens a step, with the schedule of `derive`. The last
40 of the conversations of the half that is tuned on (as answers.py cuts it) are held back. A shape is a rank, behind a
colon the matrices that are adapted (all where none is said), behind an @ the learning rate (derive's where none is);
alpha is the rank times the factor, 2 in derive's own adapter. A checkpoint holds the adapter and two moments of it.
"""

import argparse
import json
import sys
import tempfile
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from answers import halves
from glasswright.recipe.child import child_to_measure, for_child
from glasswright.records.canonical import canonical_bytes, float_from_bits
from glasswright.records.recipe import Adapter, Recipe, Source
from glasswright.records.tokens import TokenMap
from glasswright.train.effort import Effort
from glasswright.train.parent import ParentFolder, describe, named
from glasswright.train.trainer import Trainer
from tuning_material import SEQUENCE_LENGTH, write_tokens

NUM_HELD = 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parent", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--factor", type=int, default=2)
    parser.add_argument("--shapes", nargs="+", default=["16", "8", "4", "2", "8:q,v"])
    arguments = parser.parse_args()
    rows = [json.loads(line) for line in arguments.questions.read_text().splitlines()]
    said, config = named(arguments.parent, name="org/parent", license="MIT")
    source = Source.model_validate({"name": "x", "kind": "conversations", "path": "x"})
    parent = ParentFolder(arguments.parent, describe(arguments.parent, said))
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        questions = folder / "tuned_on.jsonl"
        questions.write_text("".join(json.dumps(row) + "\n" for row in halves(rows)[0]))
        counts = write_tokens(folder, arguments.parent, questions, config.vocab_size, config.ends_of_text[0])
        hold_back(folder / "map.json")
        for shape in arguments.shapes:
            adapter, rate = read(shape, arguments.factor)
            recipe = child_to_measure(
                for_child(source, said, config, name="child", adapter=adapter), counts, longest=max(counts), epochs=1
            )
            print(f"{shape:>14}  {tried(sized(recipe, rate, arguments), folder, parent, arguments)}", flush=True)


def read(shape: str, factor: int) -> tuple[Adapter, str]:
    """An adapter and its learning rate, which may be empty."""
    described, _, rate = shape.partition("@")
    rank, _, targets = described.partition(":")
    matrices = tuple(targets.split(",")) if targets else ()
    return Adapter(rank=int(rank), alpha=Decimal(factor * int(rank)), targets=matrices), rate


def hold_back(path: Path) -> None:
    """Make the last documents those of validation."""
    token_map = TokenMap.from_record(json.loads(path.read_text()))
    first = len(token_map.documents) - NUM_HELD
    documents = [
        replace(it, split="train" if place < first else "validation") for place, it in enumerate(token_map.documents)
    ]
    path.write_bytes(canonical_bytes(replace(token_map, documents=tuple(documents)).record()))


def sized(recipe: Recipe, rate: str, arguments: argparse.Namespace) -> Recipe:
    """The recipe with so many steps, and its schedule with it."""
    values, num_steps = recipe.resolved() | {"seed": arguments.seed}, arguments.steps
    values["train"] |= {"num_steps": num_steps, "sequence_length": SEQUENCE_LENGTH, "batch_sequences": 4}
    values["train"]["schedule"] |= {"warmup_steps": num_steps // 10, "decay_steps": num_steps - num_steps // 10}
    if rate:
        values["train"]["optimizer"] |= {"learning_rate": rate}
    return Recipe.model_validate(values)


def tried(recipe: Recipe, folder: Path, parent: ParentFolder, arguments: argparse.Namespace) -> str:
    """What one adapter comes to."""
    effort = Effort(num_threads=arguments.threads, leaves_at_once=arguments.threads)
    trainer = Trainer(recipe, folder, effort, parent)
    before, started = float_from_bits(trainer.validate()), time.perf_counter()
    losses = [float_from_bits(trainer.step(step).loss_nats) for step in range(1, arguments.steps + 1)]
    seconds = time.perf_counter() - started
    after = float_from_bits(trainer.validate())
    state = sum(values.nbytes for values in trainer.tensors().values())
    whole = sum(it.numel() * it.element_size() for it in trainer.model.parameters())
    trainer.close()
    return (
        f"{before:.4f} to {after:.4f} bits/byte held back, loss {losses[-1]:.4f}, {seconds:.0f} s, "
        f"checkpoint {state / 2**20:.1f} MiB, {100 * state / whole:.2f}% of the model"
    )


if __name__ == "__main__":
    main()
