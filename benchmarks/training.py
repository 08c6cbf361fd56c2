"""Training throughput and peak memory beside eager PyTorch: same model, same batch, same number of threads.

    python benchmarks/training.py [--rounds 9] [--threads 2] [--shapes 1M 6.6M 29M] [--bf16] [--version-2]

Each contender trains in a process of its own; the processes take turns, a few steps each, and only one computes at a
time. The figure is the median over rounds of (their time / our time). Memory is the peak resident size of each
process above what it held before its first step.
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

STEPS_A_TURN = {"1M": 8, "6.6M": 3, "29M": 1}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--shapes", nargs="+", default=list(STEPS_A_TURN))
    parser.add_argument("--bf16", action="store_true", help="also against bfloat16 autocast")
    parser.add_argument("--version-2", action="store_true", help="also against ours by version 2 of the numerics")
    parser.add_argument("--worker", nargs=2, metavar=("CONTENDER", "SHAPE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        work(*arguments.worker, arguments.threads)
        return
    contenders = ["ours", "torch-fp32"] + (["torch-bf16"] if arguments.bf16 else [])
    contenders += ["ours-2"] if arguments.version_2 else []
    print(f"{'model':>6} {'contender':>11} {'ms/step':>9} {'tokens/s':>9} {'ratio':>6} {'range':>13} {'peak MiB':>9}")
    for shape in arguments.shapes:
        compare(shape, contenders, arguments.rounds, arguments.threads)


def compare(shape: str, contenders: list[str], rounds: int, threads: int) -> None:
    times: dict[str, list[float]] = {name: [] for name in contenders}
    memory: dict[str, int] = {}
    with ExitStack() as stack:
        workers = {name: stack.enter_context(start(name, shape, threads)) for name in contenders}
        for _ in range(rounds):
            for name, worker in workers.items():
                answer = ask(worker)
                times[name].append(answer["seconds"])
                memory[name] = answer["peak_bytes"]
        for worker in workers.values():
            worker.stdin.close()
    tokens = answer["tokens"]
    for name in contenders:
        ratios = [theirs / ours for theirs, ours in zip(times[name], times["ours"], strict=True)]
        seconds = statistics.median(times[name])
        print(
            f"{shape:>6} {name:>11} {1000 * seconds:9.1f} {tokens / seconds:9.0f} {statistics.median(ratios):6.2f} "
            f"{min(ratios):6.2f}-{max(ratios):5.2f} {memory[name] / 2**20:9.0f}",
            flush=True,
        )


def start(contender: str, shape: str, threads: int) -> subprocess.Popen:
    command = [sys.executable, __file__, "--worker", contender, shape, "--threads", str(threads)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def ask(worker: subprocess.Popen) -> dict:
    worker.stdin.write("go\n")
    worker.stdin.flush()
    return json.loads(worker.stdout.readline())


def work(contender: str, shape: str, threads: int) -> None:
    """Answer each line of standard input with the time of a few steps."""
    os.environ["OMP_NUM_THREADS"] = str(threads)
    from shapes import recipe_of

    recipe = recipe_of(shape)
    with tempfile.TemporaryDirectory() as folder:
        if contender == "ours-2":
            recipe = type(recipe).model_validate({**recipe.resolved(), "numerics": 2})
        is_ours = contender.startswith("ours")
        step = ours(recipe, Path(folder), threads) if is_ours else theirs(recipe, contender, threads)
        before = resident_bytes()
        step()
        for _ in sys.stdin:
            started = time.perf_counter()
            for _ in range(STEPS_A_TURN[shape]):
                step()
            seconds = (time.perf_counter() - started) / STEPS_A_TURN[shape]
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before
            tokens = recipe.train.batch_sequences * recipe.train.sequence_length
            print(json.dumps({"seconds": seconds, "tokens": tokens, "peak_bytes": peak}), flush=True)


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def ours(recipe, folder: Path, threads: int):
    import itertools

    from glasswright.train.effort import Effort
    from glasswright.train.probe import write_tokens
    from glasswright.train.trainer import Trainer

    write_tokens(folder, recipe, num_steps=50)
    trainer = Trainer(recipe, folder, Effort(num_threads=threads, leaves_at_once=threads))
    steps = itertools.count(1)
    return lambda: trainer.step(next(steps))


def theirs(recipe, contender: str, threads: int):
    import torch

    from eager import EagerTraining

    torch.set_num_threads(threads)
    vocab_size = recipe.tokenizer.vocab_size
    training = EagerTraining(recipe, vocab_size, bfloat16=contender == "torch-bf16")
    shape = recipe.train.batch_sequences, recipe.train.sequence_length + 1
    generator = torch.Generator().manual_seed(0)
    return lambda: training.step(torch.randint(vocab_size, shape, generator=generator))


if __name__ == "__main__":
    main()
