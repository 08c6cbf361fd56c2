"""`glasswright verify` of a 1 GB release beside plain hashing of the same bytes on as many cores.

    python benchmarks/verify.py [--runs 5] [--threads 2] [--document-bytes 20000000] [--folder DIR] [--release DIR]

The release is built here, honestly, in the proportions of a real one: weights and four checkpoints of 26 million
parameters after three small steps, 20 MB of documents of 4 kB, their tokens. Threads share the hashing but not the
reading of records (a ledger row, a document), so many small documents are the slow case: --document-bytes 130000000
shows it. Rivals hash every file, the largest first, `xargs -P` as many at a time as verify has threads. Everything is
in the page cache; a run is a whole process, start included; runs are interleaved, and the figure is the median of the
ratios: 1.0 is as fast as the rival, the bar is 0.7 beside sha256sum. `--release` takes one that is there.
"""

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from glasswright.pipeline import Setting, build
from glasswright.records.recipe import Recipe
from glasswright.train.effort import Effort

WORDS_A_DOCUMENT = 800
RECIPE = {
    "name": "large",
    "sources": [{"name": "made-up", "kind": "jsonl", "path": "documents.jsonl", "license": "CC0-1.0"}],
    "tokenizer": {"vocab_size": 2048},
    "model": {"hidden_size": 512, "num_layers": 8, "num_heads": 8, "num_kv_heads": 8, "intermediate_size": 1376},
    "train": {
        "num_steps": 3,
        "segment_steps": 1,
        "sequence_length": 64,
        "batch_sequences": 1,
        "leaf_sequences": 1,
        "validate_every_segments": 10,
        "schedule": {"warmup_steps": 0, "decay_steps": 0},
    },
    "tokens": {"validation_share": "0.0001"},
}


def make_release(folder: Path, out: Path, *, document_bytes: int) -> None:
    """Build the release, with its sources and its work in `folder`."""
    folder.mkdir(parents=True)
    write_documents(folder / "documents.jsonl", document_bytes)
    threads = len(os.sched_getaffinity(0))
    setting = Setting(
        base=folder,
        work=folder / "work",
        effort=Effort(num_threads=threads, leaves_at_once=1),
        with_checkpoints=True,
    )
    build(Recipe.model_validate(RECIPE), setting=setting, out=out)


def write_documents(path: Path, num_bytes: int) -> None:
    """Documents of about 4 kB of words."""
    draw = random.Random(0)
    words = [f"{word:x}" for word in range(1000, 60_000, 7)]
    with path.open("w") as file:
        for number in range(num_bytes // 4000):
            text = " ".join(draw.choices(words, k=WORDS_A_DOCUMENT))
            file.write(json.dumps({"text": text, "id": number}) + "\n")


def timed(run: Callable[[], None]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def hasher(command: list[str], files: list[Path], threads: int) -> Callable[[], None]:
    """Hash the files, so many at a time."""
    names = b"\0".join(os.fsencode(path) for path in files)

    def run() -> None:
        xargs = ["xargs", "-0", "-P", str(threads), "-n", "1", *command]
        subprocess.run(xargs, input=names, stdout=subprocess.DEVNULL, check=True)

    return run


def verifier(release: Path, threads: int) -> Callable[[], None]:
    def run() -> None:
        command = [sys.executable, "-m", "glasswright.cli", "verify", str(release), "--threads", str(threads), "--json"]
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--document-bytes", type=int, default=20_000_000)
    parser.add_argument("--folder", type=Path, help="where to make the release (default: a temporary folder)")
    parser.add_argument("--release", type=Path, help="a release that is there, in the place of one made here")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(dir=options.folder))
    try:
        release = options.release or folder / "release"
        if options.release is None:
            make_release(folder / "stages", release, document_bytes=options.document_bytes)
            shutil.rmtree(folder / "stages")
        files = sorted((path for path in release.rglob("*") if path.is_file()), key=lambda path: -path.stat().st_size)
        num_bytes = sum(path.stat().st_size for path in files)
        print(f"{num_bytes / 1e9:.2f} GB in {len(files)} files, {options.threads} threads, {options.runs} runs")
        ours = verifier(release, options.threads)
        rivals = {"sha256sum": ["sha256sum"], "openssl dgst": ["openssl", "dgst", "-sha256"]}
        for name, command in rivals.items():
            if shutil.which(command[0]) is None:
                print(f"{name}: did not run: not installed")
                continue
            rival = hasher(command, files, options.threads)
            ours(), rival()
            times = [(timed(rival), timed(ours)) for _ in range(options.runs)]
            ratio = statistics.median(theirs / mine for theirs, mine in times)
            theirs, mine = (statistics.median(column) for column in zip(*times, strict=True))
            print(
                f"{name}: {num_bytes / theirs / 1e6:.0f} MB/s   verify: {num_bytes / mine / 1e6:.0f} MB/s   "
                f"median ratio {ratio:.2f}"
            )
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
