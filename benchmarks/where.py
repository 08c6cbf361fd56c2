"""Where a training step's time goes: by kernel, and what is between kernels, Python and torch.

    python benchmarks/where.py 29M [--numerics 2] [--optimizer muon] [--steps 3]

One thread, and the time of that thread, so that other work on the machine counts little.
"""

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
os.environ["OMP_NUM_THREADS"] = "1"  # torch's own threads would look for work, as they may not in a build

from glasswright.kernels.backends import cpu
from glasswright.records.recipe import Recipe
from glasswright.train.effort import Effort
from glasswright.train.probe import write_tokens
from glasswright.train.trainer import Trainer
from shapes import SHAPES, recipe_of


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("--numerics", type=int, default=1)
    parser.add_argument("--optimizer", default="adamw")
    parser.add_argument("--steps", type=int, default=3)
    arguments = parser.parse_args()
    resolved = recipe_of(arguments.shape, optimizer=arguments.optimizer).resolved()
    recipe = Recipe.model_validate({**resolved, "numerics": arguments.numerics})
    spent = watch_kernels()
    with tempfile.TemporaryDirectory() as folder:
        write_tokens(Path(folder), recipe, num_steps=arguments.steps + 1)
        trainer = Trainer(recipe, Path(folder), Effort(num_threads=1, leaves_at_once=1))
        trainer.step(1)
        spent.clear()
        started = time.thread_time()
        for step in range(2, arguments.steps + 2):
            trainer.step(step)
        total = time.thread_time() - started
    print(f"{arguments.shape}: {1000 * total / arguments.steps:.1f} ms a step")
    spent["between kernels"] = total - sum(spent.values())
    for name, seconds in spent.most_common():
        print(f"{name:36} {1000 * seconds / arguments.steps:8.1f} ms {seconds / total:6.1%}")


def watch_kernels() -> Counter[str]:
    """Seconds by kernel, from now on."""
    spent: Counter[str] = Counter()
    lent = cpu._lent

    def timed(twin, *rest):
        started = time.thread_time()
        answer = lent(twin, *rest)
        spent[twin.__name__] += time.thread_time() - started
        return answer

    cpu._lent = timed
    return spent


if __name__ == "__main__":
    main()
