"""Prefill and decode of a model folder beside transformers in float32 and llama.cpp: same weights, tokens and threads.

    python benchmarks/inference.py FOLDER [--rounds 9] [--threads 2] [--llama PYTHON FILE.gguf]

Each contender runs in a process of its own; the processes take turns, a prompt and some tokens after it each, and only
one computes at a time. The ratio is the median over rounds of (their time / our time), prompt and tokens apart; tokens
are those of a fixed list, so that all do the same work. PYTHON is an interpreter that has llama_cpp, FILE.gguf the same
weights as F32. Ours runs under the guard, as `glasswright generate` does.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack

PROMPT, NUM_TOKENS = [7 * i % 4000 + 10 for i in range(128)], 24


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--llama", nargs=2, metavar=("PYTHON", "GGUF"))
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        work(arguments.worker, arguments.folder, arguments.threads)
        return
    contenders = {"ours": (sys.executable, arguments.folder), "transformers": (sys.executable, arguments.folder)}
    if arguments.llama:
        contenders["llama.cpp"] = tuple(arguments.llama)
    compare(contenders, arguments.rounds, arguments.threads)


def compare(contenders: dict[str, tuple[str, str]], rounds: int, threads: int) -> None:
    times: dict[str, list[dict[str, float]]] = {name: [] for name in contenders}
    with ExitStack() as stack:
        workers = {name: stack.enter_context(start(name, *how, threads)) for name, how in contenders.items()}
        for _ in range(rounds + 1):
            for name, worker in workers.items():
                worker.stdin.write("go\n")
                worker.stdin.flush()
                times[name].append(json.loads(worker.stdout.readline()))
        for worker in workers.values():
            worker.stdin.close()
    print(f"{'contender':>13} {'work':>8} {'ms/token':>9} {'ratio':>6} {'range':>13}")
    for work_name in ("prefill", "decode"):
        for name in contenders:
            ours, theirs = (
                [turn[work_name] for turn in times[who][1:]] for who in ("ours", name)
            )  # the first warms up
            ratios = [their_s / our_s for their_s, our_s in zip(theirs, ours, strict=True)]
            print(
                f"{name:>13} {work_name:>8} {1000 * statistics.median(theirs):9.2f} {statistics.median(ratios):6.2f} "
                f"{min(ratios):6.2f}-{max(ratios):5.2f}",
                flush=True,
            )


def start(contender: str, python: str, model: str, threads: int) -> subprocess.Popen:
    command = [python, __file__, model, "--worker", contender, "--threads", str(threads)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def work(contender: str, model: str, threads: int) -> None:
    """Answer each line of standard input with the seconds a token of the prompt and of those after it took."""
    os.environ["OMP_NUM_THREADS"] = str(threads)
    begin = {"ours": ours, "transformers": transformers, "llama.cpp": llama}[contender](model, threads)
    for _ in sys.stdin:
        feed = begin()
        began_at = time.perf_counter()
        feed(PROMPT)
        fed_at = time.perf_counter()
        for token in PROMPT[:NUM_TOKENS]:
            feed([token])
        seconds = {
            "prefill": (fed_at - began_at) / len(PROMPT),
            "decode": (time.perf_counter() - fed_at) / NUM_TOKENS,
        }
        print(json.dumps(seconds), flush=True)


Feed = Callable[[list[int]], object]


def ours(folder: str, threads: int) -> Callable[[], Feed]:
    from pathlib import Path

    import torch

    from glasswright.kernels import backends
    from glasswright.model import huggingface
    from glasswright.model.cache import KeyValueCache
    from glasswright.model.guard import exact_run

    backends.on("cpu").set_num_threads(threads)
    model = huggingface.load(Path(folder))

    def begin() -> Feed:
        cache = KeyValueCache()

        def feed(tokens: list[int]) -> object:
            with exact_run("benchmark"):
                return model.logits(torch.tensor([tokens]), cache, last_only=True)

        return feed

    return begin


def transformers(folder: str, threads: int) -> Callable[[], Feed]:
    import torch
    from transformers import AutoModelForCausalLM

    torch.set_num_threads(threads)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()

    def begin() -> Feed:
        past = None

        @torch.no_grad()
        def feed(tokens: list[int]) -> object:
            nonlocal past
            out = model(torch.tensor([tokens]), past_key_values=past, use_cache=True, logits_to_keep=1)
            past = out.past_key_values
            return out.logits

        return feed

    return begin


def llama(file: str, threads: int) -> Callable[[], Feed]:
    from llama_cpp import Llama

    model = Llama(file, n_ctx=1024, n_batch=512, n_threads=threads, n_threads_batch=threads, verbose=False)

    def begin() -> Feed:
        model.reset()
        return model.eval

    return begin


if __name__ == "__main__":
    main()
