"""Loading a model folder beside reading its files as bytes, in turns, each in a process of its own.

    python benchmarks/load.py [FOLDER] [--rounds 3]

Without a folder, one of about 1 GB is written: random weights in shards of 400 MB, as transformers writes them. Memory
is what the process holds at most, beyond what it held before, as a share of the files' size.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path


def written(folder: Path) -> None:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=32000,
        hidden_size=1024,
        num_hidden_layers=16,
        num_attention_heads=16,
        num_key_value_heads=8,
        intermediate_size=3072,
        tie_word_embeddings=True,
    )
    LlamaForCausalLM(config).save_pretrained(folder, max_shard_size="400MB")


def read(folder: Path) -> object:
    return [path.read_bytes() for path in sorted(folder.glob("*.safetensors"))]


def load(folder: Path) -> object:
    from glasswright.model import huggingface

    return huggingface.load(folder)


def most_kib() -> int:
    """What this process has held at most. `ru_maxrss` would begin at what its parent held when it was forked."""
    return int(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[1])


def measured(what: Callable[[Path], object], folder: Path) -> str:
    from glasswright.model import huggingface  # noqa: F401 (torch is in memory before either is measured)

    size = sum(path.stat().st_size for path in folder.glob("*.safetensors"))
    before, started = most_kib(), time.perf_counter()
    kept = what(folder)
    seconds, after = time.perf_counter() - started, most_kib()
    assert kept is not None
    return f"{what.__name__:5}{size / 1e9:8.2f} GB{seconds:8.2f} s   memory {(after - before) * 1024 / size:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", choices=["read", "load"], help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(measured({"read": read, "load": load}[asked.one], asked.folder))
        return
    with tempfile.TemporaryDirectory() as place:
        if asked.folder is None:
            written(Path(place))
        for _ in range(asked.rounds):
            for one in ("read", "load"):
                subprocess.run([sys.executable, __file__, str(asked.folder or place), "--one", one], check=True)


if __name__ == "__main__":
    main()
