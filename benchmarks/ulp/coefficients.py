"""Where the polynomials of kernels/elementary.py come from; prints each coefficient as a hex float.

    exp(r)   = 1 + r + r^2 P(r)           |r| <= ln(2)/2
    log(1+f) = f - f^2/2 + f^3 P(f)       sqrt(1/2) - 1 <= f <= sqrt(2) - 1
    sin(r)   = r + r^3 P(r^2)             |r| <= pi/4
    cos(r)   = 1 - r^2/2 + r^4 P(r^2)     |r| <= pi/4
    tanh(x)  = x + x^3 P(x^2)             |x| <= 5/8
    erf(x)   = x + x P(x^2)               |x| <= 7/8
    erf(x)   = 1 - exp(-x + x P(x))       7/8 <= x <= 4

P is the minimax polynomial for the error relative to the whole function (Remez exchange, 60 digits). Coefficients are
then rounded to binary32 one after the other, lowest power first, and the rest fitted again after each.

    python benchmarks/ulp/coefficients.py
"""

from collections.abc import Callable
from dataclasses import dataclass

import mpmath
from mpmath import mpf

mpmath.mp.dps = 60
NUM_SAMPLES = 400

Real = Callable[[mpf], mpf]


@dataclass(frozen=True, kw_only=True)
class Fit:
    """Find P of `degree` so that head(t) + weight(t) P(t) is near target(t) on [low, high].

    The error is taken relative to the target, or to what is given: where the target is on its way to a function, by how
    much it may be off.
    """

    name: str
    target: Real
    head: Real
    weight: Real
    low: mpf
    high: mpf
    degree: int
    relative_to: Real | None = None

    def unit(self, t: mpf) -> mpf:
        return (self.relative_to or self.target)(t)


def to_binary32(value: mpf) -> float:
    """Round to nearest binary32: 24 significant bits (no coefficient is subnormal)."""
    with mpmath.workprec(24):
        return float(+value)


def remez(fit: Fit, fixed: list[float]) -> tuple[list[mpf], mpf]:
    """The minimax coefficients above the fixed ones, and the largest relative error."""
    first = len(fixed)
    num_free = fit.degree + 1 - first

    def wanted(t: mpf) -> mpf:
        done = fit.head(t) + fit.weight(t) * sum(c * t**i for i, c in enumerate(fixed))
        return (fit.target(t) - done) / fit.unit(t)

    def basis(t: mpf, i: int) -> mpf:
        return fit.weight(t) * t ** (first + i) / fit.unit(t)

    def chebyshev(k: int, n: int) -> mpf:
        return (fit.low + fit.high) / 2 - (fit.high - fit.low) / 2 * mpmath.cos(mpmath.pi * (2 * k + 1) / (2 * n))

    samples = [chebyshev(k, NUM_SAMPLES) for k in range(NUM_SAMPLES)]
    points = [chebyshev(k, num_free + 1) for k in range(num_free + 1)]
    for _ in range(8):
        rows = [[basis(t, i) for i in range(num_free)] + [mpf(-1) ** k] for k, t in enumerate(points)]
        *free, _level = mpmath.lu_solve(mpmath.matrix(rows), mpmath.matrix([wanted(t) for t in points]))
        errors = [wanted(t) - sum(c * basis(t, i) for i, c in enumerate(free)) for t in samples]
        points = alternating_peaks(samples, errors, num_free + 1)
    return free, max(abs(e) for e in errors)


def alternating_peaks(samples: list[mpf], errors: list[mpf], num_points: int) -> list[mpf]:
    """The largest error of each run of one sign; the runs with the smallest peaks at the ends are dropped."""
    peaks: list[tuple[mpf, mpf]] = []
    for t, e in zip(samples, errors, strict=True):
        if peaks and (e > 0) == (peaks[-1][1] > 0):
            if abs(e) > abs(peaks[-1][1]):
                peaks[-1] = (t, e)
        else:
            peaks.append((t, e))
    while len(peaks) > num_points:
        peaks.pop(0 if abs(peaks[0][1]) < abs(peaks[-1][1]) else -1)
    if len(peaks) < num_points:
        raise ArithmeticError(f"{len(peaks)} alternations where {num_points} are needed: raise NUM_SAMPLES")
    return [t for t, _ in peaks]


def coefficients(fit: Fit) -> tuple[list[float], mpf]:
    """The binary32 coefficients of P, lowest power first, and the relative error that is left."""
    fixed: list[float] = []
    while len(fixed) <= fit.degree:
        free, _ = remez(fit, fixed)
        fixed.append(to_binary32(free[0]))
    return fixed, max_error(fit, fixed)


def max_error(fit: Fit, fixed: list[float]) -> mpf:
    """The largest relative error of the rounded polynomial on an even grid."""
    worst = mpf(0)
    for k in range(2 * NUM_SAMPLES):
        t = fit.low + (fit.high - fit.low) * (2 * k + 1) / (4 * NUM_SAMPLES)
        value = fit.head(t) + fit.weight(t) * sum(c * t**i for i, c in enumerate(fixed))
        worst = max(worst, abs((value - fit.target(t)) / fit.unit(t)))
    return worst


# Functions of one sign of symmetry are fitted in t = r^2, where they are analytic; 1e-3 keeps 0/0 out.
TINY = mpf("1e-3")
FITS = [
    Fit(name="EXP", target=mpmath.exp, head=lambda r: 1 + r, weight=lambda r: r**2,
        low=-mpmath.log(2) / 2, high=mpmath.log(2) / 2, degree=4),
    Fit(name="LOG", target=lambda f: mpmath.log1p(f), head=lambda f: f - f**2 / 2, weight=lambda f: f**3,
        low=mpmath.sqrt(mpf(1) / 2) - 1, high=mpmath.sqrt(2) - 1, degree=7),
    Fit(name="SIN", target=lambda t: mpmath.sin(mpmath.sqrt(t)), head=lambda t: mpmath.sqrt(t),
        weight=lambda t: t * mpmath.sqrt(t), low=TINY**2, high=(mpmath.pi / 4) ** 2, degree=2),
    Fit(name="COS", target=lambda t: mpmath.cos(mpmath.sqrt(t)), head=lambda t: 1 - t / 2, weight=lambda t: t**2,
        low=TINY**2, high=(mpmath.pi / 4) ** 2, degree=2),
    Fit(name="TANH", target=lambda t: mpmath.tanh(mpmath.sqrt(t)), head=lambda t: mpmath.sqrt(t),
        weight=lambda t: t * mpmath.sqrt(t), low=TINY**2, high=mpf("0.625") ** 2, degree=4),
    Fit(name="ERF", target=lambda t: mpmath.erf(mpmath.sqrt(t)), head=lambda t: mpmath.sqrt(t),
        weight=lambda t: mpmath.sqrt(t), low=TINY**2, high=mpf("0.875") ** 2, degree=6),
    Fit(name="ERF_TAIL", target=lambda x: mpmath.log(mpmath.erfc(x)), head=lambda x: -x, weight=lambda x: x,
        low=mpf("0.875"), high=mpf(4), degree=5, relative_to=lambda x: mpmath.erf(x) / mpmath.erfc(x)),
]  # fmt: skip


def print_constants() -> None:
    """Numbers that are split in two so that a product with a small integer is exact, or to carry more bits."""
    log2_high = mpf("0.693359375")  # 355/512: nine bits, so that n * LN2_HIGH is exact for every exponent n
    half_pi_high = to_binary32(mpmath.pi / 2)
    constants = {
        "LOG2_E": 1 / mpmath.log(2),
        "LN2_HIGH": log2_high,
        "LN2_LOW": mpmath.log(2) - log2_high,
        "HALF_PI_HIGH": mpf(half_pi_high),
        "HALF_PI_LOW": mpmath.pi / 2 - half_pi_high,
    }
    for name, value in constants.items():
        print(f"{name} = {to_binary32(value).hex()}")


def print_two_over_pi() -> None:
    """The bits of 2/pi in words of 32, after eight words of zeros: enough for every binary32 exponent."""
    with mpmath.workprec(400):
        digits = int(mpmath.floor(2 / mpmath.pi * mpf(2) ** 288))
    words = [digits >> (32 * k) & 0xFFFFFFFF for k in reversed(range(9))]
    print("TWO_OVER_PI =", ", ".join(f"0x{word:08X}" for word in words))


def main() -> None:
    for fit in FITS:
        fitted, error = coefficients(fit)
        print(f"{fit.name} = {', '.join(c.hex() for c in fitted)}   # relative error {mpmath.nstr(error, 3)}")
    print_constants()
    print_two_over_pi()


if __name__ == "__main__":
    main()
