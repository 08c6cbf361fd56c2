"""merge-linear, merge-slerp: several checkpoints of one shape become one, as mergekit means it.

    linear    child = n[0] a[0] + n[1] a[1] + ...      n = weights / their sum, exact and rounded once to binary32
    slerp     child = s[0] a + s[1] b                  s = sin((1 - t) angle) / sin(angle), sin(t angle) / sin(angle)

The sum is a matrix product of version 1 (docs/numerics.md, rule 3) of one row with the parents' numbers: a chain of
fused multiply-adds from +0 in the order of the parents. The angle is that between the two tensors, all their numbers
taken as one vector: its cosine follows from three sums in binary64, each over the aligned binary tree; from there on
60-digit decimals, and one rounding to binary32. Tensors that are nearly parallel (|cosine| above 0.9995) are merged
linearly, as there.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np

from glasswright import kernels
from glasswright.errors import Misuse
from glasswright.kernels.rounding import PRECISION, nearest_binary32
from glasswright.lineage.copied import is_plain, taken_over
from glasswright.lineage.derived import Derivation, Derived
from glasswright.lineage.stored import Stored
from glasswright.model.rotary_frequencies import PI

PARALLEL = Decimal("0.9995")  # mergekit's DOT_THRESHOLD
COSINE_MOVES = Decimal(2) ** -18  # by which sums in binary32, in whatever order, are taken to move a cosine
PIECE = 2**20  # numbers merged at a time
NEWTON_STEPS = 14  # from pi/2 - cosine to beyond 60 digits
MAX_PARENTS = 32


def linear(parents: Sequence[Stored], weights: Sequence[Decimal]) -> Derivation:
    """The weighted mean of every tensor.

    Raises:  Misuse if there is not one weight for each parent, or if they add up to nothing.
    """
    if len(weights) != len(parents) or not 2 <= len(parents) <= MAX_PARENTS:
        raise Misuse(
            f"{len(parents)} models and {len(weights)} weights: expected one for each", hint="--linear 0.3,0.7"
        )
    total = sum(map(Fraction, weights))
    if not total:
        raise Misuse(f"weights {', '.join(map(str, weights))}: they add up to nothing", hint="--linear 0.3,0.7")
    shares = tuple(nearest_binary32(Fraction(weight) / total) for weight in weights)

    def factors(name: str) -> tuple[tuple[float, ...], float]:  # noqa: ARG001
        return shares, 0.0

    parameters = {"weights": ",".join(map(str, weights))}
    words = f"the mean of the parents with the weights {parameters['weights']}, by docs/lineage.md"
    return Derivation(
        kind="merge-linear", tensors=_tensors(parents, factors), words=words, parameters=parameters,
        is_optional=parents[0].is_unused,
    )  # fmt: skip


def slerp(parents: Sequence[Stored], t: Decimal) -> Derivation:
    """The point at `t` of the arc from the first parent to the second, tensor by tensor.

    Raises:  Misuse if there are not two parents.
    """
    if len(parents) != 2:
        raise Misuse(f"{len(parents)} models: slerp is between two", hint="name two models")

    def factors(name: str) -> tuple[tuple[float, ...], float]:
        a, b = (parent.numbers(parent.find(name) or name) for parent in parents)
        return _on_the_arc(a, b, t)

    words = f"on the arc between the parents at {t}, by docs/lineage.md"
    return Derivation(
        kind="merge-slerp", tensors=_tensors(parents, factors), words=words, parameters={"t": str(t)},
        is_optional=parents[0].is_unused,
    )  # fmt: skip


Factors = Callable[[str], tuple[tuple[float, ...], float]]  # of a tensor: a factor a parent, and how sure they are


def _tensors(parents: Sequence[Stored], factors: Factors) -> dict[str, Derived]:
    """What all parents have, in one shape; numbers that are no floats are the first parent's."""
    first, tensors = parents[0], {}
    for name, tensor in first.tensors.items():
        names = [parent.find(name) for parent in parents]
        if any(
            it is None or parent.tensors[it].shape != tensor.shape for parent, it in zip(parents, names, strict=True)
        ):
            raise Misuse(
                f"{first.where(name)}: not in every parent, or in another shape", hint="merge models of one shape"
            )
        if is_plain(first, name):
            tensors[name] = _mean(parents, [it or name for it in names], name, factors)
        else:
            tensors[name] = taken_over(first, name)
    return tensors


def _mean(parents: Sequence[Stored], names: Sequence[str], name: str, factors: Factors) -> Derived:
    shape = parents[0].tensors[name].shape

    def rows() -> list[np.ndarray]:
        return [parent.numbers(it).reshape(-1) for parent, it in zip(parents, names, strict=True)]

    def numbers() -> np.ndarray:
        return _product(np.array([factors(name)[0]], np.float32), rows()).reshape(shape)

    def slack(unit: float) -> np.ndarray:
        shares, moves = factors(name)
        most = _product(np.abs(np.array([shares], np.float32)), [np.abs(row) for row in rows()])
        ends = _product(np.ones((1, len(shares)), np.float32), [np.abs(row) for row in rows()])
        return np.asarray((len(shares) + 3) * unit * most + moves * ends, np.float32).reshape(shape)

    return Derived(shape=shape, numbers=numbers, slack=slack)


def _product(shares_1P: np.ndarray, rows: Sequence[np.ndarray]) -> np.ndarray:
    """One row of factors times the parents' rows, P of them."""
    out = np.empty((1, len(rows[0])), np.float32)
    for begin in range(0, out.shape[1], PIECE):
        piece_PN = np.stack([row[begin : begin + PIECE] for row in rows])
        part = np.empty((1, piece_PN.shape[1]), np.float32)
        kernels.active().matmul_nn(shares_1P, piece_PN, part)
        out[:, begin : begin + PIECE] = part
    return out


def _on_the_arc(a: np.ndarray, b: np.ndarray, t: Decimal) -> tuple[tuple[float, ...], float]:
    """The factors of the two, and how far a cosine that was summed otherwise may move them."""
    with localcontext() as context:
        context.prec = PRECISION
        dot, square = Decimal(_dot(a, b)), Decimal(_dot(a, a)) * Decimal(_dot(b, b))
        cosine = dot / square.sqrt() if square else Decimal(0)
        factors = _arc(cosine, t)
        around = [_arc(cosine + move, t) for move in (-COSINE_MOVES, COSINE_MOVES)]
        moves = max(abs(it - factor) for ends in around for it, factor in zip(ends, factors, strict=True))
    return tuple(map(nearest_binary32, factors)), float(moves)


def _arc(cosine: Decimal, t: Decimal) -> tuple[Decimal, Decimal]:
    if abs(cosine) > PARALLEL:
        return 1 - t, t
    angle = _arc_cosine(cosine)
    whole = _sine(angle)
    return _sine((1 - t) * angle) / whole, _sine(t * angle) / whole


def _dot(a: np.ndarray, b: np.ndarray) -> float:
    """The sum of products in binary64, where each product is exact, over the aligned binary tree."""
    sums: list[np.float64] = []
    flat_a, flat_b = a.reshape(-1), b.reshape(-1)
    for begin in range(0, len(flat_a), PIECE):
        piece = slice(begin, begin + PIECE)
        sums.append(_tree(flat_a[piece].astype(np.float64) * flat_b[piece].astype(np.float64)))
    return float(_tree(np.array(sums, np.float64) if sums else np.zeros(1)))


def _tree(terms: np.ndarray) -> np.float64:
    """Neighbours added until one is left; the last of an odd number passes through."""
    while len(terms) > 1:
        joined = terms[: len(terms) // 2 * 2 : 2] + terms[1::2]
        terms = np.append(joined, terms[-1:]) if len(terms) % 2 else joined
    return np.float64(terms[0])


def _sine(x: Decimal) -> Decimal:
    """By its series, to the precision of the context; |x| at most pi."""
    term, total, n = x, x, 1
    while abs(term) > Decimal(10) ** -(PRECISION + 5):
        n += 2
        term = -term * x * x / (n * (n - 1))
        total += term
    return total


def _arc_cosine(cosine: Decimal) -> Decimal:
    """By Newton's steps from pi/2 - cosine; |cosine| at most 0.9995."""
    half_pi = PI / 2
    angle = half_pi - cosine
    for _ in range(NEWTON_STEPS):
        angle += (_sine(half_pi - angle) - cosine) / _sine(angle)
    return angle
