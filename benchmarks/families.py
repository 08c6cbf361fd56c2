"""A training step of each family beside transformers in eager fp32: same model, same batch, same number of threads.

    python benchmarks/families.py [--rounds 7] [--threads 2] [--families llama gpt2]

Each family has about 30 million weights. Their step is transformers' class with scaled_dot_product_attention where it
has it, and torch's fused AdamW. The processes take turns (benchmarks/training.py); the figure is the median over rounds
of (their time / our time).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from training import ask, ours

SIZES: dict[str, Any] = {
    "hidden_size": 512, "num_layers": 8, "num_heads": 8, "num_kv_heads": 8, "intermediate_size": 1376,
    "tied_embeddings": False,
}  # fmt: skip
GROUPED = {"num_kv_heads": 4}
UNGATED = {"intermediate_size": 2048}
EXPERTS = {"num_layers": 6, "num_kv_heads": 4, "intermediate_size": 344}
FAMILIES: dict[str, dict[str, Any]] = {
    "llama": {},
    "mistral": GROUPED | {"attention": {"window": 128}},
    "mixtral": EXPERTS | {"intermediate_size": 0, "experts": {"count": 8, "chosen": 2, "size": 344}},
    "olmo": {},
    "olmo2": {},
    "olmo3": {"attention": {"window": 128}},
    "gpt_neox": UNGATED,
    "gpt2": UNGATED | {"tied_embeddings": True},
    "qwen2": GROUPED,
    "qwen3": GROUPED,
    "gemma2": GROUPED | {"attention": {"window": 128}, "tied_embeddings": True},
    "gemma3": GROUPED | {"attention": {"window": 128}, "tied_embeddings": True},
    "deepseek_v2": {
        "num_layers": 6,
        "experts": {"count": 8, "chosen": 2, "size": 344, "shared_size": 344, "first_dense": 1},
        "latent": {"rank": 128, "plain_size": 48, "turned_size": 16, "value_size": 64},
    },
    "deepseek_v3": {
        "num_layers": 6,
        "experts": {
            "count": 8, "chosen": 2, "size": 344, "shared_size": 344, "first_dense": 1, "groups": 2, "groups_chosen": 1,
        },
        "latent": {"query_rank": 256, "rank": 128, "plain_size": 48, "turned_size": 16, "value_size": 64},
    },
}  # fmt: skip


def recipe_of(name: str) -> Any:
    from glasswright.records.recipe import Recipe

    return Recipe.model_validate(
        {
            "name": name,
            "sources": [{"name": "none", "kind": "python-docs"}],
            "tokenizer": {"vocab_size": 4096},
            "model": {**SIZES, "family": name, **FAMILIES[name]},
            "train": {
                "num_steps": 10_000, "sequence_length": 256, "batch_sequences": 4, "leaf_sequences": 2,
                "optimizer": {"kind": "adamw"},
            },
        }
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--families", nargs="+", default=list(FAMILIES))
    parser.add_argument("--worker", nargs=2, metavar=("CONTENDER", "FAMILY"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        work(*arguments.worker, arguments.threads)
        return
    print(f"{'family':>12} {'weights':>11} {'ours, ms':>9} {'theirs, ms':>10} {'ratio':>6} {'range':>11}")
    for name in arguments.families:
        compare(name, arguments.rounds, arguments.threads)


def compare(name: str, rounds: int, threads: int) -> None:
    times: dict[str, list[float]] = {"ours": [], "theirs": []}
    with ExitStack() as stack:
        workers = {who: stack.enter_context(start(who, name, threads)) for who in times}
        for _ in range(rounds):
            for who, worker in workers.items():
                answer = ask(worker)
                times[who].append(answer["seconds"])
        for worker in workers.values():
            worker.stdin.close()
    ratios = [theirs / mine for theirs, mine in zip(times["theirs"], times["ours"], strict=True)]
    mine, other = (1000 * statistics.median(times[who]) for who in ("ours", "theirs"))
    spread = f"{min(ratios):.2f}-{max(ratios):.2f}"
    weights = f"{answer['weights']:,}"
    print(
        f"{name:>12} {weights:>11} {mine:9.1f} {other:10.1f} {statistics.median(ratios):6.2f} {spread:>11}", flush=True
    )


def start(contender: str, name: str, threads: int) -> subprocess.Popen:
    command = [sys.executable, __file__, "--worker", contender, name, "--threads", str(threads)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def work(contender: str, name: str, threads: int) -> None:
    """Answer each line of standard input with the time of a step."""
    os.environ["OMP_NUM_THREADS"] = str(threads)
    from glasswright.recipe.size import count_parameters

    recipe = recipe_of(name)
    with tempfile.TemporaryDirectory() as folder:
        step = ours(recipe, Path(folder), threads) if contender == "ours" else theirs(recipe, threads)
        step()
        for _ in sys.stdin:
            started = time.perf_counter()
            step()
            seconds = time.perf_counter() - started
            print(json.dumps({"seconds": seconds, "weights": count_parameters(recipe).total}), flush=True)


def theirs(recipe: Any, threads: int) -> Any:
    """A step of transformers' class for the same config.json, from its own initial weights."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    from glasswright.records.decoder import decoder_of
    from glasswright.records.huggingface import to_hugging_face

    torch.set_num_threads(threads)
    keys = to_hugging_face(decoder_of(recipe, vocab_size=recipe.tokenizer.vocab_size, end_of_text=0))
    config = AutoConfig.for_model(keys.pop("model_type"), **keys)
    model = AutoModelForCausalLM.from_config(config).float().train()
    adamw = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.1, fused=True)
    shape = recipe.train.batch_sequences, recipe.train.sequence_length + 1
    generator = torch.Generator().manual_seed(0)

    def step() -> None:
        tokens = torch.randint(recipe.tokenizer.vocab_size, shape, generator=generator)
        logits = model(tokens[:, :-1], use_cache=False).logits
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), tokens[:, 1:].flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        adamw.step()
        adamw.zero_grad()

    return step


if __name__ == "__main__":
    main()
