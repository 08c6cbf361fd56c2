"""One table of final roots, all equal: the same recipe under every circumstance that must not matter.

    python benchmarks/roots.py [--steps 60] [--kills 20] [--generic-steps 60]

Each row is a build in processes of its own, in its own folder, from the documentation that came with this Python; the
recipe is `tiny` with fewer steps. The last rows are sabotage: what must change the root, and does.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from glasswright.kernels import native
from glasswright.recipe import load, write_resolved
from glasswright.records.recipe import Recipe

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--kills", type=int, default=20)
    arguments = parser.parse_args()
    recipe = shortened(arguments.steps)
    widest = native().active_isa()
    with tempfile.TemporaryDirectory(prefix="glasswright-roots-") as folder:
        table = Table(Path(folder), recipe)
        for threads in (1, 2, 3):
            table.row(f"{threads} threads, {widest}", threads=threads)
        for isa in native().supported_isas():
            if isa != widest:
                table.row(f"2 threads, {isa}", GLASSWRIGHT_KERNELS=isa)
        table.row("leaves one at a time", flags=["--leaves-at-once", "1"])
        table.row("leaves two at a time", flags=["--leaves-at-once", "2"])
        table.row("activations computed again", flags=["--recompute"])
        table.row("PYTHONHASHSEED=1, TZ=Asia/Kathmandu, LC_ALL=C", PYTHONHASHSEED="1", TZ="Asia/Kathmandu", LC_ALL="C")
        table.row("OPENBLAS_CORETYPE=Haswell, PYTHONHASHSEED=2", OPENBLAS_CORETYPE="Haswell", PYTHONHASHSEED="2")
        table.row("working directory with a space", place="some where else")
        table.row(f"killed {arguments.kills} times at random, resumed", kills=arguments.kills)
        table.sabotage("another seed", recipe.model_copy(update={"seed": recipe.seed + 1}))
        table.sabotage(
            "leaves of one sequence instead of two",
            recipe.model_copy(update={"train": recipe.train.model_copy(update={"leaf_sequences": 1})}),
        )
    sys.exit(0 if table.is_right else 1)


def kill_after(moments: random.Random, folder: Path) -> float:
    """Seconds until a build is killed: anywhere in the stages before training, then within its first steps."""
    is_training = any((folder / ".glasswright").glob("train-*"))
    return moments.uniform(1.5, 4) if is_training else moments.uniform(1, 12)


def shortened(num_steps: int) -> Recipe:
    resolved = load(ROOT / "recipes" / "tiny.yaml").resolved()
    schedule = {"warmup_steps": num_steps // 6, "decay_steps": num_steps // 3}
    resolved["train"] |= {"num_steps": num_steps, "segment_steps": max(1, num_steps // 6), "schedule": schedule}
    return Recipe.model_validate(resolved)


class Table:
    """Prints a row per build and remembers whether each was as it must be."""

    def __init__(self, folder: Path, recipe: Recipe):
        self.folder, self.recipe, self.expected, self.is_right = folder, recipe, "", True
        print(f"{'circumstance':<48} {'release root':<64} seconds")

    def row(self, name: str, *, threads: int = 2, flags: list[str] | None = None, **circumstances: object) -> None:
        root = self._build(name, self.recipe, ["--threads", str(threads), *(flags or [])], **circumstances)
        self.expected = self.expected or root
        self.is_right &= root == self.expected

    def sabotage(self, name: str, recipe: Recipe) -> None:
        root = self._build(f"must differ: {name}", recipe, ["--threads", "2"])
        self.is_right &= root != self.expected

    def _build(
        self, name: str, recipe: Recipe, flags: list[str], *, place: str = "", kills: int = 0, **environment: str
    ) -> str:
        folder = Path(tempfile.mkdtemp(dir=self.folder)) / place
        folder.mkdir(exist_ok=True)
        (folder / "recipe.yaml").write_text(write_resolved(recipe))
        command = [sys.executable, "-m", "glasswright.cli", "build", "recipe.yaml", "--out", "release", *flags]
        started, moments, killed = time.perf_counter(), random.Random(7), 0
        while not (folder / "release").exists():
            process = subprocess.Popen(
                command, cwd=folder, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
            )
            try:
                _, words = process.communicate(timeout=kill_after(moments, folder) if killed < kills else None)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                killed += 1
                continue
            if process.returncode:
                sys.exit(f"{name}: exit {process.returncode}: {words.decode()}")
        root = json.loads((folder / "release" / "release.json").read_bytes())["root"]
        name += f" ({killed} kills)" if kills else ""
        print(f"{name:<48} {root:<64} {time.perf_counter() - started:7.1f}", flush=True)
        return root


if __name__ == "__main__":
    main()
