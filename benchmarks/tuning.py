"""Tuning beside TRL and peft: the same parent, conversations, batches, packing and rates; seconds, memory and loss.

    python benchmarks/tuning.py PARENT GSM8K.jsonl [--trained adapter all] [--models 30M parent] [--rounds 5]
                                [--threads 2] [--sequences 4] [--leaves 2] [--ours 1 2] [--theirs packed ...]

Each contender trains in a process of its own; the processes take turns, a step each, and only one computes at a time.
A ratio is the median over rounds of (their time / our time). A peak is that of the process's resident size, in brackets
above what it held when its libraries were loaded and nothing was read. Losses are those of the last step, which all
reach from the same weights. PARENT is a model folder with a chat template; 30M is a small Llama of its tokenizer, made
here. Theirs are the settings of TRL in trl_tuning.py: which is fastest depends on the machine.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from trl_tuning import THEIRS, environment_of, train
from tuning_material import make_small, prepare, resident_bytes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parent", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--trained", nargs="+", choices=["adapter", "all"], default=["adapter", "all"])
    parser.add_argument("--models", nargs="+", choices=["30M", "parent"], default=["30M", "parent"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--sequences", type=int, default=4, help="of 512 tokens, in a step")
    parser.add_argument("--leaves", type=int, default=2, help="that ours computes at once")
    parser.add_argument("--ours", nargs="+", choices=["1", "2"], default=["1"], help="versions of the numerics")
    parser.add_argument("--theirs", nargs="+", choices=list(THEIRS), default=["packed"])
    parser.add_argument("--worker", nargs=2, metavar=("FOLDER", "CONTENDER"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        folder, contender = arguments.worker
        if contender.startswith("ours"):
            ours(Path(folder), contender, arguments.threads, arguments.leaves)
        else:
            train(Path(folder), contender, arguments.threads)
        return
    for name in arguments.models:
        with tempfile.TemporaryDirectory() as work:
            model = arguments.parent if name == "parent" else make_small(arguments.parent, Path(work) / "small")
            for trained in arguments.trained:
                folder = Path(work) / trained
                prepare(folder, model, arguments.questions, trained == "adapter", arguments.sequences)
                print(f"{name}, {trained}, {arguments.threads} threads:", flush=True)
                compare(folder, arguments)


def compare(folder: Path, arguments: argparse.Namespace) -> None:
    """Print the table of one model and one way to train it."""
    contenders = [f"ours-{version}" for version in arguments.ours] + arguments.theirs
    answers: dict[str, list[dict]] = {name: [] for name in contenders}
    with ExitStack() as stack:
        workers = {name: stack.enter_context(start(folder, name, arguments)) for name in contenders}
        for _ in range(arguments.rounds + 1):  # the first warms up
            for name, worker in workers.items():
                answers[name].append(ask(worker))
        for worker in workers.values():
            worker.stdin.close()
    counts = json.loads((folder / "counts.json").read_text())[1 : arguments.rounds + 1]
    tokens, learned = (sum(part) for part in zip(*counts, strict=True))
    print(f"  {tokens} tokens in {arguments.rounds} steps, {learned} of them learned")
    ours = [answer["seconds"] for answer in answers[contenders[0]][1:]]
    for name, found in answers.items():
        seconds = [answer["seconds"] for answer in found[1:]]
        ratios = [it / our for it, our in zip(seconds, ours, strict=True)]
        total, last = sum(seconds), found[-1]
        peak, above = (last[key] / 2**20 for key in ("peak_bytes", "above_bytes"))
        print(
            f"  {name:>18} {tokens / total:6.0f} tokens/s {learned / total:5.0f} learned/s   "
            f"ratio {statistics.median(ratios):5.2f} ({min(ratios):.2f} to {max(ratios):.2f})   "
            f"peak {peak:5.0f} MiB ({above:5.0f})   loss {last['loss']:.5f}",
            flush=True,
        )


def start(folder: Path, contender: str, arguments: argparse.Namespace) -> subprocess.Popen:
    command = [sys.executable, __file__, "-", "-", "--worker", folder, contender]
    command += ["--threads", arguments.threads, "--leaves", arguments.leaves]
    environment = os.environ | {"OMP_NUM_THREADS": str(arguments.threads), "TOKENIZERS_PARALLELISM": "false"}
    environment |= environment_of(THEIRS.get(contender, {}), folder)
    return subprocess.Popen(
        list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    )


def ask(worker: subprocess.Popen) -> dict:
    worker.stdin.write("go\n")
    worker.stdin.flush()
    return json.loads(worker.stdout.readline())


def ours(folder: Path, contender: str, threads: int, leaves: int) -> None:
    """Answer each line of standard input with a step."""
    from glasswright.records.canonical import float_from_bits
    from glasswright.records.recipe import Recipe
    from glasswright.train.effort import Effort
    from glasswright.train.parent import ParentFolder, describe
    from glasswright.train.trainer import Trainer

    before = resident_bytes()
    recipe = Recipe.model_validate_json((folder / "recipe.json").read_text())
    recipe = recipe.model_copy(update={"numerics": int(contender.removeprefix("ours-"))})
    path = Path((folder / "model.txt").read_text())
    parent = ParentFolder(path, describe(path, recipe.parent))
    trainer = Trainer(recipe, folder, Effort(num_threads=threads, leaves_at_once=leaves), parent)
    for step, _ in enumerate(sys.stdin, start=1):
        started = time.perf_counter()
        loss = float_from_bits(trainer.step(step).loss_nats)
        seconds = time.perf_counter() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        told = {"seconds": seconds, "loss": loss, "peak_bytes": peak, "above_bytes": peak - before}
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
