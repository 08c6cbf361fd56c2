"""A loss curve as plain text, for the terminal.

5.9 |*
    | **
    |   ****
3.4 |       ********
     0         350 steps
"""

from collections.abc import Sequence
from math import isfinite


def text_plot(losses: Sequence[float], *, num_steps: int, width: int = 60, height: int = 12) -> list[str]:
    """The losses so far against all the steps there will be: one column is the mean of the steps that fall in it."""
    columns = _column_means(losses, num_steps, width)
    low, high = _range([mean for mean in columns if mean is not None])
    rows = [[" "] * width for _ in range(height)]
    for column, mean in enumerate(columns):
        if mean is not None:
            rows[round((high - mean) / (high - low) * (height - 1))][column] = "*"
    labels = {0: f"{high:.2f}", height - 1: f"{low:.2f}"}
    lines = [f"{labels.get(number, ''):>7} |{''.join(row)}".rstrip() for number, row in enumerate(rows)]
    return [*lines, f"{'nats':>7}  0{f'{num_steps:,} steps':>{width - 1}}"]


def _column_means(losses: Sequence[float], num_steps: int, width: int) -> list[float | None]:
    columns: list[list[float]] = [[] for _ in range(width)]
    for step, loss in enumerate(losses):
        if isfinite(loss):
            columns[min(step * width // num_steps, width - 1)].append(loss)
    return [sum(column) / len(column) if column else None for column in columns]


def _range(means: Sequence[float]) -> tuple[float, float]:
    """Lowest and highest, a little apart even where they are one."""
    low, high = min(means, default=0.0), max(means, default=1.0)
    return low, max(high, low + 0.01)
