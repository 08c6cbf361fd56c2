"""Does learning from preferences move what a model prefers? Pairs of answers, learned from some, held out others.

    python benchmarks/preferred.py PARENT GSM8K.jsonl [--learned 64] [--held 100] [--work DIR] [--threads 2]

Of a pair both answers are right and have the same words, so that what a model knows does not tell them apart, nor does
their length by more than a token: chosen is "N is the answer.", rejected "The answer is N.", which the parent prefers.
Learned from is the half of GSM8K's questions that answers.py teaches from, held out the other; adapter, rate, steps and
beta are derive's own. Said of the pairs held out are

    d        log p(chosen) - log p(rejected), in nats of all tokens of the answers, by the parent and by what is derived
    margin   d by what is derived less d by the parent

with the mean and its interval of 95%, and the share of pairs where it is above zero with Wilson's.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from answers import derived, halves, number
from glasswright.evaluate.encode import Tokens
from glasswright.evaluate.estimate import Value, estimate, interval_of_mean, interval_of_share
from glasswright.evaluate.likelihood import likelihoods
from glasswright.kernels import backends
from glasswright.model import adapter, huggingface
from glasswright.model.decoder import Decoder
from glasswright.records.conversations import Message, Talk
from glasswright.tokenizer.encoded import Said
from glasswright.tokenizer.parent import ParentTokenizer
from glasswright.tokenizer.turns import Turns


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parent", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--learned", type=int, default=64)
    parser.add_argument("--held", type=int, default=100)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    learned, held = halves([json.loads(line) for line in arguments.questions.read_text().splitlines()])
    with tempfile.TemporaryDirectory() as folder:
        work = arguments.work or Path(folder)
        work.mkdir(parents=True, exist_ok=True)
        started = time.perf_counter()
        pairs = [preference(row) for row in learned[: arguments.learned]]
        release = derived(arguments.parent, pairs, work, "--preferences")
        print(f"derived from {len(pairs)} pairs in {time.perf_counter() - started:.0f} s", flush=True)
        backends.on("cpu").set_num_threads(arguments.threads)
        config, weights = huggingface.read(arguments.parent)
        written = Turns(ParentTokenizer(arguments.parent, config.vocab_size))
        asked = [talk(preference(row)) for row in held[: arguments.held]]
        items = [[tokens(it) for it in pair] for pair in written.said([(str(n), it) for n, it in enumerate(asked)])]
        before = differences(huggingface.load(arguments.parent), items)
        after = differences(adapter.with_adapter(config, weights, release / "model"), items)
        print(f"the parent: d {told(before)}")
        print(f"derived: d {told(after)}")
        print(f"margin: {told([now - then for now, then in zip(after, before, strict=True)])}")


def preference(row: dict[str, str]) -> dict[str, object]:
    """A row of the file of preferences."""
    said = number(row)
    return {
        "prompt": [{"role": "user", "content": row["question"]}],
        "chosen": [{"role": "assistant", "content": f"{said} is the answer."}],
        "rejected": [{"role": "assistant", "content": f"The answer is {said}."}],
    }


def talk(pair: dict[str, object]) -> Talk:
    return Talk({key: tuple(Message(**message) for message in messages) for key, messages in pair.items()})


def tokens(said: Said) -> Tokens:
    """The prompt, and what is learned behind it."""
    first = said.is_learned.index(True)
    return Tokens(tuple(said.ids[:first]), tuple(said.ids[first:]))


def differences(model: Decoder, items: Sequence[Sequence[Tokens]]) -> list[float]:
    """log p(chosen) - log p(rejected) of each pair."""
    return [rejected.loss_nats - chosen.loss_nats for chosen, rejected in likelihoods(model, items)]


def told(values: Sequence[float]) -> str:
    """The mean and the share above zero, each with its interval."""
    mean = estimate([Value(str(place), Fraction(value)) for place, value in enumerate(values)])
    share = estimate([Value(str(place), Fraction(value > 0)) for place, value in enumerate(values)])
    low, high = interval_of_mean(mean) or (None, None)
    least, most = interval_of_share(share) or (None, None)
    return (
        f"{float(mean.mean):+.2f} ({low:+.2f} to {high:+.2f}), above 0 in {sum(value > 0 for value in values)} of "
        f"{len(values)} ({least:.1%} to {most:.1%})"
    )


if __name__ == "__main__":
    main()
