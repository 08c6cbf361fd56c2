"""How fast each pair of channels turns, for the texts trained on and for longer ones.

    f[i]      theta ** (-2 i / size)                                       i below size / 2
    linear    f / factor
    llama3    f / factor where a wave is long, f where it is short, between them a mean of both
    yarn      the same by the place i of a pair, and a factor on cosines and sines

Computed in 60-digit decimals and rounded to binary32 once. Sources: Su et al. 2021, section 3.2.2; Chen et al. 2023
(linear); Llama team 2024, section 3.4.3 and its code (llama3); Peng et al. 2023, sections 3.2 to 3.4 (yarn).
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from fractions import Fraction

from glasswright.kernels.rounding import PRECISION, nearest_binary32, power
from glasswright.records.model import Scaling

PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494")
HAIR = Decimal("0.001")  # the width of yarn's ramp where it would have none


def frequencies(theta: Decimal, size: int, scaling: Scaling | None) -> tuple[tuple[float, ...], float]:
    """Radians a position for each pair of `size` channels, and the factor on cosines and sines."""
    with localcontext() as context:
        context.prec = PRECISION
        plain = [power(theta, Fraction(-2 * i, size)) for i in range(size // 2)]
        if scaling is None:
            scaled, factor = plain, Decimal(1)
        elif scaling.kind == "linear":
            scaled, factor = [f / scaling.factor for f in plain], Decimal(1)
        elif scaling.kind == "llama3":
            scaled, factor = [_between(f, scaling, _llama3_share(f, scaling)) for f in plain], Decimal(1)
        else:
            shares = _yarn_shares(theta, size, scaling)
            scaled = [_between(f, scaling, share) for f, share in zip(plain, shares, strict=True)]
            factor = _yarn_factor(scaling)
        return tuple(map(nearest_binary32, scaled)), nearest_binary32(factor)


def _between(f: Decimal, scaling: Scaling, kept: Decimal) -> Decimal:
    """The mean of a frequency and the slowed one, weighted by how much of it is kept."""
    return f * kept + f / scaling.factor * (1 - kept)


def _clamped(value: Decimal) -> Decimal:
    return min(max(value, Decimal(0)), Decimal(1))


def _llama3_share(f: Decimal, scaling: Scaling) -> Decimal:
    """How much of a frequency is kept, by how many waves a text of the original length holds."""
    num_waves = scaling.original_max_position_embeddings * f / (2 * PI)
    low, high = scaling.low_freq_factor, scaling.high_freq_factor
    return _clamped((num_waves - low) / (high - low))


def _yarn_shares(theta: Decimal, size: int, scaling: Scaling) -> list[Decimal]:
    """How much of each frequency is kept: a ramp between the pairs that turn beta_fast and beta_slow times."""

    def place(num_turns: Decimal) -> Decimal:
        waves = scaling.original_max_position_embeddings / (num_turns * 2 * PI)
        return size * waves.ln() / (2 * theta.ln())

    low, high = place(scaling.beta_fast), place(scaling.beta_slow)
    if scaling.truncate:
        low, high = low.to_integral_value(ROUND_FLOOR), high.to_integral_value(ROUND_CEILING)
    low, high = max(low, Decimal(0)), min(high, Decimal(size - 1))
    if low == high:
        high += HAIR
    return [1 - _clamped((i - low) / (high - low)) for i in range(size // 2)]


def _yarn_factor(scaling: Scaling) -> Decimal:
    if scaling.attention_factor:
        return scaling.attention_factor
    if scaling.mscale and scaling.mscale_all_dim:
        return _mscale(scaling.factor, scaling.mscale) / _mscale(scaling.factor, scaling.mscale_all_dim)
    return _mscale(scaling.factor, Decimal(1))


def _mscale(factor: Decimal, weight: Decimal) -> Decimal:
    return Decimal("0.1") * weight * factor.ln() + 1 if factor > 1 else Decimal(1)
