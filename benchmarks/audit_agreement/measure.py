"""Agreement in numbers: macro-F1, weighted kappa, coverage, and the two baselines.

macro-F1   the mean of F1 over the classes that occur among labels or answers of a dimension
kappa      1 - sum(w * observed) / sum(w * expected),  w = |i - j| over closed, partial, open
coverage   answers other than unknown, over labels
"""

from collections import Counter
from dataclasses import dataclass

ORDER = ("closed", "partial", "open")


@dataclass(frozen=True, slots=True)
class Cell:
    """One label and our answer to it."""

    model: str
    dimension: str
    label: str
    ours: str

    @property
    def judged(self) -> bool:
        """We answered."""
        return self.ours != "unknown"


def macro_f1(cells: list[Cell]) -> float:
    """Over the judged cells; 0 if there is none."""
    pairs = [(c.label, c.ours) for c in cells if c.judged]
    classes = {name for pair in pairs for name in pair}
    return sum(_f1(pairs, name) for name in classes) / len(classes) if classes else 0.0


def weighted_kappa(cells: list[Cell]) -> float:
    """Linear weights; 1 where every cell agrees and only one class occurs."""
    pairs = [(ORDER.index(c.label), ORDER.index(c.ours)) for c in cells if c.judged]
    labels, ours = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    observed = sum(abs(a - b) for a, b in pairs) / max(1, len(pairs))
    expected = sum(labels[a] * ours[b] * abs(a - b) for a in range(3) for b in range(3)) / max(1, len(pairs) ** 2)
    return 1.0 - observed / expected if expected else float(observed == 0)


def coverage(cells: list[Cell]) -> float:
    """The share of labels that we answer."""
    return sum(c.judged for c in cells) / len(cells) if cells else 0.0


def majority(cells: list[Cell]) -> list[Cell]:
    """The baseline that always answers a dimension's most common label."""
    common = Counter(c.label for c in cells).most_common(1)[0][0]
    return [Cell(c.model, c.dimension, c.label, common) for c in cells]


def license_only(cells: list[Cell], weights_open: dict[str, bool]) -> list[Cell]:
    """The baseline that looks at nothing but the license tag: open where it is open, closed where it is not."""
    return [Cell(c.model, c.dimension, c.label, "open" if weights_open.get(c.model) else "closed") for c in cells]


def _f1(pairs: list[tuple[str, str]], name: str) -> float:
    hit = sum(a == b == name for a, b in pairs)
    wrong = sum((a == name) != (b == name) for a, b in pairs)
    return 2 * hit / (2 * hit + wrong) if hit else 0.0
